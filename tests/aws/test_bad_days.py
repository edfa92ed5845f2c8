"""What AWS does to a tunnel on bad days, one fault at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.domain.tunnel import TunnelState
from tests.aws.day import Day, a_day
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.ws_api import WsConfig
from tests.aws.threaded import rotating
from tests.e2e.service import Call


@pytest.fixture
async def day(request: pytest.FixtureRequest) -> AsyncIterator[Day]:
    """Parametrize indirectly with a CloudConfig."""
    async with a_day(getattr(request, "param", None)) as day:
        yield day


async def test_a_post_that_arrives_twice_is_served_once(day: Day) -> None:
    day.cloud.inject("callback-duplicate")
    assert [await day.status("/once"), await day.status("/next")] == [200, 200]
    assert day.targets() == ["/once", "/next"]


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_throttled_posts_are_repeated(day: Day, times: int) -> None:
    day.cloud.inject("callback-429", times=times)
    assert await day.status() == 200
    assert len(day.service.calls) == 1


async def test_a_throttled_read_is_repeated(day: Day) -> None:
    day.cloud.inject("table-throttled", match="GetItem")
    assert await day.status() == 200


async def test_a_throttled_table_is_a_page_of_ours(day: Day) -> None:
    day.cloud.inject("table-throttled", times=2, match="GetItem")
    answer = await day.backend.visitor.get("/shop/")
    assert answer.status_code == 200 or answer.headers.get("x-hatchway-error")


async def test_late_reads_only_take_longer(day: Day) -> None:
    assert await day.status() == 200
    day.cloud.table.read_lag = (0.3, 0.5)
    assert await day.status() == 200


async def test_a_tunnel_is_there_as_soon_as_its_agent_is_told_so(day: Day) -> None:
    day.cloud.table.read_lag = (3, 3)
    await day.cloud.thread.run(day.cloud.function.recycle())  # the environment that claimed it would remember
    assert await day.status() == 200


@pytest.mark.parametrize("day", [CloudConfig(websockets=WsConfig(settle=0.25))], indirect=True)
async def test_a_fresh_connection_gets_its_welcome_by_repetition(day: Day) -> None:
    assert await day.status() == 200


async def test_an_agent_whose_connection_breaks_comes_back_though_disconnect_was_lost(day: Day) -> None:
    day.cloud.inject("disconnect-lost")
    for connection in list(day.cloud.websockets.connections.values()):
        await day.cloud.thread.run(connection.close(1001, "Going away"))
    await day.agent.reaches(day.tunnel.spec, TunnelState.RECONNECTING)
    await day.agent.reaches(day.tunnel.spec, TunnelState.ONLINE, 30)
    assert await day.status() == 200


async def test_an_environment_that_dies_costs_one_request(day: Day) -> None:
    async def slow(call: Call) -> None:
        await asyncio.sleep(0.3)
        await call.answer()

    day.service.script = slow
    day.cloud.inject("lambda-killed")
    assert await day.status() == 500
    assert await day.status() == 200


async def test_a_tunnel_moves_to_a_new_connection_without_a_lost_request(day: Day) -> None:
    await day.agent.aclose()
    agent = rotating(day.backend.agent(), 0.5)
    await agent.open(day.service.port, "shop")
    generations = set()
    for number in range(40):
        assert await day.status(f"/{number}") == 200
        generations.add(day.row()["generation"]["N"])
    assert day.targets() == [f"/{number}" for number in range(40)]
    assert len(generations) > 1
    await agent.aclose()
