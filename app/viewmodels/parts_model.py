"""A table of the overview as a model: name, value (masked until it is wanted), and what is to be known of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.viewmodels.message_parts import MASK, PartLine
from app.viewmodels.plain_tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_TIP_FROM = 24  # characters; shorter texts are hardly ever elided


class PartsModel(QAbstractTableModel):
    """Three columns. `revealed` is False again for every new table."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[PartLine, ...] = ()
        self._revealed = False

    @property
    def lines(self) -> tuple[PartLine, ...]:
        return self._lines

    @property
    def revealed(self) -> bool:
        return self._revealed

    def set_lines(self, lines: tuple[PartLine, ...]) -> None:
        """Replace the table; does nothing if it is the same, so that a selection survives live updates."""
        if lines == self._lines:
            return
        self.beginResetModel()
        self._lines = lines
        self._revealed = False
        self.endResetModel()

    def reveal(self, wanted: bool) -> None:
        """Show the secrets, or mask them again."""
        if wanted == self._revealed:
            return
        self._revealed = wanted
        if self._lines:
            self.dataChanged.emit(self.index(0, 1), self.index(len(self._lines) - 1, 1))

    def shown(self, index: Index) -> str:
        """The text of a cell as it is shown; in full, however narrow its column."""
        line = self._lines[index.row()]
        match index.column():
            case 0:
                return line.name
            case 1:
                return line.value if self._revealed or not line.secret else MASK
        return line.detail

    def masked(self, index: Index) -> bool:
        """Whether the cell hides its value."""
        return index.column() == 1 and self._lines[index.row()].secret and not self._revealed

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        text = self.shown(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(text) if len(text) > _TIP_FROM else None
            case Qt.ItemDataRole.AccessibleTextRole:
                name = self._lines[index.row()].name
                return f"{name}: {self.tr('masked') if self.masked(index) else text}"
        return None
