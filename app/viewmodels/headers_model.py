"""Header fields as a two-column model: order, duplicates and case as they are; editable for replay."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.domain.exchange import Headers
from app.viewmodels.plain_tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class HeadersModel(QAbstractTableModel):
    """Rows of (name, value); `edited` follows every change by the user. trims: white space around both means nothing"""

    edited = Signal()

    def __init__(self, parent: QObject | None = None, *, editable: bool = False, trims: bool = True) -> None:
        super().__init__(parent)
        self._editable = editable
        self._trims = trims
        self._rows: list[tuple[str, str]] = []

    @property
    def headers(self) -> Headers:
        return tuple(self._rows)

    def set_headers(self, headers: Headers) -> None:
        """Replace all rows; does nothing if they are the same, so that a selection survives live updates."""
        if tuple(self._rows) == headers:
            return
        self.beginResetModel()
        self._rows = list(headers)
        self.endResetModel()

    def add_row(self) -> int:
        """Append an empty header and return its row."""
        row = len(self._rows)
        self.beginInsertRows(_NO_PARENT, row, row)
        self._rows.append(("", ""))
        self.endInsertRows()
        self.edited.emit()
        return row

    def remove_row(self, row: int) -> None:
        self.beginRemoveRows(_NO_PARENT, row, row)
        del self._rows[row]
        self.endRemoveRows()
        self.edited.emit()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name, value = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return value if index.column() else name
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(value) if len(value) > 60 and index.column() else None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{name}: {value}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not self._editable or not index.isValid():
            return False
        pair = self._rows[index.row()]
        text = str(value).strip() if self._trims else str(value)
        changed = (pair[0], text) if index.column() else (text, pair[1])
        if changed != pair:
            self._rows[index.row()] = changed
            self.dataChanged.emit(index, index)
            self.edited.emit()
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self._editable and index.isValid() else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.tr("Value") if section else self.tr("Name")
        return None
