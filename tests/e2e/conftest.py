"""One relay process for all tests of a worker; agent, tunnel and service are new for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.service import Service
from tests.e2e.tunnels import Agent, Relay, Tunnel, start_relay


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_relay() -> AsyncIterator[Relay]:
    """The relay process that every test of this worker uses, which also shows that none of them harms it."""
    relay = await start_relay()
    assert relay.process is not None
    yield relay
    await relay.process.stop()
    assert await relay.process.wait() == 0


@pytest.fixture
def relay(shared_relay: Relay) -> Relay:
    """That relay, alive before and after the test."""
    assert shared_relay.process is not None
    assert shared_relay.process.running
    return shared_relay


@pytest.fixture
async def own_relay() -> AsyncIterator[Relay]:
    """A relay process for one test, to be ended or filled up."""
    relay = await start_relay()
    assert relay.process is not None
    yield relay
    await relay.process.stop()


@pytest.fixture
async def agent(relay: Relay) -> AsyncIterator[Agent]:
    """An agent of that relay."""
    agent = Agent(relay)
    yield agent
    await agent.aclose()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A scripted service; it answers 200 until told otherwise."""
    async with Service() as service:
        yield service


@pytest.fixture
async def tunnel(agent: Agent, service: Service) -> Tunnel:
    """An online tunnel to that service."""
    return await agent.open(service.port)
