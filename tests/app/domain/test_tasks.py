from __future__ import annotations

import asyncio
import gc
import logging

import pytest

from app.domain.tasks import spawn


async def test_a_task_nobody_holds_runs_to_its_end() -> None:
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.set()

    spawn(work(), name="work")
    gc.collect()
    await asyncio.wait_for(done.wait(), 5)


async def test_a_failure_nobody_awaits_is_logged_with_the_name(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError("lost")

    with caplog.at_level(logging.ERROR, "app.domain.tasks"):
        task = spawn(fails(), name="doomed")
        await asyncio.wait((task,))
        await asyncio.sleep(0)
    assert "doomed" in caplog.text
    assert "lost" in caplog.text


async def test_cancellation_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    task = spawn(asyncio.sleep(60), name="sleeper")
    task.cancel()
    await asyncio.wait((task,))
    await asyncio.sleep(0)
    assert caplog.text == ""
