"""The newest exchanges of all tunnels in memory: sorted, found by id, bounded. No Qt, no filter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import islice
from operator import attrgetter

from app.domain.exchange import Exchange
from app.viewmodels.exchange_row import ExchangeRow

Key = tuple[int, str]
"""Start in nanoseconds, then id: the order of all lists of exchanges."""

row_key: Callable[[ExchangeRow], Key] = attrgetter("key")


class ExchangeRing:
    """Rows oldest first. Live exchanges are complete above `horizon`; recorded ones were fetched for one scope.

    capacity: rows kept; trim_by: rows dropped at once when there are more
    """

    def __init__(self, capacity: int, trim_by: int) -> None:
        self.capacity = capacity
        self._trim_by = trim_by
        self.rows: list[ExchangeRow] = []
        self.running: dict[str, ExchangeRow] = {}
        self._by_id: dict[str, ExchangeRow] = {}
        self._horizon: Key = (0, "")

    def get(self, exchange_id: str) -> ExchangeRow | None:
        return self._by_id.get(exchange_id)

    def update(self, exchanges: Iterable[Exchange], now_ns: int) -> tuple[list[ExchangeRow], list[ExchangeRow]]:
        """Take live exchanges; returns (new rows in order, changed rows). What was trimmed does not come back."""
        fresh: list[ExchangeRow] = []
        changed: list[ExchangeRow] = []
        for exchange in exchanges:
            row = self._by_id.get(exchange.id)
            if row is None:
                row = ExchangeRow(exchange, recorded=False)
                if row.key > self._horizon:
                    fresh.append(row)
                    self._track(row)
            elif row.running:
                row.update(exchange, now_ns)
                changed.append(row)
                self._track(row)
        return self._insert(fresh), changed

    def add_recorded(self, exchanges: Iterable[Exchange]) -> list[ExchangeRow]:
        """Take exchanges from the history; returns the new rows in order."""
        fresh = [ExchangeRow(exchange, recorded=True) for exchange in exchanges if exchange.id not in self._by_id]
        for row in fresh:
            self._track(row)
        return self._insert(fresh)

    def drop_incomplete(self) -> None:
        """Keep what is complete for every tunnel: live exchanges above the horizon."""
        self._keep(lambda row: not row.recorded and row.key > self._horizon)

    def forget_finished(self) -> None:
        """Keep what runs."""
        self._keep(lambda row: row.running)

    def remove(self, exchange_ids: Collection[str]) -> None:
        """Forget these; as they are gone from the history too, nothing is incomplete."""
        self._keep(lambda row: row.exchange.id not in exchange_ids)

    def trim(self, in_scope: Callable[[Exchange], bool]) -> Key | None:
        """Drop a block of the oldest rows if there are too many, those out of scope first.

        Returns the key up to which rows in scope are gone, None if all of them are still there.
        """
        if len(self.rows) <= self.capacity:
            return None
        count = max(self._trim_by, len(self.rows) - self.capacity)
        others = list(islice((row for row in self.rows if not in_scope(row.exchange)), count))
        missing = count - len(others)
        own = list(islice((row for row in self.rows if in_scope(row.exchange)), missing)) if missing else []
        self._horizon = max(self._horizon, *(row.key for row in (*others[-1:], *own[-1:])))
        dropped = {row.key for row in (*others, *own)}
        if others:
            self.rows = [row for row in self.rows if row.key not in dropped]
        else:
            del self.rows[:count]
        for _, exchange_id in dropped:
            del self._by_id[exchange_id]
            self.running.pop(exchange_id, None)
        return own[-1].key if own else None

    def _insert(self, rows: list[ExchangeRow]) -> list[ExchangeRow]:
        rows.sort(key=row_key)
        if rows and self.rows and rows[-1].key < self.rows[0].key:
            self.rows[:0] = rows
        elif rows:
            in_order = not self.rows or rows[0].key > self.rows[-1].key
            self.rows.extend(rows)
            if not in_order:
                self.rows.sort(key=row_key)  # two sorted runs: linear
        return rows

    def _track(self, row: ExchangeRow) -> None:
        exchange_id = row.exchange.id
        self._by_id[exchange_id] = row
        if row.running:
            self.running[exchange_id] = row
        else:
            self.running.pop(exchange_id, None)

    def _keep(self, wanted: Callable[[ExchangeRow], bool]) -> None:
        self.rows = [row for row in self.rows if wanted(row)]
        self._by_id = {row.exchange.id: row for row in self.rows}
        self.running = {key: row for key, row in self._by_id.items() if row.running}
