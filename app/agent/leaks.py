"""Requests that came without the tunnel's prefix and were sent back to it: remembered until they come again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from backend_lambda.protocol.messages import Leak

MOST = 256  # of one tunnel; visitors decide how many come
SECONDS = 30.0  # a browser follows a redirect at once, if it does at all


class Leaks:
    """Those of one tunnel, on whatever connection they were told. Each marks one request; equal ones mark several."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds, rising."""
        self._clock = clock
        self._waiting: deque[tuple[float, Leak]] = deque(maxlen=MOST)

    def add(self, leak: Leak) -> None:
        """The backend is sending this request back; beyond MOST the oldest is forgotten."""
        self._waiting.append((self._clock() + SECONDS, leak))

    def take(self, method: str, target: str) -> str | None:
        """The page that asked for this request without the prefix; None if it came as it should."""
        waiting = self._waiting
        if not waiting:
            return None
        now = self._clock()
        while waiting and waiting[0][0] <= now:
            waiting.popleft()
        for position, (_, leak) in enumerate(waiting):
            if leak.target == target and leak.method == method:
                del waiting[position]
                return leak.page
        return None
