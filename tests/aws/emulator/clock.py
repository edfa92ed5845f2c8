"""The time of the emulated cloud: it can run faster than ours, and jump."""

from __future__ import annotations

import asyncio
import threading
import time


class Clock:
    """Seconds since the epoch. scale: cloud seconds per real second. Methods may be called from any thread."""

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._base = time.time()
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._sleepers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def now(self) -> float:
        return self._base + (time.monotonic() - self._started) * self._scale

    def advance(self, seconds: float) -> None:
        """Jump ahead; whoever sleeps past the new time wakes up."""
        with self._lock:
            self._base += seconds
            sleepers = list(self._sleepers)
        for loop, event in sleepers:
            loop.call_soon_threadsafe(event.set)

    async def sleep_until(self, moment: float) -> None:
        """Return when the clock shows `moment`."""
        event = asyncio.Event()
        sleeper = (asyncio.get_running_loop(), event)
        with self._lock:
            self._sleepers.add(sleeper)
        try:
            while (left := moment - self.now()) > 0:
                try:
                    # A clock that has reached the moment by rounding alone would spin.
                    await asyncio.wait_for(event.wait(), max(left / self._scale, 0.001))
                except TimeoutError:
                    continue
                event.clear()
        finally:
            with self._lock:
                self._sleepers.discard(sleeper)
