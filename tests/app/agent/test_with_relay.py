"""The agent against the real relay in one process: nothing is lost or doubled, whatever moves meanwhile."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.agent.connection import Endpoint
from app.domain.events import ExchangeRewritten
from app.domain.tunnel import TunnelState
from app.domain.upstream import Upstream
from app.relay.application import AGENT_PATH, RelayConfig
from app.relay.server import RelayServer, bind
from app.upstream.api import UpstreamOptions, UpstreamRequest
from app.upstream.lean import LeanClient
from tests.app.agent.conftest import Run
from tests.app.agent.fake_backend import Recorder
from tests.app.upstream.conftest import fetch, in_pieces
from tests.app.upstream.raw_server import Peer, RawServer, answering


@asynccontextmanager
async def running_relay() -> AsyncIterator[int]:
    """A relay on this loop; gives its port."""
    config = RelayConfig()
    listener = bind(config)
    ready = asyncio.Event()
    server = RelayServer(config, listener, lambda _: ready.set())
    serving = asyncio.get_running_loop().create_task(server.run_until_told(), name="relay")
    await ready.wait()
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


@pytest.fixture
async def relay() -> AsyncIterator[int]:
    async with running_relay() as port:
        yield port


def visitor(port: int) -> LeanClient:
    return LeanClient(UpstreamOptions(Upstream("http", "127.0.0.1", port)))


def post(port: int, target: str, body: bytes = b"") -> UpstreamRequest:
    return UpstreamRequest("POST", f"/shop{target}", [("Host", f"127.0.0.1:{port}")], body)


async def test_moving_under_constant_traffic_loses_and_doubles_nothing(
    relay: int, run: Run, published: Recorder
) -> None:
    """Make before break: a dozen connections, one after the other, while requests never stop."""
    served: list[str] = []
    begun = asyncio.Event()

    async def echo(peer: Peer) -> None:
        for _ in itertools.count():
            request = await peer.request()
            target = request.line.split()[1].decode()
            served.append(target)
            if target == "/stream":
                await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
                for piece in range(100):
                    await peer.send(b"%d" % (piece % 10))
                    begun.set()
                    await asyncio.sleep(0.01)
            else:
                await asyncio.sleep(0.002)  # so that some are always on their way
                await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target.encode()))

    async def where() -> Endpoint:
        return Endpoint(f"ws://127.0.0.1:{relay}{AGENT_PATH}")

    numbers = itertools.count()
    sent: list[str] = []

    async def visit() -> None:
        client = visitor(relay)
        while published.states.count(TunnelState.ONLINE) < 12:
            target = f"/{next(numbers)}"
            sent.append(target)
            status, _, body = await fetch(client, post(relay, target, b"x" * 100))
            assert (status, body) == (200, target.encode())
        await client.aclose()

    async with RawServer(echo) as server, asyncio.timeout(20):
        run(server.port, where, rotate_every=0.08)
        first = await published.state(TunnelState.ONLINE)
        client = visitor(relay)
        stream = asyncio.get_running_loop().create_task(fetch(client, post(relay, "/stream")))
        await begun.wait()
        async with asyncio.TaskGroup() as visitors:
            for _ in range(8):
                visitors.create_task(visit())
        # What began on the first connection ends on it, however often the tunnel has moved since.
        status, _, body = await stream
        assert (status, body) == (200, b"0123456789" * 10)
        await client.aclose()
        records = await published.finished(len(sent) + 1)
    assert sorted(served) == sorted([*sent, "/stream"])
    assert len(sent) > 24
    assert {record.state.value for record in records} == {"done"}
    assert set(published.states) <= {TunnelState.CONNECTING, TunnelState.ONLINE}
    online = [status for status in published.statuses if status.state is TunnelState.ONLINE]
    assert [status.generation for status in online] == list(range(1, len(online) + 1))
    assert {status.urls for status in online} == {first.urls}


async def test_a_relay_that_restarts_gets_its_tunnel_back(run: Run, published: Recorder) -> None:
    async def echo(peer: Peer) -> None:
        while True:
            body = (await peer.request()).body
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    port = 0

    async def where() -> Endpoint:
        return Endpoint(f"ws://127.0.0.1:{port}{AGENT_PATH}")

    async with RawServer(echo) as server, asyncio.timeout(20):
        for life in (1, 2):
            async with running_relay() as port:
                if life == 1:
                    run(server.port, where)
                await published.state(TunnelState.ONLINE, life)
                client = visitor(port)
                request = UpstreamRequest(
                    "PUT", "/shop/", [("Host", "localhost")], in_pieces(b"a" * 300_000, b"b" * 300_000)
                )
                assert (await fetch(client, request))[2] == b"a" * 300_000 + b"b" * 300_000
                await client.aclose()
            await published.state(TunnelState.RECONNECTING, life)


async def test_the_agent_learns_what_was_rewritten_and_what_leaked(relay: int, run: Run, published: Recorder) -> None:
    page = b'<!doctype html><title>x</title><a href="/b">b</a>'
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(page)

    async def where() -> Endpoint:
        return Endpoint(f"ws://127.0.0.1:{relay}{AGENT_PATH}")

    def get(target: str, **headers: str) -> UpstreamRequest:
        return UpstreamRequest("GET", target, [("Host", f"127.0.0.1:{relay}"), *headers.items()], b"")

    def told() -> list[ExchangeRewritten]:
        return [event for event in published.events if isinstance(event, ExchangeRewritten)]

    async with RawServer(answering(answer + page)) as server, asyncio.timeout(20):
        run(server.port, where, mode="app")
        await published.state(TunnelState.ONLINE)
        client = visitor(relay)
        assert (await fetch(client, get("/shop/")))[0] == 200
        await published.until(told)
        # The page asks without its prefix; a Referer that no message can carry is no reason to lose the connection.
        for referer in ("shop/cart?x=1", "shop/a page"):
            status, headers, _ = await fetch(client, get("/api?q", Referer=f"http://127.0.0.1:{relay}/{referer}"))
            assert status == 307
            assert ("location", "/shop/api?q") in [(name.lower(), value) for name, value in headers]
            assert (await fetch(client, get("/shop/api?q")))[0] == 200
        await client.aclose()
        first, leaked, other = await published.finished(3)
    rewriting = told()[0].rewriting
    assert told()[0].exchange_id == first.id
    assert (rewriting.kind, rewriting.edits["url"], rewriting.notes) == ("html", 1, ())
    assert set(rewriting.layers) >= {"L0", "L1"}
    assert [first.leak, leaked.leak, other.leak] == [None, "/cart", None]
    assert published.states.count(TunnelState.ONLINE) == 1
