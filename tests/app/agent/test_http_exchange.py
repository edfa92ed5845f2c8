"""One HTTP request through the agent: what is sent back, what is recorded, and that every path ends."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from app.domain.exchange import ExchangeState
from app.domain.tunnel import TunnelState
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Response, Window
from tests.app.agent.conftest import Run
from tests.app.agent.fake_backend import FakeBackend, Recorder, request
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 Fine\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok"
STEPS = ["ExchangeStarted", "ExchangeResponded", "ExchangeFinished"]


async def test_a_small_exchange_is_answered_in_one_message_and_recorded(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        before = time.time_ns()
        await link.send(request(1, "/a%2F?b", method="POST", body=b"hello", headers=[("Host", "x"), ("X-B", "2")]))
        answer = await link.expect(Response)
        assert answer == Response("r1", 200, [("X-A", "1"), ("Content-Length", "2")], b"ok")
        (record,) = await published.finished()
    assert [step for _, step, _ in published.seen] == STEPS
    assert [state for _, _, state in published.seen] == ["running", "running", "done"]
    assert (record.tunnel, record.method, record.target) == ("shop", "POST", "/a%2F?b")
    assert record.request_headers == (("Host", "x"), ("X-B", "2"))
    assert (record.status, record.reason, record.problem) == (200, "Fine", None)
    assert (record.request_body.data, record.response_body.data) == (b"hello", b"ok")
    times = [before, record.started_ns, record.sent_ns, record.first_byte_ns, record.finished_ns, time.time_ns()]
    assert times == sorted(times)


async def test_bodies_are_counted_whole_and_kept_up_to_the_limit(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    body = bytes(range(256)) * 4000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    async with RawServer(answering(answer)) as server:
        run(server.port, backend.where, capture_bytes=1000)
        link = await backend.online()
        await link.send(request(1, method="POST", end=False))
        for seq in range(10):
            await link.send(Data("r1", seq, bytes([seq]) * 700))
        await link.send(End("r1", 10))
        head = await link.expect(Response)
        assert not head.end
        got = b""
        while isinstance(frame := await link.receive(), Data):
            assert len(frame.body) <= 64 * 1024
            got += frame.body
            await link.send(Window("r1", len(frame.body)))
        assert isinstance(frame, End)
        (record,) = await published.finished()
    assert got == body
    assert (record.request_body.size, record.request_body.kept) == (7000, 1000)
    assert record.request_body.data == bytes(700) + bytes([1]) * 300
    assert (record.response_body.size, record.response_body.data) == (len(body), body[:1000])
    assert record.response_body.truncated
    assert server.requests[0].body == b"".join(bytes([seq]) * 700 for seq in range(10))


async def test_a_whole_request_body_above_the_limit_is_cut_in_the_record_only(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where, capture_bytes=3)
        link = await backend.online()
        await link.whole(request(1, method="POST", body=b"abcdef"))
        (record,) = await published.finished()
    assert (record.request_body.size, record.request_body.data) == (6, b"abc")
    assert server.requests[0].body == b"abcdef"


@pytest.mark.parametrize("window", [{"window": 10_000}, {"window": None, "stream": 10_000}], ids=["window", "stream"])
async def test_without_credit_the_answer_waits(backend: FakeBackend, run: Run, window: dict[str, int]) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000)
    async with RawServer(answering(answer)) as server:
        run(server.port, backend.where)
        link = await backend.online(limits={**window, "chunk": 5_000, "inline": 1_000})
        await link.send(request(1))
        assert not (await link.expect(Response)).end
        got = [await link.expect(Data), await link.expect(Data)]
        more = asyncio.get_running_loop().create_task(link.expect(Data))
        assert not (await asyncio.wait((more,), timeout=0.1))[0]
        assert sum(len(frame.body) for frame in got) == 10_000
        await link.send(Window("r1", 200_000))
        got.append(await more)
        while isinstance(frame := await link.receive(), Data):
            got.append(frame)
        assert sum(len(frame.body) for frame in got) == 100_000


async def _die(peer: Peer) -> None:
    await peer.request()


async def _garbage(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"what?\r\n\r\n")


async def _hang(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


async def _cut(peer: Peer) -> None:
    await peer.request()
    await peer.send(OK[:-1])


@pytest.mark.parametrize(
    ("script", "code"),
    [(_die, "upstream_cut"), (_garbage, "upstream_invalid"), (_hang, "upstream_timeout"), (_cut, "upstream_cut")],
)
async def test_a_failing_service_is_reported_and_recorded(
    backend: FakeBackend, run: Run, published: Recorder, script: Any, code: str
) -> None:
    async with RawServer(script) as server:
        run(server.port, backend.where, response_timeout=0.1)
        link = await backend.online()
        await link.send(request())
        frame = await link.receive()
        if script is _cut:
            assert isinstance(frame, Response)
            while isinstance(frame, Response | Data):
                frame = await link.receive()
        assert frame == Error("r1", code)
        (record,) = await published.finished()
    assert (record.state, record.problem.code) == (ExchangeState.FAILED, code)
    assert published.seen[-1][1] == "ExchangeFinished"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 999 Denied\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 600,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n",
    ],
    ids=["status", "many", "large"],
)
async def test_an_answer_that_the_backend_would_not_take_fails_alone(
    backend: FakeBackend, run: Run, published: Recorder, head: bytes
) -> None:
    """Sent on, it would make the backend end the connection, with every other exchange on it."""
    async with RawServer(answering(head + b"Content-Length: 0\r\n\r\n", OK)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(request(1))
        assert await link.receive() == Error("r1", "upstream_invalid")
        assert (await link.whole(request(2)))[1] == b"ok"
        assert [record.state.value for record in await published.finished(2)] == ["failed", "done"]


@pytest.mark.parametrize("phase", ["before-head", "in-body", "in-upload"])
async def test_cancel_stops_the_call_at_once(backend: FakeBackend, run: Run, published: Recorder, phase: str) -> None:
    async def script(peer: Peer) -> None:
        await (peer.head() if phase == "in-upload" else peer.request())
        if phase == "in-body":
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        asked.set()
        await peer.gone()

    asked = asyncio.Event()
    async with RawServer(script) as server, asyncio.timeout(5):
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(request(method="POST", end=phase != "in-upload"))
        await asked.wait()
        if phase == "in-body":
            await link.expect(Response)
        before = time.monotonic()
        await link.send(Cancel("r1"))
        await server.gone.wait()
        assert time.monotonic() - before < 0.1
        (record,) = await published.finished()
    assert (record.state, record.problem.code) == (ExchangeState.CANCELLED, "visitor_gone")


async def test_a_request_delivered_twice_is_answered_once(backend: FakeBackend, run: Run) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(request(1), request(1))
        await link.expect(Response)
        await link.send(request(1), request(2))
        assert (await link.expect(Response)).id == "r2"
    assert len(server.requests) == 2


async def test_frames_that_make_no_sense_end_only_their_exchange(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(request(1, method="POST", end=False), Data("r1", 0, b"x"), Data("r1", 999, b"far away"))
        assert await link.receive() == Error("r1", "relay_failure")
        (record,) = await published.finished()
        assert (record.state, record.problem.code) == (ExchangeState.FAILED, "malformed")
        assert (await link.whole(request(2)))[1] == b"ok"


async def test_late_and_unknown_frames_are_dropped(backend: FakeBackend, run: Run) -> None:
    async with RawServer(answering(OK)) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.whole(request(1))
        await link.send(Data("r1", 0, b"x"), End("r1", 1), Cancel("r1"), Window("r1", 5), Error("r1", "x"))
        await link.send(Data("other", 0, b"x"), Cancel("other"))
        assert (await link.whole(request(2)))[1] == b"ok"


@pytest.mark.parametrize("phase", ["before-head", "in-body", "in-upload"])
async def test_losing_the_relay_fails_what_runs(
    backend: FakeBackend, run: Run, published: Recorder, phase: str
) -> None:
    async def script(peer: Peer) -> None:
        await (peer.head() if phase == "in-upload" else peer.request())
        if phase == "in-body":
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        asked.set()
        await peer.gone()

    asked = asyncio.Event()
    async with RawServer(script) as server, asyncio.timeout(5):
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(request(method="POST", end=phase != "in-upload"))
        await asked.wait()
        link.socket.transport.abort()
        (record,) = await published.finished()
        assert (record.state, record.problem.code) == (ExchangeState.FAILED, "relay_lost")
        await server.gone.wait()
        await backend.online()
        await published.state(TunnelState.ONLINE, 2)


@pytest.mark.expect_log("exchange failed")
async def test_a_fault_of_our_own_is_an_answer_too(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async with RawServer(answering(OK)) as server:
        runner = run(server.port, backend.where)
        link = await backend.online()

        async def broken(_: object) -> None:
            raise ZeroDivisionError

        runner._context.client.send = broken  # type: ignore[assignment,method-assign]
        await link.send(request())
        assert await link.receive() == Error("r1", "agent_protocol")
        (record,) = await published.finished()
    assert (record.state, record.problem.code) == (ExchangeState.FAILED, "internal")


async def test_many_at_once_each_get_their_own_answer(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async def echo(peer: Peer) -> None:
        while True:
            target = (await peer.request()).line.split()[1]
            await asyncio.sleep(0.001)
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(target), target))

    async with RawServer(echo) as server:
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(*(request(number, f"/{number}") for number in range(200)))
        answers = [await link.expect(Response) for _ in range(200)]
        await published.finished(200)
    assert {answer.id: answer.body for answer in answers} == {f"r{n}": f"/{n}".encode() for n in range(200)}
    for exchange_id in {seen[0] for seen in published.seen}:
        assert [step for each, step, _ in published.seen if each == exchange_id] == STEPS
