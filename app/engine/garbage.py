"""Full garbage collections at moments when nobody waits for an answer.

With 50 000 rows in the window's list one takes a fifth of a second, with a full inbox of the history 50 ms, and tunnels
run on the same loop. Young objects are collected as ever, since that is quick and catches nearly everything.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.events import Event
from app.domain.tasks import spawn
from app.engine.api import Workspace

_LOOK_SECONDS = 5.0
_QUIET_SECONDS = 2.0  # without an event
_LATEST_SECONDS = 900.0  # traffic that never pauses
_WORTH = 20  # younger collections since: before that, there is nothing to find
_NEVER = 1 << 30


class QuietMoments:
    """Subscribe `heard`; times are those of time.monotonic()."""

    def __init__(self, now: float) -> None:
        self._heard = self._collected = now
        self._younger = 0

    def heard(self, _event: Event) -> None:
        self._heard = time.monotonic()

    def due(self, now: float, younger: int) -> bool:
        """Whether to collect now; ask every few seconds.

        younger: how many collections of young objects there were since the last full one; if there are more than at the
        last time, something else is going on, such as scrolling
        """
        quiet = now - self._heard >= _QUIET_SECONDS and younger == self._younger
        self._younger = younger
        return younger >= _WORTH and (quiet or now - self._collected >= _LATEST_SECONDS)

    def collect(self) -> None:
        gc.collect()
        self._collected = time.monotonic()


@contextmanager
def collecting_when_quiet(workspace: Workspace) -> Iterator[None]:
    """From now on full collections wait for quiet moments, and leave out what is there already: it stays anyway."""
    before = gc.get_threshold()
    moments = QuietMoments(time.monotonic())
    unsubscribe = workspace.subscribe(moments.heard)
    gc.freeze()
    gc.set_threshold(before[0], before[1], _NEVER)
    task = spawn(_watch(moments), name="garbage")
    try:
        yield
    finally:
        task.cancel()
        unsubscribe()
        gc.set_threshold(*before)
        gc.unfreeze()


async def _watch(moments: QuietMoments) -> None:
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if moments.due(time.monotonic(), gc.get_count()[2]):
            moments.collect()
