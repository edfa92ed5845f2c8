"""Rows of exchanges as a table model, newest first: what views ask, and rows that come, change and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.viewmodels.exchange_columns import RIGHT, TIPS, TITLES, Column, Role, sort_value, tool_tip
from app.viewmodels.exchange_ring import row_key
from app.viewmodels.exchange_row import ExchangeRow
from app.viewmodels.exchange_visible import VisibleRows
from app.viewmodels.plain_tip import plain_tip

Index = QModelIndex | QPersistentModelIndex

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALIGNMENT = tuple(_RIGHT if column in RIGHT else _LEFT for column in Column)
NO_PARENT = QModelIndex()


class ExchangeRowsModel(QAbstractTableModel):
    """Which rows there are is for the subclass to decide; model row 0 is the last of the visible ones."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._visible = VisibleRows()

    def at(self, row: int) -> ExchangeRow:
        """The row as the delegate paints it."""
        return self._visible.rows[-1 - row]

    # -- QAbstractTableModel -----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._visible)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._visible.rows[-1 - index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.accessible
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENT[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            tip = tool_tip(row.exchange, index.column())
            return None if tip is None else plain_tip(tip)
        if role == Role.SORT:
            return sort_value(row.exchange, index.column())
        if role == Role.EXCHANGE_ID:
            return row.exchange.id
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tr(TITLES[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENT[section]
        if role == Qt.ItemDataRole.ToolTipRole and (tip := TIPS.get(Column(section))) is not None:
            return self.tr(tip)
        return None

    # -- for subclasses ----------------------------------------------------------------------------------------------

    def _insert(self, rows: Sequence[ExchangeRow]) -> None:
        """Show these, which are sorted: one signal per gap that they fill, normally just one."""
        for position, group in self._visible.gaps(rows):
            first = len(self._visible) - position
            self.beginInsertRows(NO_PARENT, first, first + len(group) - 1)
            self._visible.rows[position:position] = group
            self.endInsertRows()

    def _hide(self, begin: int, end: int) -> None:
        """Take the rows at these positions out of the view."""
        count = len(self._visible)
        self.beginRemoveRows(NO_PARENT, count - end, count - 1 - begin)
        del self._visible.rows[begin:end]
        self.endRemoveRows()

    def _renew(self, rows: Sequence[ExchangeRow], shows: Callable[[ExchangeRow], bool]) -> None:
        """These have changed, and with it perhaps whether they are shown."""
        changed: list[int] = []
        appearing: list[ExchangeRow] = []
        vanishing: list[ExchangeRow] = []
        for row in rows:
            position = self._visible.position(row)
            wanted = shows(row)
            if position is not None and wanted:
                changed.append(position)
            elif wanted:
                appearing.append(row)
            elif position is not None:
                vanishing.append(row)
        self._emit_changed(changed)
        for begin, end in self._visible.runs(vanishing):
            self._hide(begin, end)
        self._insert(sorted(appearing, key=row_key))

    def _emit_changed(self, positions: list[int], first: Column = Column.STATUS, last: Column = Column.NOTE) -> None:
        """One signal for all."""
        if positions:
            newest = len(self._visible) - 1
            top, bottom = newest - max(positions), newest - min(positions)
            self.dataChanged.emit(self.index(top, first), self.index(bottom, last))
