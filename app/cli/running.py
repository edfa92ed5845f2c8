"""Runs a command's coroutine: the fastest loop there is, and SIGINT or SIGTERM as an event instead of a traceback."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine


def run(main: Callable[[asyncio.Event], Coroutine[None, None, int]]) -> int:
    """Run `main(ended)` to its exit code; `ended` is set by the first SIGINT or SIGTERM."""

    async def wrapped() -> int:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows has no add_signal_handler; there Ctrl+C raises KeyboardInterrupt below.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, ended.set)
        return await main(ended)

    try:
        import uvloop
    except ImportError:
        runner = asyncio.Runner()
    else:
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with contextlib.suppress(KeyboardInterrupt), runner:
        return runner.run(wrapped())
    return 0
