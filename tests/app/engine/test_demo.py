from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.engine.demo import Demo


@pytest.fixture
async def demo(port: int) -> AsyncIterator[Demo]:
    made = Demo(port)
    yield made
    await made.stop()


async def test_it_is_started_once_beside_the_relay(demo: Demo, port: int) -> None:
    first, second = await asyncio.gather(demo.start(), demo.start())
    assert first == second == demo.usual == Upstream("http", "127.0.0.1", port + 1)
    assert demo.port == port + 1


async def test_where_its_port_is_taken_it_moves_for_this_run(demo: Demo, port: int) -> None:
    saved = TunnelSpec("demo", demo.usual)
    other = TunnelSpec("shop", Upstream("http", "127.0.0.1", 3000))
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", port + 1):
        runs = await demo.brought_along(saved)
    assert runs.upstream.port == demo.port != port + 1
    assert await demo.brought_along(runs) == runs
    assert demo.as_saved([runs, other]) == (saved, other)


async def test_other_tunnels_do_not_start_it(demo: Demo, port: int) -> None:
    other = TunnelSpec("shop", Upstream("http", "127.0.0.1", 3000))
    assert await demo.brought_along(other) is other
    assert demo.port == port + 1
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", port + 1):
        pass  # still free
