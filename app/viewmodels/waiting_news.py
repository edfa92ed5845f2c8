"""How many of the exchanges that a paused list holds back it would show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from app.domain.exchange import Exchange

_A_STEP = 1_000  # exchanges; the filter is asked of each


class WaitingNews:
    """Asks of each exchange once, and again only when it has changed; never of more than a thousand at a time, so
    that the count of a long pause follows a new filter within a second and holds nothing up.

    is_news: whether the list would show it
    """

    def __init__(self, is_news: Callable[[Exchange], bool]) -> None:
        self._is_news = is_news
        self._unasked: dict[str, Exchange] = {}
        self._news: set[str] = set()

    def add(self, exchange: Exchange) -> None:
        """It waits, or has changed."""
        self._unasked[exchange.id] = exchange

    def forget(self, exchange_id: str) -> None:
        """It does not wait any more."""
        self._unasked.pop(exchange_id, None)
        self._news.discard(exchange_id)

    def ask_again(self, waiting: Iterable[Exchange]) -> None:
        """The list or its filter has changed; these are all that wait."""
        self._unasked = {exchange.id: exchange for exchange in waiting}
        self._news.intersection_update(self._unasked)

    def clear(self) -> None:
        """Nothing waits."""
        self._unasked.clear()
        self._news.clear()

    def count(self) -> int:
        """Ask of some of what is new, and tell how many there are as far as is known."""
        for exchange_id in list(islice(self._unasked, _A_STEP)):
            (self._news.add if self._is_news(self._unasked.pop(exchange_id)) else self._news.discard)(exchange_id)
        return len(self._news)
