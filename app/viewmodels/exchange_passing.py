"""Which rows of the list pass the filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.domain.exchange import Exchange
from app.viewmodels.exchange_row import ExchangeRow

Matches = Callable[[Exchange], bool]


class Passing:
    """Filters are numbered, and a row carries the number of the one it passed last: putting a filter into force,
    or taking it off, visits none of the 50 000 rows that do not pass.

    A filter is asked twice: of what arrives, as it arrives (from `begin` on), and of everything recorded, by the
    history; `finish` puts it into force.
    """

    def __init__(self) -> None:
        self._number = 0
        self._matches: Matches | None = None
        self._next: Matches | None = None
        self._arrived: dict[str, bool] = {}  # what the next filter said of what has arrived since it began

    @property
    def filtered(self) -> bool:
        """Whether a filter is in force."""
        return self._matches is not None

    def passes(self, row: ExchangeRow) -> bool:
        return self._matches is None or row.passed == self._number

    def let_through(self, row: ExchangeRow, *, passes: bool = True) -> None:
        """It does (not) pass the filter in force."""
        row.passed = self._number if passes else 0

    def ask(self, exchanges: Iterable[Exchange]) -> dict[str, bool]:
        """Ask of what has arrived or changed: the filter in force, and the next one for later."""
        if self._next is not None:
            self._arrived.update((exchange.id, self._next(exchange)) for exchange in exchanges)
        matches = self._matches
        return {} if matches is None else {exchange.id: matches(exchange) for exchange in exchanges}

    def clear(self) -> None:
        """Everything passes."""
        self._matches = self._next = None
        self._arrived = {}

    def show_all(self) -> None:
        """Everything passes until the next filter, which stays the next one."""
        self._matches = None

    def begin(self, matches: Matches, running: Iterable[ExchangeRow]) -> None:
        """From now on `matches` is asked of what arrives, too."""
        self._next = matches
        self._arrived = {row.exchange.id: matches(row.exchange) for row in running}

    def finish(self, found: Iterable[str]) -> list[str]:
        """Put the next filter into force; returns ids of what passes: those the history found, unless they have
        changed since, and what has arrived."""
        assert self._next is not None
        self._matches, self._next = self._next, None
        self._number += 1
        arrived, self._arrived = self._arrived, {}
        passing = dict.fromkeys(exchange_id for exchange_id in found if arrived.get(exchange_id, True))
        passing.update(dict.fromkeys(exchange_id for exchange_id, passes in arrived.items() if passes))
        return list(passing)
