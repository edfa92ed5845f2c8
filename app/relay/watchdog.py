"""Ends an agent's connection that does not live any more: a sleeping laptop keeps its TCP connection for hours.

One timer a connection looks every few seconds; the hot path only notes the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from backend_lambda.protocol.limits import Limits

HELLO_SECONDS = 20.0  # a connection that does not say whose it is
STALL_SECONDS = 15.0  # a message that the agent does not take
SILENCE_MARGIN_SECONDS = 10.0  # beyond two heartbeats that did not come
LOOK_SECONDS = 2.0


class Watchdog:
    """Calls `abort` when the connection has died. `stop` it in the end.

    heard: loop time of the last message; waiting_since: loop time at which the oldest send began to wait
    """

    def __init__(self, abort: Callable[[], None], limits: Limits) -> None:
        self._abort = abort
        self._loop = asyncio.get_running_loop()
        self._silence = 2 * limits.ping / 1000 + SILENCE_MARGIN_SECONDS
        self._opened = self._loop.time()
        self.heard = self._opened
        self.greeted = False
        self._sends: dict[int, float] = {}
        self._next_send = 0
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    def hear(self) -> None:
        """A message came."""
        self.heard = self._loop.time()

    def send_begins(self) -> int:
        """A message is handed to the socket; returns what `send_ends` wants."""
        self._next_send += 1
        self._sends[self._next_send] = self._loop.time()
        return self._next_send

    def send_ends(self, number: int) -> None:
        """The socket has taken it."""
        del self._sends[number]

    def stop(self) -> None:
        """The connection is over."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        stalled = self._sends and now - next(iter(self._sends.values())) > STALL_SECONDS
        silent = now - self.heard > self._silence
        nameless = not self.greeted and now - self._opened > HELLO_SECONDS
        if stalled or silent or nameless:
            self._abort()
        else:
            self._timer = self._loop.call_later(LOOK_SECONDS, self._look)
