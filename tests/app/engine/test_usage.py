from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.domain.events import UsageChanged
from app.domain.problems import HatchwayError, Problem
from app.domain.usage import Usage, UsageOfDay
from app.engine.usage import UsageBook
from app.history.store import History

TODAY = date(2026, 11, 26)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened, problem = await History.open(tmp_path / "h.db")
    assert problem is None
    yield opened
    await opened.close()


def spent(requests: int, tunnel_id: str = "t1", name: str = "shop") -> UsageChanged:
    return UsageChanged(tunnel_id, name, Usage(requests=requests))


def book(history: History, today: date = TODAY, write_seconds: float = 10) -> UsageBook:
    return UsageBook(history, write_seconds=write_seconds, today=lambda: today)


async def test_a_report_tells_today_from_the_month_and_from_this_start(history: History) -> None:
    for days in (0, 1, 29, 30):
        await history.add_usage([UsageOfDay("t1", "shop", TODAY - timedelta(days=days), Usage(requests=10**days))])
    opened = book(history)
    await opened.load()
    opened.add(spent(5))
    report = opened.report("t1")
    assert (report.today.requests, report.month.requests, report.start.requests) == (6, 16 + 10**29, 5)
    assert not opened.report("t2")
    await opened.close()


async def test_what_was_used_is_there_after_a_restart(history: History) -> None:
    first = book(history)
    first.add(spent(1))
    first.add(spent(2))
    await first.close()
    second = book(history)
    await second.load()
    assert (second.report("t1").today.requests, second.report("t1").start.requests) == (3, 0)


async def test_one_off_tunnels_are_found_by_their_name(history: History) -> None:
    opened = book(history)
    opened.add(spent(1, "a"))
    opened.add(spent(2, "b"))
    opened.add(spent(4, "c", "docs"))
    assert opened.report_of("shop").month.requests == 3
    assert not opened.report_of("other")
    await opened.close()


async def test_it_is_written_meanwhile(history: History) -> None:
    opened = book(history, write_seconds=0.01)
    opened.add(spent(1))
    async with asyncio.timeout(10):
        while not await history.usage_since(TODAY):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await opened.close()


async def test_midnight_begins_a_new_day(history: History) -> None:
    days = [TODAY]
    opened = UsageBook(history, today=lambda: days[0])
    opened.add(spent(1))
    days[0] += timedelta(days=1)
    opened.add(spent(2))
    assert (opened.report("t1").today.requests, opened.report("t1").month.requests) == (2, 3)
    await opened.close()
    assert [(row.day, row.usage.requests) for row in await history.usage_since(TODAY)] == [(TODAY, 1), (days[0], 2)]


@pytest.mark.expect_log("usage not written code=disk_full")
async def test_what_could_not_be_written_is_written_later(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = asyncio.Event()

    async def full(rows: object) -> None:
        refused.set()
        raise HatchwayError(Problem("disk_full", "The disk is full", "you"))

    opened = book(history, write_seconds=0.01)
    with monkeypatch.context() as broken:
        broken.setattr(history, "add_usage", full)
        opened.add(spent(1))
        async with asyncio.timeout(10):
            await refused.wait()
    opened.add(spent(2))
    await opened.close()
    assert [row.usage.requests for row in await history.usage_since(TODAY)] == [3]
