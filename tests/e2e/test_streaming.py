"""Streams flow as they come, both ways, with flat memory; who leaves is noticed; who is slow delays nobody else."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time

import psutil
import pytest

from app.domain.exchange import ExchangeState
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent, Relay, Tunnel, agent_process
from tests.e2e.visitor import Visitor, ask, get, post

EVENT_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


async def test_events_arrive_within_100_ms(tunnel: Tunnel, service: Service) -> None:
    written: list[float] = []

    async def events(call: Call) -> None:
        await call.send(EVENT_STREAM)
        for number in range(20):
            await asyncio.sleep(0.02)
            event = b"data: %d\n\n" % number
            written.append(time.monotonic())
            await call.send(b"%x\r\n%b\r\n" % (len(event), event))
        await call.send(b"0\r\n\r\n")

    service.script = events
    delays = []
    async with Visitor(tunnel.relay.port) as visitor:
        await visitor.send(get(tunnel.path(), "Accept: text/event-stream"))
        head = await visitor.head()
        assert head.header("content-type") == "text/event-stream"
        for number in range(20):
            assert await visitor.chunk() == b"data: %d\n\n" % number
            delays.append(time.monotonic() - written[number])
        assert await visitor.chunk() == b""
    delays.sort()
    assert delays[10] < 0.025
    assert delays[18] < 0.1, "one may be late on a busy machine"


async def test_the_head_does_not_wait_for_the_first_event(tunnel: Tunnel, service: Service) -> None:
    async def quiet(call: Call) -> None:
        await call.send(EVENT_STREAM)
        await call.until_gone(5)

    service.script = quiet
    async with Visitor(tunnel.relay.port) as visitor:
        await visitor.send(get(tunnel.path()))
        assert (await visitor.head(seconds=0.5)).status == 200


async def test_uploaded_pieces_arrive_as_they_are_sent(tunnel: Tunnel, service: Service) -> None:
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(call: Call) -> None:
        async for piece in call.pieces():
            got.put_nowait(piece)
        await call.answer()

    service.script = listen
    async with Visitor(tunnel.relay.port) as visitor:
        await visitor.send(get(tunnel.path(), "Transfer-Encoding: chunked", method="POST"))
        for number in range(5):
            await visitor.send(b"6\r\npiece%d\r\n" % number)
            async with asyncio.timeout(0.5):
                assert await got.get() == b"piece%d" % number
        assert (await visitor.ask(b"0\r\n\r\n")).status == 200


async def test_upload_and_answer_can_run_at_the_same_time(tunnel: Tunnel, service: Service) -> None:
    async def echo(call: Call) -> None:
        await call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        async for piece in call.pieces():
            await call.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        await call.send(b"0\r\n\r\n")

    service.script = echo
    async with Visitor(tunnel.relay.port) as visitor:
        await visitor.send(get(tunnel.path(), "Transfer-Encoding: chunked", method="POST"))
        await visitor.head()
        for number in range(5):
            await visitor.send(b"6\r\npiece%d\r\n" % number)
            assert await visitor.chunk() == b"piece%d" % number
        await visitor.send(b"0\r\n\r\n")
        assert await visitor.chunk() == b""


class TestVisitorsWhoLeave:
    """The service sees it within a second."""

    @pytest.fixture
    async def left(self, service: Service) -> asyncio.Future[bool]:
        left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.arrived = asyncio.Event()

        async def script(call: Call) -> None:
            if call.target == b"/events":
                await call.send(EVENT_STREAM + b"2\r\nhi\r\n")
            if call.target == b"/upload":
                await call.reader.readexactly(1000)
            self.arrived.set()
            left.set_result(await call.until_gone(1))
            call.abort()

        service.script = script
        return left

    @pytest.mark.parametrize("how", ["closes", "aborts"])
    @pytest.mark.parametrize("target", ["/events", "/slow", "/upload"])
    async def test_leave(self, agent: Agent, tunnel: Tunnel, left: asyncio.Future[bool], target: str, how: str) -> None:
        async with Visitor(tunnel.relay.port) as visitor:
            if target == "/upload":
                await visitor.send(get(tunnel.path(target), "Content-Length: 1000000", method="POST") + b"x" * 5000)
            else:
                await visitor.send(get(tunnel.path(target)))
            await self.arrived.wait()
            finished = asyncio.ensure_future(agent.finished())
            await asyncio.sleep(0)
            if how == "aborts":
                visitor.abort()
        assert await left
        exchange = await finished
        assert exchange.state is ExchangeState.CANCELLED
        assert exchange.problem is not None
        assert exchange.problem.side == "visitor"

    async def test_with_another_request_in_the_pipeline(self, tunnel: Tunnel, left: asyncio.Future[bool]) -> None:
        async with Visitor(tunnel.relay.port) as visitor:
            await visitor.send(get(tunnel.path("/events")) + get(tunnel.path("/slow")))
            await visitor.head()
            await self.arrived.wait()
            visitor.abort()
        assert await left


async def test_a_slow_reader_delays_nobody_else(tunnel: Tunnel, service: Service) -> None:
    sent = 0

    async def script(call: Call) -> None:
        nonlocal sent
        if call.target != b"/big":
            await call.answer()
            return
        await call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
        for _ in range(2000):
            await call.send(bytes(100_000))
            sent += 100_000

    service.script = script
    async with Visitor(tunnel.relay.port) as slow:
        slow.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await slow.send(get(tunnel.path("/big")))
        await asyncio.sleep(0.5)
        stalled_at = sent
        started = time.monotonic()
        for _ in range(20):
            assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200
        assert time.monotonic() - started < 2
        assert sent - stalled_at < 1_000_000, "the stream must stand still while nobody reads"
        assert sent < 60_000_000
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        answer = await slow.head()
        assert len(await slow.reader.readexactly(20_000_000)) == 20_000_000
        assert answer.status == 200


async def test_a_service_that_does_not_read_delays_nobody_else(tunnel: Tunnel, service: Service) -> None:
    async def script(call: Call) -> None:
        if call.target == b"/stuck":
            await asyncio.sleep(60)
        await call.answer()

    service.script = script
    async with Visitor(tunnel.relay.port) as stuck:
        await stuck.send(get(tunnel.path("/stuck"), "Content-Length: 100000000", method="POST"))
        feeding = asyncio.ensure_future(stuck.send(bytes(50_000_000)))
        await asyncio.sleep(0.3)
        assert not feeding.done(), "back-pressure reaches the visitor"
        for _ in range(20):
            assert (await ask(tunnel.relay.port, get(tunnel.path()))).status == 200
        feeding.cancel()
        stuck.abort()


async def test_500_concurrent_requests(agent: Agent, tunnel: Tunnel, service: Service) -> None:
    everybody = asyncio.Event()

    async def together(call: Call) -> None:
        if len(service.calls) == 500:
            everybody.set()
        await asyncio.wait_for(everybody.wait(), 20)
        await call.answer(call.target)

    service.script = together
    answers = await asyncio.gather(
        *(ask(tunnel.relay.port, get(tunnel.path(f"/{number}")), seconds=30) for number in range(500))
    )
    assert [answer.body for answer in answers] == [b"/%d" % number for number in range(500)]
    assert {answer.status for answer in answers} == {200}
    assert {exchange.state for exchange in agent.exchanges()} == {ExchangeState.DONE}


async def test_500_uploads_over_20_connections(tunnel: Tunnel, service: Service) -> None:
    async def echo(call: Call) -> None:
        await call.answer(await call.read_body())

    async def one(visitor_number: int) -> None:
        async with Visitor(tunnel.relay.port) as visitor:
            for number in range(25):
                body = b"%d:%d " % (visitor_number, number) * 1000
                answer = await visitor.ask(post(tunnel.path(), body, chunked=bool(number % 2)))
                assert answer.body == body

    service.script = echo
    await asyncio.gather(*(one(number) for number in range(20)))


async def test_two_tunnels_at_once_do_not_mix(agent: Agent, tunnel: Tunnel, service: Service) -> None:
    async def first(call: Call) -> None:
        await call.answer(b"first" + call.target)

    async def second(call: Call) -> None:
        await call.answer(b"second" + call.target)

    service.script = first
    async with Service(second) as other:
        another = await agent.open(other.port)
        port = tunnel.relay.port
        answers = await asyncio.gather(
            *(ask(port, get((another if number % 2 else tunnel).path(f"/{number}"))) for number in range(100))
        )
    assert [answer.body for answer in answers] == [
        b"%b/%d" % (b"second" if number % 2 else b"first", number) for number in range(100)
    ]


@pytest.mark.slow
class TestGigabyte:
    """1 GiB each way: equal SHA-256, less than 100 MB more memory in relay and agent."""

    SIZE = 1 << 30
    PIECE = os.urandom(1 << 20)

    @pytest.mark.parametrize("direction", ["download", "upload"])
    async def test_transfer(self, own_relay: Relay, direction: str) -> None:
        received = hashlib.sha256()

        async def script(call: Call) -> None:
            if call.target == b"/download":
                await call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % self.SIZE)
                for _ in range(1024):
                    await call.send(self.PIECE)
                return
            async for piece in call.pieces():
                received.update(piece)
            await call.answer()

        assert own_relay.process is not None
        async with Service(script) as service, agent_process(own_relay, service.port, "big") as process:
            assert (await ask(own_relay.port, post("/big/", b"warm"))).status == 200
            processes = [psutil.Process(own_relay.process.pid), psutil.Process(process.pid)]
            before = [process.memory_info().rss for process in processes]
            most = [0, 0]

            async def watch() -> None:
                while True:
                    for number, process in enumerate(processes):
                        most[number] = max(most[number], process.memory_info().rss - before[number])
                    await asyncio.sleep(0.02)

            watching = asyncio.ensure_future(watch())
            received = hashlib.sha256()
            async with Visitor(own_relay.port) as visitor:
                if direction == "download":
                    await visitor.send(get("/big/download"))
                    await visitor.head()
                    left = self.SIZE
                    while left:
                        piece = await visitor.reader.read(1 << 20)
                        assert piece, f"{left} bytes are missing"
                        received.update(piece)
                        left -= len(piece)
                else:
                    await visitor.send(get("/big/upload", f"Content-Length: {self.SIZE}", method="PUT"))
                    for _ in range(1024):
                        await visitor.send(self.PIECE)
                    assert (await visitor.answer(seconds=20)).status == 200
            watching.cancel()
        expected = hashlib.sha256()
        for _ in range(1024):
            expected.update(self.PIECE)
        assert received.digest() == expected.digest()
        assert max(most) < 100_000_000
