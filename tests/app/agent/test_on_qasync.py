"""The agent on the loops it really runs on: Qt's in the window, uvloop where the command line has it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection

from app.agent.connection import Endpoint
from app.agent.reconnect import Backoff
from app.agent.tunnel import TunnelRunner
from app.domain.tunnel import TunnelSpec, TunnelState
from app.domain.upstream import Upstream
from app.relay.application import AGENT_PATH
from app.upstream.api import UpstreamRequest
from tests.app.agent.fake_backend import Recorder
from tests.app.agent.test_with_relay import running_relay, visitor
from tests.app.upstream.conftest import fetch, in_pieces
from tests.app.upstream.raw_server import RawServer, answering
from tests.app.upstream.test_websocket import service


def _qasync() -> asyncio.AbstractEventLoop:
    from app.ui.loop import PatchedQEventLoop

    loop: asyncio.AbstractEventLoop = PatchedQEventLoop()
    return loop


def _uvloop() -> asyncio.AbstractEventLoop:
    uvloop = pytest.importorskip("uvloop")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


@pytest.mark.parametrize("new_loop", [_qasync, _uvloop])
def test_requests_uploads_websockets_moves_and_stops(
    new_loop: Callable[[], asyncio.AbstractEventLoop], qapp: object
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_scenario())


async def _scenario() -> None:
    async def echo(connection: ServerConnection) -> None:
        await connection.send(await connection.recv())
        await connection.wait_closed()

    async with (
        asyncio.timeout(20),
        running_relay() as relay,
        service(echo) as sockets,
        RawServer(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + b"x" * 400_000)) as server,
    ):
        before = asyncio.all_tasks()

        async def where() -> Endpoint:
            return Endpoint(f"ws://127.0.0.1:{relay}{AGENT_PATH}")

        published = Recorder()
        tunnels = [
            TunnelRunner(
                TunnelSpec(name, Upstream("http", "127.0.0.1", port)), "owner", where, published,
                backoff=Backoff(0.01, 0.05, random.Random(1)), rotate_every=0.1,
            )
            for name, port in (("shop", server.port), ("chat", sockets))
        ]  # fmt: skip
        for tunnel in tunnels:
            tunnel.start()
        await published.state(TunnelState.ONLINE, 2)
        client = visitor(relay)
        for _ in range(5):
            body = in_pieces(b"a" * 200_000, b"b" * 200_000)
            request = UpstreamRequest("POST", "/shop/up", [("Host", "localhost")], body)
            status, _, answer = await fetch(client, request)
            assert (status, answer) == (200, b"x" * 400_000)
        await client.aclose()
        async with connect(f"ws://127.0.0.1:{relay}/chat/", proxy=None) as socket:
            await socket.send("hello")
            assert await socket.recv() == "hello"
        await published.state(TunnelState.ONLINE, 6)
        await asyncio.gather(*(tunnel.stop() for tunnel in tunnels))
        await asyncio.sleep(0)
        ours = ("tunnel ", "connection ", "exchange ", "agent ", "drain ", "upstream ", "taken over")
        assert [task for task in asyncio.all_tasks() - before if task.get_name().startswith(ours)] == []
        assert all(received.body == b"a" * 200_000 + b"b" * 200_000 for received in server.requests)
