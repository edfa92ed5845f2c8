"""A scripted backend, an upstream that is a script, and tunnels that leave nothing behind."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from app.agent.reconnect import Backoff
from app.agent.tunnel import EndpointSource, TunnelRunner
from app.domain.events import Event
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from tests.app.agent.fake_backend import FakeBackend, Recorder

Run = Callable[..., TunnelRunner]
"""Starts a tunnel: run(port, endpoint source, **fields of the spec)."""


@pytest.fixture
async def backend() -> AsyncIterator[FakeBackend]:
    async with FakeBackend() as running:
        yield running


@pytest.fixture
async def published() -> Recorder:
    return Recorder()


@pytest.fixture
async def run(published: Recorder) -> AsyncIterator[Run]:
    before = asyncio.all_tasks()
    runners: list[TunnelRunner] = []

    def start(
        port: int,
        endpoint: EndpointSource,
        publish: Callable[[Event], None] = published,
        *,
        backoff: Backoff | None = None,
        rotate_every: float | None = None,
        **fields: Any,
    ) -> TunnelRunner:
        spec = TunnelSpec(fields.pop("name", "shop"), Upstream("http", "127.0.0.1", port), **fields)
        quick = backoff or Backoff(0.01, 0.05, random.Random(1))
        runner = TunnelRunner(spec, "owner-secret", endpoint, publish, backoff=quick, rotate_every=rotate_every)
        runners.append(runner)
        runner.start()
        return runner

    yield start
    async with asyncio.timeout(1):
        await asyncio.gather(*(runner.stop() for runner in runners))
    await asyncio.sleep(0)  # cancelled tasks need one more turn to be gone
    left = [task for task in asyncio.all_tasks() - before if not _of_the_test(task)]
    assert left == []


def _of_the_test(task: asyncio.Task[Any]) -> bool:
    """Tasks of the servers in the test, which end after this fixture, and the one that runs it."""
    code = getattr(task.get_coro(), "__qualname__", "")
    ours = ("tunnel ", "connection ", "exchange ", "agent ", "drain ", "upstream ", "taken over")
    return not task.get_name().startswith(ours) and "hatchway" not in code


@pytest.fixture
def dead_port() -> int:
    """A port where nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
