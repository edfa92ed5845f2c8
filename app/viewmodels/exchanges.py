"""The list of exchanges as a table model: newest first, bounded, filtered by its own list instead of a proxy.

Rows are ordered by (start, id) and kept oldest first, so that arriving requests are appended and model row 0 is the
last element. Cells are formatted once per change; `data()` only indexes them. Nothing here may take longer than a
frame, however many rows there are: what most rows have to be asked for is known beforehand.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence

from PySide6.QtCore import QObject, Signal

from app.domain.events import ExchangeAnnotated
from app.domain.exchange import Delivered, Exchange, Rewriting
from app.viewmodels.exchange_columns import Column
from app.viewmodels.exchange_passing import Matches, Passing
from app.viewmodels.exchange_ring import ExchangeRing, row_key
from app.viewmodels.exchange_row import ExchangeRow
from app.viewmodels.exchange_rows_model import NO_PARENT, ExchangeRowsModel, Index
from app.viewmodels.slow_release import SlowRelease

CAPACITY = 50_000
TRIM = 1_000
PAGE = 200

_LOOKED_FOR = 2_000  # removed rows
_RUNS = 50  # of removed neighbours; views look at each, so that more of them are better shown anew


class ExchangeTableModel(ExchangeRowsModel):
    """Requests of the shown tunnel (or of all) that pass the filter.

    Live exchanges of every tunnel are kept, so that changing the tunnel shows its latest requests at once;
    older ones come page by page: `older_wanted` asks, `add_older` or `older_failed` answers.

    The old rows stay until `finish_filter` brings those of a new filter. What cannot be told from the heads that are
    kept here, `accept` adds.
    """

    older_wanted = Signal()

    def __init__(self, parent: QObject | None = None, *, capacity: int = CAPACITY, trim: int = TRIM) -> None:
        super().__init__(parent)
        self._ring = ExchangeRing(capacity, trim)
        self._passing = Passing()
        self._release = SlowRelease(self)
        self._scope: str | None = None
        self._oldest = ""  # id of the oldest recorded match
        self._exhausted = True
        self._fetching = False

    # -- what the pane does ------------------------------------------------------------------------------------------

    @property
    def scope(self) -> str | None:
        """Id of the shown tunnel; None shows all."""
        return self._scope

    @property
    def empty(self) -> bool:
        """Whether there would be no rows even without the filter."""
        return not any(self._in_scope(row.exchange) for row in self._ring.rows)

    @property
    def any_running(self) -> bool:
        return bool(self._ring.running)

    def forget(self) -> None:
        """Drop what is over: it is to be fetched anew, from the newest on."""
        self.beginResetModel()
        gone = self._ring.forget_finished()
        self._show_everything()
        self._exhausted, self._fetching = False, True
        self.endResetModel()
        self._release.take(gone)

    def set_scope(self, tunnel_id: str | None) -> None:
        """Show another tunnel, or all, without a filter; older exchanges have to be fetched anew."""
        self.beginResetModel()
        self._scope = tunnel_id
        gone = self._ring.drop_incomplete()
        self._show_everything()
        self._exhausted = self._fetching = False
        self.endResetModel()
        self._release.take(gone)

    @property
    def filtered(self) -> bool:
        """Whether the rows are those of a filter."""
        return self._passing.filtered

    def clear_filter(self) -> None:
        """Show everything again; older exchanges have to be fetched anew."""
        self.set_scope(self._scope)

    def begin_filter(self, matches: Matches) -> None:
        """From now on `matches` is asked of what arrives, too; `finish_filter` puts it into force."""
        self._passing.begin(matches, self._ring.running.values())

    def finish_filter(self, exchanges: Sequence[Exchange], *, complete: bool) -> None:
        """Show the newest recorded matches, and what has matched since; `complete`: there are no older ones."""
        self.beginResetModel()
        self._ring.add_recorded(exchanges)
        passing = self._passing.finish(exchange.id for exchange in exchanges)
        rows = [row for exchange_id in passing if (row := self._ring.get(exchange_id)) is not None]
        for row in rows:
            self._passing.let_through(row)
        self._visible.rows = sorted((row for row in rows if self._in_scope(row.exchange)), key=row_key)
        self._oldest = exchanges[-1].id if exchanges else ""
        self._exhausted, self._fetching = complete, False
        self.endResetModel()

    def accept(self, exchange_ids: Iterable[str]) -> None:
        """The archive says that these match, which could not be seen from their heads."""
        found = (self._ring.get(exchange_id) for exchange_id in exchange_ids)
        self._show(self._let_through(row for row in found if row is not None))

    def remove(self, exchange_ids: Collection[str]) -> None:
        """These were deleted."""
        gone = self._ring.remove(exchange_ids)
        if len(gone) <= _LOOKED_FOR and len(runs := self._visible.runs(gone)) <= _RUNS:
            for begin, end in runs:
                self._hide(begin, end)
            return
        self.beginResetModel()
        dropped = set(gone)
        self._visible.rows = [row for row in self._visible.rows if row not in dropped]
        self.endResetModel()
        self._release.take(gone)

    def annotate(self, event: ExchangeAnnotated) -> None:
        """A mark was set, or a replay was judged."""
        row = self._ring.get(event.exchange_id)
        if row is not None:
            row.annotate(event)
            position = self._visible.position(row)
            if position is not None:
                self._emit_changed([position])

    def apply(self, exchanges: Iterable[Exchange]) -> None:
        """Add new exchanges and renew known ones: one insertion and one `dataChanged` for the whole batch."""
        exchanges = list(exchanges)
        passes = self._passing.ask(exchanges)
        fresh, changed = self._ring.update(exchanges, time.time_ns())
        for row in (*fresh, *changed):
            self._passing.let_through(row, passes=passes.get(row.exchange.id, True))
        self._renew(changed, self._shows)
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
        known = [row for exchange in exchanges if (row := self._ring.get(exchange.id)) is not None]
        if self.filtered:
            self._oldest = exchanges[-1].id if exchanges else self._oldest
        self._show(self._let_through([*known, *self._ring.add_recorded(exchanges)]))

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
        positions = [position for row in rows if (position := self._visible.position(row)) is not None]
        self._emit_changed(positions, Column.REQUEST_SIZE, Column.DURATION)

    # -- what views ask ----------------------------------------------------------------------------------------------

    def row_of(self, exchange_id: str) -> int:
        """The model row of the exchange, -1 if it is not shown."""
        row = self._ring.get(exchange_id)
        position = None if row is None else self._visible.position(row)
        return -1 if position is None else len(self._visible) - 1 - position

    def find(self, exchange_id: str) -> Exchange | None:
        """The exchange (without bodies once finished), also if the filter hides it."""
        row = self._ring.get(exchange_id)
        return None if row is None else row.exchange

    def replays_of(self, exchange_id: str) -> list[Exchange]:
        """The known replays of that exchange, oldest first."""
        return [row.exchange for row in self._ring.replays_of(exchange_id)]

    def oldest_id(self) -> str | None:
        """Where the next older page begins."""
        if self.filtered:
            return self._oldest or None
        # By start, not by id: imported exchanges have new ids.
        return self._visible.rows[0].exchange.id if self._visible.rows else None

    def canFetchMore(self, parent: Index = NO_PARENT) -> bool:
        return not (parent.isValid() or self._exhausted or self._fetching) and len(self._visible) < self._ring.capacity

    def fetchMore(self, parent: Index = NO_PARENT) -> None:
        if self.canFetchMore(parent):
            self._fetching = True
            self.older_wanted.emit()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _in_scope(self, exchange: Exchange) -> bool:
        return self._scope is None or exchange.tunnel_id == self._scope

    def _shows(self, row: ExchangeRow) -> bool:
        return self._passing.passes(row) and self._in_scope(row.exchange)

    def _let_through(self, rows: Iterable[ExchangeRow]) -> list[ExchangeRow]:
        """These pass; returns those that are not shown yet, in order."""
        hidden = [row for row in rows if self._visible.position(row) is None]
        for row in hidden:
            self._passing.let_through(row)
        return sorted(hidden, key=row_key)

    def _show_everything(self) -> None:
        self._passing.clear()
        scope, rows = self._scope, self._ring.rows
        self._visible.rows = [row for row in rows if scope is None or row.exchange.tunnel_id == scope]

    def _show(self, rows: Sequence[ExchangeRow]) -> None:
        """Insert what passes of the sorted rows."""
        self._insert([row for row in rows if self._shows(row)])

    def _trim(self) -> None:
        gone = self._ring.trim(self._scope)
        if gone is not None and (hidden := self._visible.up_to(gone)):
            self._hide(0, hidden)
            self._exhausted = False  # they are in the history
