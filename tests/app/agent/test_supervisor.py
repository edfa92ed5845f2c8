"""Many tunnels side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from app.agent.supervisor import Supervisor
from app.domain.events import TunnelChanged
from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelSpec, TunnelState
from app.domain.upstream import Upstream
from backend_lambda.protocol.messages import Error, Goodbye, Hello, Response
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


class TestMoving:
    """One backend to another, the new one first."""

    async def test_the_new_one_serves_before_the_old_one_is_left(
        self, backend: FakeBackend, supervisor: Supervisor, published: Recorder
    ) -> None:
        one = spec("one", 9)
        supervisor.start(one)
        old = (await links(backend, 1))["one"]
        await all_online(published, 1)
        async with FakeBackend() as elsewhere:
            moving = asyncio.get_running_loop().create_task(supervisor.move(one, elsewhere.where))
            new = await elsewhere.link()
            hello = await new.expect(Hello)
            assert published.states == [TunnelState.CONNECTING, TunnelState.ONLINE], "nobody hears of the attempt"
            await new.send(elsewhere.welcome(hello, path_url="https://new.example/one/"))
            await moving
            assert await old.expect(Goodbye) == Goodbye(release=True)
            await old.ended()
            assert published.states == [TunnelState.CONNECTING, TunnelState.ONLINE, TunnelState.ONLINE]
            assert published.statuses[-1].public_url == "https://new.example/one/"
            assert supervisor.status(one.id) == published.statuses[-1]
            await supervisor.stop(one.id)
            assert published.states[-1] is TunnelState.STOPPED

    async def test_a_request_that_runs_at_the_old_one_is_finished(
        self, backend: FakeBackend, supervisor: Supervisor, published: Recorder
    ) -> None:
        reached, answer = asyncio.Event(), asyncio.Event()

        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            reached.set()
            await answer.wait()
            writer.write(OK)
            writer.close()

        async with await asyncio.start_server(slow, "127.0.0.1", 0) as server, FakeBackend() as elsewhere:
            one = spec("one", server.sockets[0].getsockname()[1])
            supervisor.start(one)
            old = (await links(backend, 1))["one"]
            await old.send(request(1))
            await asyncio.wait_for(reached.wait(), 5)
            moving = asyncio.get_running_loop().create_task(supervisor.move(one, elsewhere.where))
            await elsewhere.online()
            await moving
            assert await old.expect(Goodbye) == Goodbye(release=True)
            answer.set()
            response = await old.expect(Response)
            assert (response.status, response.body) == (200, b"ok")
            await old.ended()

    async def test_one_that_is_refused_stays_where_it_is(
        self, backend: FakeBackend, supervisor: Supervisor, published: Recorder
    ) -> None:
        async with RawServer(answering(OK)) as server, FakeBackend() as elsewhere:
            one = spec("one", server.port)
            supervisor.start(one)
            old = (await links(backend, 1))["one"]
            await all_online(published, 1)
            count = len(published.events)
            moving = asyncio.get_running_loop().create_task(supervisor.move(one, elsewhere.where))
            new = await elsewhere.link()
            await new.expect(Hello)
            await new.send(Error("", "name_taken"))
            with pytest.raises(HatchwayError) as caught:
                await moving
            assert caught.value.problem.code == "name_taken"
            assert len(published.events) == count
            assert (await old.whole(request(1)))[1] == b"ok"

    async def test_an_end_in_the_middle_leaves_nothing(
        self, backend: FakeBackend, supervisor: Supervisor, published: Recorder
    ) -> None:
        one = spec("one", 9)
        supervisor.start(one)
        await links(backend, 1)
        await all_online(published, 1)
        async with FakeBackend() as elsewhere:
            moving = asyncio.get_running_loop().create_task(supervisor.move(one, elsewhere.where))
            await elsewhere.link()
            await supervisor.aclose()
            with pytest.raises(HatchwayError):
                await moving
            assert supervisor.status(one.id) is None
