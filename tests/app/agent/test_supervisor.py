"""Many tunnels side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from app.agent.supervisor import Supervisor
from app.domain.events import TunnelChanged
from app.domain.tunnel import TunnelSpec, TunnelState
from app.domain.upstream import Upstream
from backend_lambda.protocol.messages import Error, Goodbye, Hello
from tests.app.agent.fake_backend import FakeBackend, Link, Recorder, request
from tests.app.upstream.raw_server import RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
async def supervisor(backend: FakeBackend, published: Recorder) -> AsyncIterator[Supervisor]:
    running = Supervisor("owner", backend.where, published)
    yield running
    await running.aclose()


def spec(name: str, port: int) -> TunnelSpec:
    return TunnelSpec(name, Upstream("http", "127.0.0.1", port), id=f"id-{name}")


async def links(backend: FakeBackend, count: int) -> dict[str, Link]:
    """The connections by the name of their tunnel."""
    found = {}
    for _ in range(count):
        link = await backend.link()
        hello = await link.expect(Hello)
        found[hello.tunnel or ""] = link
        if hello.tunnel != "bad":
            await link.send(backend.welcome(hello))
    return found


async def all_online(published: Recorder, count: int) -> None:
    await published.until(
        lambda: len({each.spec.id for each in published.statuses if each.state is TunnelState.ONLINE}) == count
    )


async def test_twenty_tunnels_serve_and_end_at_once(
    backend: FakeBackend, supervisor: Supervisor, published: Recorder
) -> None:
    async with RawServer(answering(OK)) as server:
        for number in range(20):
            supervisor.start(spec(f"t{number}", server.port))
        found = await links(backend, 20)
        assert len(found) == 20
        await all_online(published, 20)
        answers = await asyncio.gather(*(link.whole(request(1, f"/{name}")) for name, link in found.items()))
        assert all(body == b"ok" for _, body in answers)
        before = time.monotonic()
        await supervisor.aclose()
        assert time.monotonic() - before < 1
        assert {received.line.split()[1].decode() for received in server.requests} == {f"/t{n}" for n in range(20)}
    assert published.states[-20:] == [TunnelState.STOPPED] * 20


async def test_one_that_fails_never_touches_another(
    backend: FakeBackend, supervisor: Supervisor, published: Recorder
) -> None:
    async with RawServer(answering(OK)) as server:
        for name in ("good", "bad", "lost"):
            supervisor.start(spec(name, server.port))
        found = await links(backend, 3)
        await found["bad"].send(Error("", "name_taken"))
        await all_online(published, 2)
        found["lost"].socket.transport.abort()
        await published.state(TunnelState.FAILED)
        await published.state(TunnelState.RECONNECTING)
        assert (await found["good"].whole(request(1)))[1] == b"ok"
        good = [
            event.status.state
            for event in published.events
            if isinstance(event, TunnelChanged) and event.status.spec.name == "good"
        ]
        assert good == [TunnelState.CONNECTING, TunnelState.ONLINE]
        failed = supervisor.status("id-bad")
        assert failed is not None
        assert failed.state is TunnelState.FAILED
        supervisor.retry_now("id-bad")
        await published.until(lambda: backend.waiting)


async def test_start_and_stop_are_each_done_once(
    backend: FakeBackend, supervisor: Supervisor, published: Recorder
) -> None:
    one = spec("one", 9)
    supervisor.start(one)
    supervisor.start(one)
    link = (await links(backend, 1))["one"]
    await all_online(published, 1)
    stopping = asyncio.get_running_loop().create_task(supervisor.stop(one.id, release=True))
    assert await link.expect(Goodbye) == Goodbye(release=True)
    await stopping
    await supervisor.stop(one.id)
    supervisor.retry_now(one.id)
    assert supervisor.status(one.id) is None
    assert backend.waiting == 0
    assert published.states.count(TunnelState.STOPPED) == 1
    supervisor.start(one)
    await links(backend, 1)
    await published.state(TunnelState.ONLINE, 2)
