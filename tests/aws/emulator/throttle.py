"""The token bucket that all APIs of an account share."""

from __future__ import annotations

import threading
import time


class Throttle:
    """rate: requests per second; burst: how many at once. AWS' defaults per account and region."""

    def __init__(self, rate: float = 10_000, burst: float = 5_000) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Take a token; False if there is none."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
            self._filled = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
