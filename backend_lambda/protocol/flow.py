"""Credit-based flow control of one direction of one exchange, so that a slow reader stalls nobody else."""

from __future__ import annotations

import asyncio
from collections import deque


class Credit:
    """Bytes the other side has room for. `window` None means unlimited (the backend cannot stream anyway)."""

    __slots__ = ("_available", "_waiters")

    def __init__(self, window: int | None) -> None:
        self._available = window
        self._waiters: deque[asyncio.Future[None]] = deque()

    def grant(self, size: int) -> None:
        """The other side has room for `size` more."""
        if self._available is not None:
            self._available += size
            self._wake_first()

    async def take(self, size: int) -> None:
        """Wait until there is room, then use it; who came first is served first. May overdraw by less than one
        piece: a piece is never split because of credit, and the debt is paid by the next grants."""
        if self._available is None:
            return
        if self._available <= 0 or self._waiters:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                self._waiters.remove(waiter)
                self._wake_first()  # the grant that woke this one may be enough for the next
                raise
            self._waiters.remove(waiter)
        self._available -= size
        self._wake_first()

    def _wake_first(self) -> None:
        assert self._available is not None
        if self._available > 0 and self._waiters and not self._waiters[0].done():
            self._waiters[0].set_result(None)


class Refund:
    """The receiving end: gives credit back in portions of half a window, not byte by byte."""

    __slots__ = ("_consumed", "_portion")

    def __init__(self, window: int | None) -> None:
        self._portion = None if window is None else max(1, window // 2)
        self._consumed = 0

    def consumed(self, size: int) -> int:
        """Report consumed bytes; returns how much credit to grant now (0 for none yet)."""
        if self._portion is None:
            return 0
        self._consumed += size
        if self._consumed < self._portion:
            return 0
        due, self._consumed = self._consumed, 0
        return due
