"""Asks the person at the terminal before something is done that costs money, or cannot be undone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading

from app.cli.output import Output
from app.domain.problems import fail
from app.domain.tasks import spawn


async def confirmed(question: str, output: Output, ended: asyncio.Event) -> None:
    """Returns if the answer is yes. Raises HatchwayError: `needs_yes` if there is nobody to ask, `not_confirmed`."""
    if output.as_json or not sys.stdin.isatty():
        raise fail("needs_yes", "Nobody is here to say yes", "you", "Add --yes to go on without being asked.")
    output.text(f"{question} Type yes:")
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    # A thread of its own: one of a pool would be waited for at the end, and nobody can wake it.
    threading.Thread(target=_read, args=(answer,), name="answer", daemon=True).start()
    ending = spawn(ended.wait(), name="end of the question")
    await asyncio.wait((answer, ending), return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not answer.done() or answer.result().strip().lower() not in ("yes", "y"):
        raise fail("not_confirmed", "Nothing was done", "you")


def _read(answer: asyncio.Future[str]) -> None:
    line = sys.stdin.readline()

    def settle() -> None:
        if not answer.done():
            answer.set_result(line)

    with contextlib.suppress(RuntimeError):  # the loop has ended
        answer.get_loop().call_soon_threadsafe(settle)
