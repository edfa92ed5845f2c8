"""A tunnel over time: online, lost, refused, taken over, moved, stopped."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.agent import tunnel as module
from app.agent.connection import Endpoint
from app.agent.reconnect import Backoff
from app.domain.events import Event
from app.domain.problems import fail
from app.domain.tunnel import TunnelState
from backend_lambda.protocol.messages import Error, Goodbye, Hello, Response, Superseded, TunnelOptions
from tests.app.agent.conftest import Run
from tests.app.agent.fake_backend import FakeBackend, Recorder, request
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_online_says_where(backend: FakeBackend, run: Run, published: Recorder, dead_port: int) -> None:
    run(dead_port, backend.where, host_header="public", forwarded="aware", mode="spa", rewrite_oauth=True)
    link = await backend.link()
    hello = await link.greet(scope="internet")
    assert hello.options == TunnelOptions(
        f"http://127.0.0.1:{dead_port}", "public", forwarded="aware", mode="spa", rewrite_oauth=True, blobs=True
    )
    status = await published.state(TunnelState.ONLINE)
    assert published.states == [TunnelState.CONNECTING, TunnelState.ONLINE]
    assert status.urls is not None
    assert (status.urls.path, status.urls.host) == ("http://relay.example/shop/", "http://shop.relay.example/")
    assert (status.scope, status.generation, status.problem, status.retry_at) == ("internet", 1, None, None)


async def test_after_a_loss_it_comes_back_under_the_same_url(
    backend: FakeBackend, run: Run, published: Recorder, dead_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Even(Backoff):
        def next_delay(self) -> float:
            return 0.02

    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: 1000.0, monotonic=time.monotonic))
    run(dead_port, backend.where, backoff=Even())
    link = await backend.online()
    first = await published.state(TunnelState.ONLINE)
    link.socket.transport.abort()
    lost = await published.state(TunnelState.RECONNECTING)
    assert lost.problem is not None
    assert lost.problem.code == "relay_lost"
    assert lost.retry_at == 1000.02
    await backend.online()
    second = await published.state(TunnelState.ONLINE, 2)
    assert (second.urls, second.generation) == (first.urls, first.generation + 1)
    assert (second.problem, second.retry_at) == (None, None)


@pytest.mark.parametrize("code", ["name_taken", "bad_name", "unsupported_version"])
async def test_a_final_refusal_is_not_repeated_until_told(
    backend: FakeBackend, run: Run, published: Recorder, dead_port: int, code: str
) -> None:
    runner = run(dead_port, backend.where)
    link = await backend.link()
    await link.expect(Hello)
    await link.send(Error("", code))
    failed = await published.state(TunnelState.FAILED)
    assert failed.problem is not None
    assert (failed.problem.code, failed.retry_at) == (code, None)
    await asyncio.sleep(0.1)  # many times the longest delay of this test
    assert backend.waiting == 0
    runner.retry_now()
    await backend.online()
    await published.state(TunnelState.ONLINE)


async def test_a_wrong_token_is_not_repeated(
    backend: FakeBackend, run: Run, published: Recorder, dead_port: int
) -> None:
    backend.refuse = 401
    run(dead_port, backend.where)
    failed = await published.state(TunnelState.FAILED)
    assert failed.problem is not None
    assert failed.problem.code == "bad_token"
    await asyncio.sleep(0.1)
    assert len(backend.upgrades) == 1


async def test_retry_now_skips_the_delay(backend: FakeBackend, run: Run, published: Recorder, dead_port: int) -> None:
    class Patient(Backoff):
        def next_delay(self) -> float:
            return 3600

    backend.refuse = 503
    runner = run(dead_port, backend.where, backoff=Patient())
    waiting = await published.state(TunnelState.RECONNECTING)
    assert waiting.retry_at is not None
    assert waiting.retry_at > time.time() + 3500
    backend.refuse = None
    runner.retry_now()
    await backend.online()
    await published.state(TunnelState.ONLINE)


class Counting(Backoff):
    """Delays of nothing, but it counts like the real one."""

    def __init__(self) -> None:
        super().__init__(1, 64, random.Random(1))
        self.failures: list[int] = []

    def next_delay(self) -> float:
        self.failures.append(self._failures)
        super().next_delay()
        return 0


async def test_a_relay_that_accepts_and_closes_at_once_is_not_hammered(
    backend: FakeBackend, run: Run, dead_port: int
) -> None:
    backoff = Counting()
    run(dead_port, backend.where, backoff=backoff)
    for _ in range(5):
        await (await backend.online()).socket.close()
    await backend.link()
    assert backoff.failures == [0, 1, 2, 3, 4]


async def test_a_connection_that_was_stable_starts_anew(
    backend: FakeBackend, run: Run, published: Recorder, dead_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STABLE_SECONDS", 0.0)
    backoff = Counting()
    run(dead_port, backend.where, backoff=backoff)
    for number in range(1, 4):
        link = await backend.online()
        await published.state(TunnelState.ONLINE, number)
        await link.socket.close()
    await backend.link()
    assert backoff.failures == [0, 0, 0]


async def test_time_spent_on_connecting_is_not_stability(
    run: Run, published: Recorder, dead_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STABLE_SECONDS", 0.0)
    backoff = Counting()

    async def slow() -> Endpoint:
        await asyncio.sleep(0.01)
        raise fail("no_relay", "It does not start", "relay")

    run(dead_port, slow, backoff=backoff)
    await published.state(TunnelState.RECONNECTING, 3)
    assert backoff.failures[:3] == [0, 1, 2]


@pytest.mark.expect_log("tunnel failed")
async def test_an_unforeseen_fault_is_shown_and_tried_again(
    backend: FakeBackend, run: Run, published: Recorder, dead_port: int
) -> None:
    faults = [ZeroDivisionError()]

    async def where() -> Endpoint:
        if faults:
            raise faults.pop()
        return backend.endpoint

    run(dead_port, where)
    broken = await published.state(TunnelState.RECONNECTING)
    assert broken.problem is not None
    assert (broken.problem.code, broken.problem.side) == ("internal", "Hatchway")
    await backend.online()
    await published.state(TunnelState.ONLINE)


class TestRotation:
    async def test_the_new_connection_is_there_before_the_old_one_goes(
        self, backend: FakeBackend, run: Run, published: Recorder
    ) -> None:
        go = asyncio.Event()

        async def script(peer: Peer) -> None:
            line = (await peer.request()).line
            if b"slow" in line:
                await go.wait()
            await peer.send(OK)

        async with RawServer(script) as server, asyncio.timeout(5):
            run(server.port, backend.where, rotate_every=0.05)
            old = await backend.online()
            await old.send(request(1, "/slow"))
            new = await backend.online()
            status = await published.state(TunnelState.ONLINE, 2)
            assert status.generation == 2
            await old.send(request(2), Superseded(2), request(3))
            answered = {(await old.expect(Response)).id, (await old.expect(Response)).id}
            # Also what was on its way when the tunnel moved.
            assert answered == {"r2", "r3"}
            await new.send(request(4))
            assert (await new.expect(Response)).id == "r4"
            go.set()
            assert (await old.expect(Response)).id == "r1"
            assert await old.ended() == 1000
        assert TunnelState.RECONNECTING not in published.states

    async def test_a_rotation_that_fails_leaves_the_old_connection_and_is_tried_again(
        self, backend: FakeBackend, run: Run, published: Recorder
    ) -> None:
        async with RawServer(answering(OK)) as server, asyncio.timeout(5):
            run(server.port, backend.where, rotate_every=0.1)
            old = await backend.online()
            backend.refuse = 401
            await backend.refused(2)
            assert (await old.whole(request(1)))[1] == b"ok"
            assert published.states == [TunnelState.CONNECTING, TunnelState.ONLINE]
            backend.refuse = None
            new = await backend.online()
            assert (await new.whole(request(2)))[1] == b"ok"

    async def test_it_follows_the_lifetime_that_the_backend_announces(
        self, backend: FakeBackend, run: Run, published: Recorder, dead_port: int
    ) -> None:
        runner = run(dead_port, backend.where)
        await backend.online(limits={"lifetime": 200})
        await backend.online(limits={"lifetime": None})
        await published.state(TunnelState.ONLINE, 2)
        assert TunnelState.RECONNECTING not in published.states
        connection = runner._current
        assert connection is not None
        assert runner._rotation(connection) is None
        announced = SimpleNamespace(limits=replace(connection.limits, lifetime=200))
        # Some time before the backend ends it.
        assert runner._rotation(announced) == pytest.approx(0.18)  # type: ignore[arg-type]


class TestTakeover:
    async def test_another_hatchway_takes_the_tunnel_and_this_one_does_not_fight(
        self, backend: FakeBackend, run: Run, published: Recorder
    ) -> None:
        async with RawServer(answering(OK)) as server, asyncio.timeout(5):
            runner = run(server.port, backend.where)
            link = await backend.online()
            await link.send(request(1), Superseded(7))
            assert (await link.expect(Response)).id == "r1"
            await link.ended()
            failed = await published.state(TunnelState.FAILED)
            assert failed.problem is not None
            assert (failed.problem.code, failed.problem.side) == ("superseded", "you")
            await asyncio.sleep(0.1)
            assert backend.waiting == 0
            runner.retry_now()
            again = await backend.online()
            await published.state(TunnelState.ONLINE, 2)
            assert (await again.whole(request(2)))[1] == b"ok"

    async def test_being_superseded_by_an_own_attempt_is_no_takeover(
        self, backend: FakeBackend, run: Run, published: Recorder, dead_port: int
    ) -> None:
        """The new connection claimed the tunnel, but its welcome got lost with it."""
        async with asyncio.timeout(5):
            run(dead_port, backend.where, rotate_every=0.05)
            old = await backend.online()
            lost = await backend.link()
            await lost.expect(Hello)
            await old.send(Superseded(2))
            lost.socket.transport.abort()
            await old.ended()
            await backend.online()
            await published.state(TunnelState.ONLINE, 2)
        assert TunnelState.FAILED not in published.states


class TestStop:
    async def test_it_says_goodbye_and_ends_all(self, backend: FakeBackend, run: Run, published: Recorder) -> None:
        async with RawServer(_hang) as server:
            runner = run(server.port, backend.where)
            link = await backend.online()
            await published.state(TunnelState.ONLINE)
            await link.send(*(request(number) for number in range(50)))
            await published.until(lambda: len(published.seen) == 50)
            stopping = asyncio.get_running_loop().create_task(runner.stop(release=True))
            assert await link.expect(Goodbye) == Goodbye(True)
            await asyncio.wait_for(stopping, 5)
            assert await link.ended() == 1000
            assert len(await published.finished(50)) == 50
        assert published.states[-1] is TunnelState.STOPPED

    async def test_a_dead_relay_does_not_hold_it_up(self, backend: FakeBackend, run: Run, published: Recorder) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + bytes(20_000_000)
        async with RawServer(answering(answer)) as server:
            runner = run(server.port, backend.where)
            link = await backend.online(limits={"window": None})
            link.socket.transport.pause_reading()
            await link.send(*(request(number) for number in range(3)))
            await published.until(lambda: len(published.seen) == 6)
            await asyncio.sleep(0.2)  # until nothing goes out any more
            await asyncio.wait_for(runner.stop(), 5)
            assert [record.state.value for record in await published.finished(3)] == ["failed"] * 3

    @pytest.mark.parametrize("phase", ["connecting", "greeting", "waiting", "failed"])
    async def test_in_every_phase(
        self, backend: FakeBackend, run: Run, published: Recorder, dead_port: int, phase: str
    ) -> None:
        async def never() -> Endpoint:
            await asyncio.Event().wait()
            raise AssertionError

        backend.refuse = {"waiting": 503, "failed": 401}.get(phase)
        slow = Backoff(1000, 1000)
        runner = run(dead_port, never if phase == "connecting" else backend.where, backoff=slow)
        match phase:
            case "greeting":
                await (await backend.link()).expect(Hello)
            case "waiting":
                await published.state(TunnelState.RECONNECTING)
            case "failed":
                await published.state(TunnelState.FAILED)
        await asyncio.wait_for(runner.stop(), 5)
        assert runner.status.state is TunnelState.STOPPED


async def test_a_listener_gets_the_states_in_order_with_the_time_of_each(
    backend: FakeBackend, run: Run, dead_port: int
) -> None:
    got: list[Event] = []
    runner = run(dead_port, backend.where, got.append)
    await backend.online()
    await runner.stop()
    since = [event.status.since for event in got]  # type: ignore[union-attr]
    assert since == sorted(since)
    assert len(set(since)) == len(since)


async def _hang(peer: Peer) -> None:
    await peer.request()
    await peer.gone()
