"""A visitor's WebSocket through the agent: messages, closes of every kind, and how each end is recorded."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from app.domain.exchange import ExchangeState
from backend_lambda.protocol.limits import SOCKET_LEAST, SOCKET_WINDOW
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Request, Response, Window
from tests.app.agent.conftest import Run
from tests.app.agent.fake_backend import FakeBackend, Link, Recorder, request
from tests.app.upstream.raw_server import Peer, RawServer
from tests.app.upstream.test_websocket import accepting, service


class Service:
    """A WebSocket service: what it got, how it ended."""

    def __init__(self, then: Callable[[ServerConnection], Awaitable[None]] | None = None) -> None:
        self._then = then
        self.got: list[str | bytes] = []
        self.ended = asyncio.Event()
        self.close: tuple[int | None, str | None] = (0, "")

    async def __call__(self, connection: ServerConnection) -> None:
        try:
            if self._then is not None:
                await self._then(connection)
            async for message in connection:
                self.got.append(message)
                await connection.send(message)
        except ConnectionClosed:
            pass
        finally:
            await connection.wait_closed()
            self.close = (connection.close_code, connection.close_reason)
            self.ended.set()


def upgrade(**changes: Any) -> Request:
    headers = [("Host", "localhost"), ("Origin", "http://localhost")]
    return request(**{"kind": "websocket", "end": False, "headers": headers, **changes})


async def bridged(backend: FakeBackend, **limits: Any) -> Link:
    link = await backend.online(limits=limits)
    await link.send(upgrade())
    head = await link.expect(Response)
    assert (head.status, head.end) == (101, False)
    return link


async def test_messages_of_every_kind_both_ways(backend: FakeBackend, run: Run, published: Recorder) -> None:
    ours = Service()
    async with service(ours) as port:
        run(port, backend.where)
        link = await bridged(backend, chunk=1000)
        sent = [("", True), (b"", False), ("☃" * 10, True), (b"\0\xff", False)]
        for seq, (message, text) in enumerate(sent):
            body = message.encode() if isinstance(message, str) else message
            await link.send(Data("r1", seq, body, text))
            assert await link.expect(Data) == Data("r1", seq, body, text)
        # One message in parts, both ways.
        await link.send(*(Data("r1", 4 + n, b"x" * 900, True, n < 4) for n in range(5)))
        parts = [await link.expect(Data) for _ in range(5)]
        assert [(len(part.body), part.text, part.more) for part in parts] == [(1000, True, True)] * 4 + [
            (500, True, False)
        ]
        await link.send(End("r1", 9, 1000, "bye"))
        assert await link.expect(End) == End("r1", 9, 1000, "bye")
        await ours.ended.wait()
        (record,) = await published.finished()
    assert ours.got == ["", b"", "☃" * 10, b"\0\xff", "x" * 4500]
    assert ours.close == (1000, "bye")
    assert (record.kind, record.status, record.state, record.problem) == ("websocket", 101, ExchangeState.DONE, None)
    assert record.request_body.size == record.response_body.size == 30 + 2 + 4500
    assert [step for _, step, _ in published.seen] == ["ExchangeStarted", "ExchangeResponded", "ExchangeFinished"]


@pytest.mark.parametrize(
    ("code", "reason", "seen"),
    [
        (1000, "", (1000, "")),
        (1001, "going", (1001, "going")),
        (3000, "", (3000, "")),
        (4999, "ü" * 60, (4999, "ü" * 60)),
        (None, "", (1005, "")),
    ],
)
async def test_the_visitors_close_reaches_the_service(
    backend: FakeBackend, run: Run, published: Recorder, code: int | None, reason: str, seen: tuple[int, str]
) -> None:
    ours = Service()
    async with service(ours) as port:
        run(port, backend.where)
        link = await bridged(backend)
        await link.send(End("r1", 0, code, reason))
        await link.expect(End)
        async with asyncio.timeout(5):
            await ours.ended.wait()
        (record,) = await published.finished()
    assert ours.close == seen
    assert record.state is ExchangeState.DONE


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "later"), (1011, "ü" * 61), (4001, "own")])
async def test_the_services_close_reaches_the_visitor(
    backend: FakeBackend, run: Run, published: Recorder, code: int, reason: str
) -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.send("last words")
        await connection.close(code, reason)

    async with service(Service(close)) as port:
        run(port, backend.where)
        link = await bridged(backend)
        assert (await link.expect(Data)).body == b"last words"
        assert await link.expect(End) == End("r1", 1, code, reason)
        (record,) = await published.finished()
    assert (record.state, record.problem) == (ExchangeState.DONE, None)


async def test_a_close_without_a_code_stays_without(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(None)  # type: ignore[arg-type]

    async with service(Service(close)) as port:
        run(port, backend.where)
        link = await bridged(backend)
        assert await link.expect(End) == End("r1", 0, None, "")
        (record,) = await published.finished()
    assert record.state is ExchangeState.DONE


async def test_a_service_that_vanishes_is_reported_and_recorded(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    async def vanish(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with service(Service(vanish)) as port:
        run(port, backend.where)
        link = await bridged(backend)
        assert await link.receive() == Error("r1", "upstream_cut")
        (record,) = await published.finished()
    assert (record.state, record.problem.code, record.status) == (ExchangeState.FAILED, "upstream_cut", 101)


async def test_text_that_is_not_utf_8_is_the_services_to_refuse(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    ours = Service()
    async with service(ours) as port:
        run(port, backend.where)
        link = await bridged(backend)
        await link.send(Data("r1", 0, b"\xff\xfe", text=True))
        end = await link.expect(End)
        assert end.code == 1007
        await published.finished()


async def test_text_of_the_service_that_is_not_utf_8_ends_the_exchange(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    async def script(peer: Peer) -> None:
        await accepting_then(peer, b"\x81\x02\xff\xfe")

    async with RawServer(script) as server:
        run(server.port, backend.where)
        link = await bridged(backend)
        frame = await link.receive()
        assert isinstance(frame, End | Error)
        await published.finished()


async def accepting_then(peer: Peer, data: bytes) -> None:
    async def send(answer: bytes, send: Any = peer.send) -> None:
        await send(answer + data)

    peer.send = send  # type: ignore[method-assign]
    await accepting(peer)


@pytest.mark.parametrize("size", [0, 5, 400_000])
async def test_a_refusal_is_an_ordinary_answer(backend: FakeBackend, run: Run, published: Recorder, size: int) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 403 Forbidden\r\nX-A: caf\xe9\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))

    async with RawServer(script) as server:
        run(server.port, backend.where, capture_bytes=100)
        link = await backend.online()
        head, body = await link.whole(upgrade())
        assert (head.status, head.headers[0], body) == (403, ("X-A", "caf\xe9"), bytes(size))
        (record,) = await published.finished()
    assert (record.state, record.status, record.response_body.size) == (ExchangeState.DONE, 403, size)
    assert record.response_body.kept == min(size, 100)


async def test_no_service_is_reported(backend: FakeBackend, run: Run, published: Recorder, dead_port: int) -> None:
    run(dead_port, backend.where)
    link = await backend.online()
    await link.send(upgrade())
    assert await link.receive() == Error("r1", "upstream_refused")
    (record,) = await published.finished()
    assert (record.state, record.problem.code) == (ExchangeState.FAILED, "upstream_refused")


async def test_both_directions_at_once(backend: FakeBackend, run: Run) -> None:
    count = 300

    async def talk(connection: ServerConnection) -> None:
        for number in range(count):
            await connection.send(f"service {number}")

    ours = Service(talk)
    async with service(ours) as port:
        run(port, backend.where)
        link = await bridged(backend)
        sending = asyncio.get_running_loop().create_task(
            link.send(*(Data("r1", n, b"visitor %d" % n, text=True) for n in range(count)))
        )
        got = [(await link.expect(Data)).body.decode() for _ in range(2 * count)]
        await sending
        await link.send(End("r1", count))
        await link.expect(End)
    assert [text for text in got if text.startswith("service")] == [f"service {n}" for n in range(count)]
    assert [text for text in got if text.startswith("visitor")] == [f"visitor {n}" for n in range(count)]


async def test_without_credit_messages_wait(backend: FakeBackend, run: Run) -> None:
    async def talk(connection: ServerConnection) -> None:
        for _ in range(10):
            await connection.send(bytes(1000))

    async with service(Service(talk)) as port:
        run(port, backend.where)
        link = await bridged(backend, window=2000)
        assert len((await link.expect(Data)).body) + len((await link.expect(Data)).body) == 2000
        more = asyncio.get_running_loop().create_task(link.expect(Data))
        assert not (await asyncio.wait((more,), timeout=0.05))[0]
        await link.send(Window("r1", 50_000))
        assert len((await more).body) == 1000
        for _ in range(7):
            await link.expect(Data)


async def test_where_messages_overtake_each_other_few_are_on_their_way(backend: FakeBackend, run: Run) -> None:
    most = SOCKET_WINDOW // SOCKET_LEAST

    async def talk(connection: ServerConnection) -> None:
        for number in range(most + 1):
            await connection.send(str(number))

    async with service(Service(talk)) as port:
        run(port, backend.where)
        link = await backend.online(limits={"slots": True, "window": None})
        await link.send(upgrade())
        assert json.loads(await link.socket.recv())["type"] == "reply"  # all that follows goes without an envelope
        assert [(await link.expect(Data)).body.decode() for _ in range(most)] == [str(n) for n in range(most)]
        last = asyncio.get_running_loop().create_task(link.expect(Data))
        assert not (await asyncio.wait((last,), timeout=0.05))[0]
        await link.send(Window("r1", 1))
        assert (await last).body.decode() == str(most)
        await link.send(*(Data("r1", number, b"x", text=True) for number in range(most // 2)))
        assert await link.anything() == Window("r1", SOCKET_WINDOW // 2)
        await link.send(Window("r1", SOCKET_WINDOW), End("r1", most // 2, 1000))
        echoed = [await link.expect(Data) for _ in range(most // 2)]
        assert (await link.expect(End)).seq == echoed[-1].seq + 1


@pytest.mark.parametrize("deaf", [False, True], ids=["polite", "deaf"])
@pytest.mark.parametrize("how", ["cancel", "lost", "stop"])
async def test_every_other_end_closes_the_services_socket_and_is_recorded(
    backend: FakeBackend, run: Run, published: Recorder, how: str, deaf: bool
) -> None:
    """A deaf service never answers the closing handshake."""
    ended = asyncio.Event()
    close: list[int | None] = []

    async def handler(connection: ServerConnection) -> None:
        if deaf:
            connection.transport.pause_reading()
            await asyncio.sleep(0.5)
            connection.transport.resume_reading()
        with suppress(ConnectionClosed):
            await connection.recv()
        close.append(connection.close_code)
        ended.set()

    async with service(handler) as port, asyncio.timeout(5):
        runner = run(port, backend.where)
        link = await bridged(backend)
        before = time.monotonic()
        match how:
            case "cancel":
                await link.send(Cancel("r1"))
            case "lost":
                link.socket.transport.abort()
            case "stop":
                await runner.stop()
        (record,) = await published.finished()
        assert time.monotonic() - before < 0.9
        await ended.wait()
    assert close[0] in ((1001,) if not deaf else (1001, 1006))
    if how == "cancel":
        assert (record.state, record.problem) == (ExchangeState.DONE, None)
    else:
        assert (record.state, record.problem.code) == (ExchangeState.FAILED, "relay_lost")


async def test_frames_that_make_no_sense_end_only_their_exchange(
    backend: FakeBackend, run: Run, published: Recorder
) -> None:
    ours = Service()
    async with service(ours) as port:
        run(port, backend.where)
        link = await bridged(backend)
        await link.send(Data("r1", 500, b"far away"))
        assert await link.receive() == Error("r1", "relay_failure")
        (record,) = await published.finished()
        assert (record.state, record.problem.code) == (ExchangeState.FAILED, "malformed")
        await ours.ended.wait()
        await link.send(upgrade(number=2))
        assert (await link.expect(Response)).status == 101


async def test_cancel_during_the_handshake(backend: FakeBackend, run: Run, published: Recorder) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async with RawServer(script) as server, asyncio.timeout(5):
        run(server.port, backend.where)
        link = await backend.online()
        await link.send(upgrade())
        await server.asked.wait()
        await link.send(Cancel("r1"))
        await server.gone.wait()
        (record,) = await published.finished()
    assert record.state is ExchangeState.CANCELLED
