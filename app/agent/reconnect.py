"""Full-jitter backoff: a state that users see ("retrying in 8 s"), not a decorator."""

from __future__ import annotations

import random

_FIRST = 0.5
_MOST = 30.0


class Backoff:
    """Delays in seconds: uniform between 0 and a ceiling that doubles up to `most`. Jitter over the whole range
    keeps thousands of agents from coming back in the same moment."""

    def __init__(self, first: float = _FIRST, most: float = _MOST, source: random.Random | None = None) -> None:
        self._first = first
        self._most = most
        self._failures = 0
        self._random = source or random.Random()

    def next_delay(self) -> float:
        """The delay after one more failure."""
        ceiling = min(self._most, self._first * 2 ** min(self._failures, 30))
        self._failures += 1
        return self._random.uniform(0, ceiling)

    def reset(self) -> None:
        """It worked."""
        self._failures = 0
