from __future__ import annotations

import asyncio
import gc
import sqlite3
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.events import ExchangeFinished, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import HatchwayError, Problem
from app.history import store
from app.history.inbox import Inbox
from app.history.store import History

Make = Callable[..., Exchange]


@pytest.fixture
def problems() -> list[Problem]:
    return []


@pytest.fixture
async def history(path: Path, problems: list[Problem], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[History]:
    """With a small inbox, a short patience for locks, and its problems collected."""
    monkeypatch.setattr(store, "Inbox", lambda: Inbox(max_events=20))
    opened, _ = await History.open(path, on_problem=problems.append)
    await execute(opened, "PRAGMA busy_timeout = 50")
    yield opened
    await opened.close()


async def execute(history: History, statement: str) -> None:
    """Run the statement in the connection of the writer."""
    writer = history._writer
    await asyncio.wrap_future(writer.submit(lambda: writer._connection.execute(statement).fetchall()))


def finish(history: History, *exchanges: Exchange) -> None:
    for one in exchanges:
        history.listener(ExchangeFinished(one))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (rows of a database set no event)
            await asyncio.sleep(0.02)


@pytest.fixture
def other(path: Path, history: History) -> Any:
    """Another process's connection."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


async def test_rows_appear_by_themselves(history: History, exchange: Make, other: sqlite3.Connection) -> None:
    finish(history, exchange())
    await until(lambda: other.execute("SELECT count(*) FROM exchanges").fetchone() == (1,))


async def test_a_stalled_writer_drops_and_counts_and_never_makes_the_loop_wait(
    history: History,
    exchange: Make,
    other: sqlite3.Connection,
    problems: list[Problem],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.history.writer._BATCH", 5)
    first, flood = [exchange() for _ in range(5)], [exchange() for _ in range(1000)]
    other.execute("BEGIN IMMEDIATE")
    finish(history, *first)
    await until(lambda: len(history._writer._batch) == 5)  # it has them in hand and cannot get rid of them
    finish(history, *flood)  # nothing moves until COMMIT: if this waited for the writer, it would wait for ever
    assert history.dropped == 980  # 20 wait
    other.execute("COMMIT")
    assert await history.count() == 25
    assert history.dropped == 980
    assert {one.id for one in await history.page(50)} == {one.id for one in (*first, *flood[:20])}
    assert problems == []


async def test_an_exchange_whose_end_was_dropped_does_not_run_for_ever(
    history: History, exchange: Make, other: sqlite3.Connection
) -> None:
    running = exchange(state=ExchangeState.RUNNING)
    history.listener(ExchangeStarted(running))
    assert await history.count() == 1
    finish(history, *[exchange() for _ in range(20)])
    finish(history, running)
    assert history.dropped == 1
    assert await history.count() == 20
    assert await history.get(running.id) is None


@pytest.mark.expect_log("exchanges not recorded count=5 .*full")
async def test_a_full_disk_is_told_once_and_recording_resumes(
    history: History, exchange: Make, problems: list[Problem]
) -> None:
    await execute(history, "PRAGMA max_page_count = 1")  # SQLite raises it to the present size
    for _ in range(3):
        finish(history, *[exchange(body=bytes([index]) * 20_000) for index in range(5)])
        await history.count()
    assert history.dropped == 15
    assert await history.count() == 0
    await until(lambda: bool(problems))
    assert [problem.code for problem in problems] == ["history_disk_full"]

    await execute(history, "PRAGMA max_page_count = 1000000")
    finish(history, exchange())
    assert await history.count() == 1
    assert history.dropped == 15


@pytest.mark.expect_log("exchanges not recorded count=1 .*no such table")
async def test_any_other_error_is_told_and_survived(
    history: History, exchange: Make, other: sqlite3.Connection, problems: list[Problem]
) -> None:
    other.execute("ALTER TABLE exchanges RENAME TO elsewhere")
    finish(history, exchange())
    await until(lambda: bool(problems))
    assert [problem.code for problem in problems] == ["history_failed"]
    assert "no such table" in problems[0].hint
    with pytest.raises(HatchwayError):
        await history.page(1)
    other.execute("ALTER TABLE elsewhere RENAME TO exchanges")
    finish(history, exchange())
    assert await history.count() == 1
    assert history.dropped == 1


@pytest.mark.expect_log("exchange not recorded id=odd")
async def test_one_exchange_that_cannot_be_stored_does_not_take_others_along(history: History, exchange: Make) -> None:
    finish(history, exchange(), exchange(id="odd", target="/\ud800"), exchange())
    assert await history.count() == 2
    assert history.dropped == 1


async def test_a_second_exchange_of_the_same_id_is_counted_as_dropped(history: History, exchange: Make) -> None:
    finish(history, exchange(id="same", target="/first"))
    await history.count()
    finish(history, exchange(id="same", target="/second"))
    stored = await history.get("same")
    assert stored is not None
    assert stored.target == "/first"
    assert history.dropped == 1


async def test_deleting_in_a_locked_file_raises_a_clear_error(
    history: History, exchange: Make, other: sqlite3.Connection
) -> None:
    finish(history, exchange())
    await history.count()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HatchwayError, match="in use by another process"):
        await history.hide_all()
    other.execute("COMMIT")
    await history.hide_all()
    assert await history.count() == 0


@pytest.mark.expect_log("exchanges not recorded count=1 reason=another process")
@pytest.mark.expect_log("history session not ended")
async def test_closing_gives_up_on_a_file_that_stays_locked(
    history: History, exchange: Make, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.history.writer._CLOSE_BUSY_TIMEOUT", 50)
    other.execute("BEGIN IMMEDIATE")
    finish(history, exchange())
    await history.close()
    assert history.dropped == 1
    other.execute("COMMIT")


async def test_a_flood_of_bodies_is_pruned_before_the_interval_is_over(path: Path, exchange: Make) -> None:
    history, _ = await History.open(path, days=7, megabytes=2)
    try:
        await history.count()
        for number in range(6):
            finish(history, exchange(body=bytes([number]) * 900_000))
            await history.count()  # written before the next one comes
        async with asyncio.timeout(10):
            while await history.count() > 2:  # noqa: ASYNC110 (rows of a database set no event)
                await asyncio.sleep(0.02)
        assert await history.count() > 0
    finally:
        await history.close()


async def test_what_overload_drops_leaves_no_unfinished_row(history: History, exchange: Make) -> None:
    """Its end is refused while its beginning still waits to be written."""
    unlucky = [exchange(state=ExchangeState.RUNNING) for _ in range(5)]
    for one in unlucky:
        history.listener(ExchangeStarted(one))
    finish(history, *(exchange() for _ in range(15)))  # the inbox is full
    for one in unlucky:
        one.state, one.finished_ns = ExchangeState.DONE, one.started_ns + 1
    finish(history, *unlucky)
    assert await history.count() == 20 - history.dropped
    assert [each for each in await history.page(99) if each.state is ExchangeState.RUNNING] == []


async def test_what_was_added_is_not_held_any_longer(history: History, exchange: Make) -> None:
    class Watched(Body):
        __slots__ = ("__weakref__",)

    one = exchange(request_body=Watched(b"large"))
    held = weakref.ref(one.request_body)
    await history.add([one])
    del one
    async with asyncio.timeout(10):
        while held() is not None:  # the writer's thread lets go of it when it sleeps
            gc.collect()
            await asyncio.sleep(0.02)
