"""Starts coroutines from slots: the button rests while they run, and every failure is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import shiboken6

from app.domain.problems import HatchwayError, Problem
from app.domain.tasks import spawn
from app.ui import crash

ShowProblem = Callable[[Problem], None]


class CanRest(Protocol):
    """A widget or an action."""

    def isEnabled(self) -> bool: ...

    def setEnabled(self, enabled: bool, /) -> None: ...


def start(
    work: Coroutine[Any, Any, object], *, name: str, show_problem: ShowProblem, resting: CanRest | None = None
) -> asyncio.Task[None]:
    """Run `work` as a task; `resting` is disabled until it ends, so that a double click cannot overlap.

    A `HatchwayError` goes to `show_problem`; anything else is a bug and goes to `crash.report`.
    """
    return spawn(_guarded(work, name, show_problem, resting), name=name)


async def _guarded(
    work: Coroutine[Any, Any, object], name: str, show_problem: ShowProblem, resting: CanRest | None
) -> None:
    wake = resting is not None and resting.isEnabled()
    if resting is not None:
        resting.setEnabled(False)
    try:
        await work
    except HatchwayError as error:
        show_problem(error.problem)
    except Exception as error:
        crash.report(error, name)
    finally:
        if resting is not None and wake and shiboken6.isValid(resting):
            resting.setEnabled(True)
