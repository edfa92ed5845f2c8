"""The list of exchanges as a table model: newest first, bounded, filtered by its own list instead of a proxy.

Rows are ordered by (start, id) and kept oldest first, so that arriving requests are appended and model row 0 is the
last element. Cells are formatted once per change; `data()` only indexes them.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.domain.events import ExchangeAnnotated
from app.domain.exchange import Delivered, Exchange, Rewriting
from app.viewmodels.exchange_ring import ExchangeRing, row_key
from app.viewmodels.exchange_row import Column, ExchangeRow, Role, sort_value, tool_tip
from app.viewmodels.plain_tip import plain_tip

CAPACITY = 50_000
TRIM = 1_000
PAGE = 200

Index = QModelIndex | QPersistentModelIndex
Matches = Callable[[Exchange], bool]


_HEADERS = (
    "Status", "Time", "Method", "Path", "Type", "Size", "Duration", "Verdict", "Tunnel", "Host", "Visitor", "Note",
)  # fmt: skip
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALIGNMENT = tuple(_RIGHT if column in (Column.SIZE, Column.DURATION) else _LEFT for column in Column)
_NO_PARENT = QModelIndex()


class ExchangeTableModel(QAbstractTableModel):
    """Requests of the shown tunnel (or of all) that pass the filter.

    Live exchanges of every tunnel are kept, so that changing the tunnel shows its latest requests at once;
    older ones come page by page: `older_wanted` asks, `add_older` or `older_failed` answers.

    A filter is asked twice: of what arrives, as it arrives (`begin_filter`), and of everything recorded, by the
    history, whose newest matches `finish_filter` shows. Until these are there, the old rows stay. What cannot be
    told from the heads that are kept here, `accept` adds.
    """

    older_wanted = Signal()

    def __init__(self, parent: QObject | None = None, *, capacity: int = CAPACITY, trim: int = TRIM) -> None:
        super().__init__(parent)
        self._ring = ExchangeRing(capacity, trim)
        self._visible: list[ExchangeRow] = []  # what is in scope and passes the filter, oldest first
        self._scope: str | None = None
        self._matches: Matches = _everything
        self._next: Matches | None = None  # of a filter whose recorded matches are still looked for
        self._passed: dict[str, bool] = {}  # what it said of what has arrived since
        self._oldest = ""  # id of the oldest recorded match
        self._exhausted = True
        self._fetching = False

    # -- what the pane does ------------------------------------------------------------------------------------------

    @property
    def scope(self) -> str | None:
        """Id of the shown tunnel; None shows all."""
        return self._scope

    @property
    def in_scope(self) -> int:
        """How many rows there would be without the filter."""
        return sum(self._in_scope(row.exchange) for row in self._ring.rows)

    @property
    def any_running(self) -> bool:
        return bool(self._ring.running)

    def forget(self) -> None:
        """Drop what is over: it is to be fetched anew, from the newest on."""
        self.beginResetModel()
        self._ring.forget_finished()
        for row in self._ring.rows:
            row.passes = True
        self._matches = _everything
        self._select_visible()
        self._exhausted, self._fetching = False, True
        self.endResetModel()

    def set_scope(self, tunnel_id: str | None) -> None:
        """Show another tunnel, or all, without a filter; older exchanges have to be fetched anew."""
        self.beginResetModel()
        self._scope = tunnel_id
        self._ring.drop_incomplete()
        for row in self._ring.rows:
            row.passes = True
        self._matches = _everything
        self._select_visible()
        self._exhausted = self._fetching = False
        self.endResetModel()

    @property
    def filtered(self) -> bool:
        """Whether the rows are those of a filter."""
        return self._matches is not _everything

    def clear_filter(self) -> None:
        """Show everything again; older exchanges have to be fetched anew."""
        self._next = None
        self._matches = _everything
        self.set_scope(self._scope)

    def begin_filter(self, matches: Matches) -> None:
        """From now on `matches` is asked of what arrives, too; `finish_filter` puts it into force."""
        self._next = matches
        self._passed = {row.exchange.id: matches(row.exchange) for row in self._ring.running.values()}

    def finish_filter(self, exchanges: Sequence[Exchange], *, complete: bool) -> None:
        """Show the newest recorded matches, and what has matched since; `complete`: there are no older ones."""
        assert self._next is not None
        self.beginResetModel()
        self._matches, self._next = self._next, None
        self._ring.add_recorded(exchanges)
        found = {exchange.id for exchange in exchanges}
        for row in self._ring.rows:
            exchange_id = row.exchange.id
            row.passes = self._passed.get(exchange_id, exchange_id in found)
        self._passed = {}
        self._oldest = exchanges[-1].id if exchanges else ""
        self._select_visible()
        self._exhausted, self._fetching = complete, False
        self.endResetModel()

    def accept(self, exchange_ids: Collection[str]) -> None:
        """The archive says that these match, which could not be seen from their heads."""
        rows = [row for id_ in exchange_ids if (row := self._ring.get(id_)) is not None and not row.passes]
        for row in rows:
            row.passes = True
        self._show(sorted(rows, key=row_key))

    def remove(self, exchange_ids: Collection[str]) -> None:
        """These were deleted."""
        self.beginResetModel()
        self._ring.remove(exchange_ids)
        self._select_visible()
        self.endResetModel()

    def annotate(self, event: ExchangeAnnotated) -> None:
        """A mark was set, or a replay was judged."""
        row = self._ring.get(event.exchange_id)
        if row is not None:
            row.annotate(event)
            position = self._position(row)
            if position is not None:
                self._emit_changed([position], Column.STATUS)

    def apply(self, exchanges: Iterable[Exchange]) -> None:
        """Add new exchanges and renew known ones: one insertion and one `dataChanged` for the whole batch."""
        exchanges = list(exchanges)
        passes = {exchange.id: self._matches(exchange) for exchange in exchanges} if self.filtered else {}
        if self._next is not None:
            self._passed.update((exchange.id, self._next(exchange)) for exchange in exchanges)
        fresh, changed = self._ring.update(exchanges, time.time_ns())
        for row in (*fresh, *changed):
            row.passes = passes.get(row.exchange.id, True)
        self._show_changes(changed)
        self._show(fresh)
        self._trim()

    def rewritten(self, exchange_id: str, rewriting: Rewriting, delivered: Delivered | None = None) -> None:
        """What rewriting did has become known; no cell shows it."""
        if (exchange := self.find(exchange_id)) is not None:
            exchange.rewriting, exchange.delivered = rewriting, delivered

    def add_older(self, exchanges: Sequence[Exchange], *, complete: bool) -> None:
        """The answer to `older_wanted`; `complete` says that nothing older exists."""
        self._fetching = False
        self._exhausted = complete
        known = [row for exchange in exchanges if (row := self._ring.get(exchange.id)) is not None and not row.passes]
        for row in known:
            row.passes = True
        if self.filtered:
            self._oldest = exchanges[-1].id if exchanges else self._oldest
        self._show(sorted([*self._ring.add_recorded(exchanges), *known], key=row_key))

    def older_failed(self) -> None:
        """The history could not be read; do not ask again until the scope changes."""
        self._fetching = False
        self._exhausted = True

    def tick(self) -> None:
        """Advance running times and sizes; a row whose end was never delivered (the backlog was full) ends here."""
        now_ns = time.time_ns()
        rows = self._ring.running.values()
        if ended := [row.exchange for row in rows if row.exchange.finished_ns is not None]:
            self.apply(ended)
        for row in rows:
            row.tick(now_ns)
        positions = [position for row in rows if (position := self._position(row)) is not None]
        self._emit_changed(positions, Column.SIZE, Column.DURATION)

    # -- what views ask ----------------------------------------------------------------------------------------------

    def row_of(self, exchange_id: str) -> int:
        """The model row of the exchange, -1 if it is not shown."""
        row = self._ring.get(exchange_id)
        position = None if row is None else self._position(row)
        return -1 if position is None else len(self._visible) - 1 - position

    def at(self, row: int) -> ExchangeRow:
        """The row as the delegate paints it."""
        return self._visible[-1 - row]

    def find(self, exchange_id: str) -> Exchange | None:
        """The exchange (without bodies once finished), also if the filter hides it."""
        row = self._ring.get(exchange_id)
        return None if row is None else row.exchange

    def replays_of(self, exchange_id: str) -> list[Exchange]:
        """The known replays of that exchange, oldest first."""
        return [row.exchange for row in self._ring.rows if row.exchange.replay_of == exchange_id]

    def oldest_id(self) -> str | None:
        """Where the next older page begins."""
        if self.filtered:
            return self._oldest or None
        # By start, not by id: imported exchanges have new ids.
        return self._visible[0].exchange.id if self._visible else None

    # -- QAbstractTableModel -----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._visible)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._visible[-1 - index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.accessible
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENT[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            tip = tool_tip(row, index.column())
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
            return self.tr(_HEADERS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNMENT[section]
        return None

    def canFetchMore(self, parent: Index = _NO_PARENT) -> bool:
        return not (parent.isValid() or self._exhausted or self._fetching) and len(self._visible) < self._ring.capacity

    def fetchMore(self, parent: Index = _NO_PARENT) -> None:
        if self.canFetchMore(parent):
            self._fetching = True
            self.older_wanted.emit()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _in_scope(self, exchange: Exchange) -> bool:
        return self._scope is None or exchange.tunnel_id == self._scope

    def _shows(self, row: ExchangeRow) -> bool:
        return row.passes and self._in_scope(row.exchange)

    def _position(self, row: ExchangeRow) -> int | None:
        position = bisect_left(self._visible, row.key, key=row_key)
        found = position < len(self._visible) and self._visible[position] is row
        return position if found else None

    def _show(self, rows: list[ExchangeRow]) -> None:
        """Insert what passes of the sorted rows: one signal per gap that they fill, normally just one."""
        rows = [row for row in rows if self._shows(row)]
        end = len(rows)
        while end > 0:
            position = bisect_left(self._visible, rows[end - 1].key, key=row_key)
            begin = end - 1
            while begin > 0 and (position == 0 or rows[begin - 1].key > self._visible[position - 1].key):
                begin -= 1
            first = len(self._visible) - position
            self.beginInsertRows(_NO_PARENT, first, first + end - begin - 1)
            self._visible[position:position] = rows[begin:end]
            self.endInsertRows()
            end = begin

    def _show_changes(self, rows: list[ExchangeRow]) -> None:
        changed: list[int] = []
        appearing: list[ExchangeRow] = []
        vanishing: list[ExchangeRow] = []
        for row in rows:
            position = self._position(row)
            shows = self._shows(row)
            if position is not None and shows:
                changed.append(position)
            elif shows:
                appearing.append(row)
            elif position is not None:
                vanishing.append(row)
        self._emit_changed(changed, Column.STATUS)
        for row in vanishing:
            position = self._position(row)
            assert position is not None
            model_row = len(self._visible) - 1 - position
            self.beginRemoveRows(_NO_PARENT, model_row, model_row)
            del self._visible[position]
            self.endRemoveRows()
        appearing.sort(key=row_key)
        self._show(appearing)

    def _emit_changed(self, positions: list[int], first: Column, last: Column = Column.NOTE) -> None:
        if not positions:
            return
        top = len(self._visible) - 1 - max(positions)
        bottom = len(self._visible) - 1 - min(positions)
        self.dataChanged.emit(self.index(top, first), self.index(bottom, last))

    def _trim(self) -> None:
        gone = self._ring.trim(self._in_scope)
        hidden = 0 if gone is None else bisect_right(self._visible, gone, key=row_key)
        if hidden:
            count = len(self._visible)
            self.beginRemoveRows(_NO_PARENT, count - hidden, count - 1)
            del self._visible[:hidden]
            self.endRemoveRows()
            self._exhausted = False  # they are in the history

    def _select_visible(self) -> None:
        self._visible = [row for row in self._ring.rows if self._shows(row)]


def _everything(_: Exchange) -> bool:
    return True
