from __future__ import annotations

import asyncio

import pytest
from pytestqt.qtbot import QtBot

from app.domain.exchange import Exchange, ExchangeState
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.viewmodels.tunnel_stats import TunnelStats
from tests.app.fake_workspace import FakeWorkspace

SPEC = TunnelSpec("shop", Upstream("http", "localhost", 3000), id="id-shop")
NOW = 1_700_000_000


def exchange(milliseconds: float = 10, *, ago: float = 0) -> Exchange:
    started = int((NOW - ago) * 1e9)
    made = Exchange("shop", "id-shop", "GET", "/", "http://localhost:3000", status=200, started_ns=started)
    made.finished_ns = started + int(milliseconds * 1e6)
    made.state = ExchangeState.DONE
    return made


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace(SPEC)


@pytest.fixture
def stats(qtbot: QtBot, workspace: FakeWorkspace) -> TunnelStats:
    return TunnelStats(workspace, clock=lambda: float(NOW))


async def test_history_and_live_requests_add_up(stats: TunnelStats, workspace: FakeWorkspace) -> None:
    workspace.record(exchange(10), exchange(30), exchange(50))
    await stats.load("id-shop")
    workspace.begin(exchange(20))
    traffic = stats.traffic("id-shop")
    assert (traffic.requests, traffic.more, traffic.median_ms) == (4, False, 30.0)


async def test_requests_that_come_while_history_is_read_are_counted_once(
    stats: TunnelStats, workspace: FakeWorkspace
) -> None:
    workspace.record(exchange())
    workspace.begin(exchange())  # before the question: the history knows it too
    loading = asyncio.ensure_future(stats.load("id-shop"))
    await asyncio.sleep(0)
    workspace.begin(exchange())  # between question and answer
    await loading
    workspace.begin(exchange())
    assert stats.traffic("id-shop").requests == 4


async def test_loading_twice_counts_once(stats: TunnelStats, workspace: FakeWorkspace) -> None:
    workspace.record(exchange())
    await stats.load("id-shop")
    await stats.load("id-shop")
    assert stats.traffic("id-shop").requests == 1


async def test_a_long_history_is_counted_honestly_as_more(stats: TunnelStats, workspace: FakeWorkspace) -> None:
    workspace.record(*(exchange() for _ in range(501)))
    await stats.load("id-shop")
    traffic = stats.traffic("id-shop")
    assert (traffic.requests, traffic.more) == (500, True)


def test_bars_show_the_last_two_minutes_oldest_first(stats: TunnelStats, workspace: FakeWorkspace) -> None:
    for ago in (0, 1, 60, 500):
        workspace.begin(exchange(ago=ago))
    bars = stats.traffic("id-shop").bars
    assert len(bars) == 24
    assert sum(bars) == 3
    assert bars[-1] + bars[-2] == 2


def test_announcements_are_coalesced(stats: TunnelStats, workspace: FakeWorkspace, qtbot: QtBot) -> None:
    seen: list[None] = []
    stats.changed.connect(lambda: seen.append(None))
    for _ in range(50):
        workspace.begin(exchange())
    assert seen == []
    qtbot.waitUntil(lambda: len(seen) == 1, timeout=1000)
    qtbot.wait(300)
    assert len(seen) == 1


async def test_a_removed_tunnel_is_forgotten(stats: TunnelStats, workspace: FakeWorkspace) -> None:
    workspace.begin(exchange())
    await workspace.remove_tunnel("id-shop")
    assert stats.traffic("id-shop").requests == 0
