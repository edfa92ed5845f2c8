"""Runs a command's coroutine: the fastest loop there is, and signals as an event instead of a traceback."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine


def run(main: Callable[[asyncio.Event], Coroutine[None, None, int]]) -> int:
    """Run `main(ended)` to its exit code; `ended` is set by SIGINT, SIGTERM and the end of the terminal (SIGHUP)."""

    async def wrapped() -> int:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        for number in _signals():
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


def threadsafe(event: asyncio.Event) -> Callable[[], None]:
    """A function that sets the event from any thread, as long as this loop lives."""
    loop = asyncio.get_running_loop()

    def set_event() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(event.set)

    return set_event


def _signals() -> list[signal.Signals]:
    numbers = [signal.SIGINT, signal.SIGTERM]
    # Under nohup it is ignored, and stays so.
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return numbers
