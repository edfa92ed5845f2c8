"""For each test a home of its own with a free relay port, and commands that end with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e_cli.processes import Hatchway, Service, free_port, prepare_home

Start = Callable[..., Awaitable[Hatchway]]


@pytest.fixture
def relay_port(hatchway_home: Path) -> int:
    """Where the embedded relay of this test listens."""
    port = free_port()
    prepare_home(hatchway_home, port)
    return port


@pytest.fixture
async def start(relay_port: int) -> AsyncIterator[Start]:
    """Starts `hatchway` with these arguments."""
    running: list[Hatchway] = []

    async def start(*arguments: str, **environment: str | None) -> Hatchway:
        hatchway = await Hatchway.start(*arguments, **environment)
        running.append(hatchway)
        return hatchway

    yield start
    for hatchway in running:
        await hatchway.aclose()


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The FastAPI service, the same for all tests."""
    with Service() as service:
        yield service


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A visitor."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        yield client
