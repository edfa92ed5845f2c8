"""Messages that somebody else's answer must not wait for: a cancel after a deadline, a farewell to a dead agent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from backend_lambda.core.ports import ConnectionGone

_log = logging.getLogger(__name__)
_running: set[asyncio.Task[None]] = set()


def detach(sending: Coroutine[Any, Any, None], name: str) -> None:
    """Let it run by itself; that the agent is gone is no failure."""
    task = asyncio.get_running_loop().create_task(sending, name=name)
    _running.add(task)
    task.add_done_callback(_finished)


async def settle() -> None:
    """Wait for what was detached; a process that ends with its event (Lambda) must do so first."""
    while _running:
        await asyncio.wait(tuple(_running))


def _finished(task: asyncio.Task[None]) -> None:
    _running.discard(task)
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not isinstance(error, ConnectionGone):
        _log.error("message failed name=%s", task.get_name(), exc_info=error)
