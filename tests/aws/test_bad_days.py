"""What AWS does to a tunnel on bad days, one fault at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.domain.tunnel import TunnelState
from tests.aws.backend import Backend
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.ws_api import WsConfig
from tests.aws.threaded import in_threads, rotating
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent, Tunnel


@dataclass
class Day:
    """A tunnel `shop` that was online and answered once."""

    backend: Backend
    agent: Agent
    service: Service
    tunnel: Tunnel

    @property
    def cloud(self) -> Cloud:
        return self.backend.cloud

    async def status(self, path: str = "/") -> int:
        return (await self.backend.visitor.get("/shop" + path)).status_code

    def targets(self) -> list[str]:
        return [call.target.decode() for call in self.service.calls]


@pytest.fixture
async def day(request: pytest.FixtureRequest) -> AsyncIterator[Day]:
    """Parametrize indirectly with a CloudConfig."""
    async with in_threads(getattr(request, "param", None)) as backend, Service() as service:
        agent = backend.agent()
        yield Day(backend, agent, service, await agent.open(service.port, "shop"))
        await agent.aclose()


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
        row = day.cloud.table.read({"pk": {"S": "t#shop"}, "sk": {"S": "t"}}, consistent=True)
        assert row is not None
        generations.add(row["generation"]["N"])
    assert day.targets() == [f"/{number}" for number in range(40)]
    assert len(generations) > 1
    await agent.aclose()
