"""The newest exchanges of all tunnels in memory: sorted, found by id, bounded. No Qt, no filter."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from operator import attrgetter

from app.domain.exchange import Exchange
from app.viewmodels.exchange_row import ExchangeRow

Key = tuple[int, str]
"""Start in nanoseconds, then id: the order of all lists of exchanges."""

row_key: Callable[[ExchangeRow], Key] = attrgetter("key")

_FEW = 100  # rows that are cheaper to take out one by one


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
        self._recorded: dict[str, ExchangeRow] = {}
        self._replays: dict[str, list[ExchangeRow]] = {}  # by the id of their original
        self._horizon: Key = (0, "")

    def get(self, exchange_id: str) -> ExchangeRow | None:
        return self._by_id.get(exchange_id)

    def replays_of(self, exchange_id: str) -> list[ExchangeRow]:
        """Oldest first."""
        return sorted(self._replays.get(exchange_id, ()), key=row_key)

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
                if not row.running:
                    self.running.pop(exchange.id, None)
        return self._insert(fresh), changed

    def add_recorded(self, exchanges: Iterable[Exchange]) -> list[ExchangeRow]:
        """Take exchanges from the history; returns the new rows in order."""
        fresh = [ExchangeRow(exchange, recorded=True) for exchange in exchanges if exchange.id not in self._by_id]
        for row in fresh:
            self._track(row)
        return self._insert(fresh)

    def drop_incomplete(self) -> list[ExchangeRow]:
        """Keep what is complete for every tunnel: live exchanges above the horizon. Returns what is dropped."""
        old = self.rows[: bisect_right(self.rows, self._horizon, key=row_key)]
        dropped = [*self._recorded.values(), *(row for row in old if not row.recorded)]
        self._drop(dropped)
        return dropped

    def forget_finished(self) -> list[ExchangeRow]:
        """Keep what runs. Returns the rows that there were."""
        before = self.rows
        self._keep(sorted(self.running.values(), key=row_key))
        return before

    def remove(self, exchange_ids: Collection[str]) -> list[ExchangeRow]:
        """Forget these; as they are gone from the history too, nothing is incomplete. Returns what is dropped."""
        dropped = [row for exchange_id in exchange_ids if (row := self._by_id.get(exchange_id)) is not None]
        self._drop(dropped)
        return dropped

    def trim(self, scope: str | None) -> Key | None:
        """Drop a block of the oldest rows if there are too many, those of other tunnels than `scope` first.

        Returns the key up to which rows in scope are gone, None if all of them are still there.
        """
        if len(self.rows) <= self.capacity:
            return None
        count = max(self._trim_by, len(self.rows) - self.capacity)
        if scope is None:
            others: list[ExchangeRow] = []
            own = self.rows[:count]
        else:
            others = list(islice((row for row in self.rows if row.exchange.tunnel_id != scope), count))
            missing = count - len(others)
            own = list(islice((row for row in self.rows if row.exchange.tunnel_id == scope), missing))
        self._horizon = max(self._horizon, *(row.key for row in (*others[-1:], *own[-1:])))
        self._drop([*others, *own])
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
        exchange = row.exchange
        self._by_id[exchange.id] = row
        if row.running:
            self.running[exchange.id] = row
        if row.recorded:
            self._recorded[exchange.id] = row
        if exchange.replay_of:
            self._replays.setdefault(exchange.replay_of, []).append(row)

    def _drop(self, rows: Sequence[ExchangeRow]) -> None:
        if len(rows) > _FEW:
            gone = set(rows)
            kept = [row for row in self.rows if row not in gone]
            if len(kept) < len(rows):
                self._keep(kept)
                return
            self.rows = kept
        else:
            for row in rows:
                del self.rows[bisect_left(self.rows, row.key, key=row_key)]
        for row in rows:
            exchange = row.exchange
            del self._by_id[exchange.id]
            self.running.pop(exchange.id, None)
            self._recorded.pop(exchange.id, None)
            if exchange.replay_of:
                self._forget_replay(exchange.replay_of, row)

    def _keep(self, rows: list[ExchangeRow]) -> None:
        """Begin anew with these, which are sorted."""
        self.rows, self.running, self._by_id, self._recorded, self._replays = rows, {}, {}, {}, {}
        for row in rows:
            self._track(row)

    def _forget_replay(self, original: str, row: ExchangeRow) -> None:
        family = self._replays[original]
        family.remove(row)
        if not family:
            del self._replays[original]
