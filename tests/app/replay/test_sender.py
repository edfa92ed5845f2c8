from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace as edited

import pytest

from app.domain.events import Event, ExchangeFinished, ExchangeResponded, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.replay.sender import replay, request_of


class Upstreams:
    """A service that keeps what it gets and answers with the bytes it is told, closing after them."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.bodies: list[bytes] = []
        self.answer = b"HTTP/1.1 201 Created\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 5\r\n\r\nthank"
        self.port = 0
        self.asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.heads.append(head)
            lengths = [line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("content-length")]
            self.bodies.append(await reader.readexactly(int(lengths[0]) if lengths else 0))
            self.asked.set()
            writer.write(self.answer)
            if not self.answer:
                await reader.read()
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if not self.answer else writer.close()


@pytest.fixture
async def service() -> AsyncIterator[Upstreams]:
    service = Upstreams()
    async with await asyncio.start_server(service.serve, "127.0.0.1", 0) as server:
        service.port = server.sockets[0].getsockname()[1]
        yield service


def spec_of(service: Upstreams) -> TunnelSpec:
    return TunnelSpec("shop", Upstream("http", "127.0.0.1", service.port), id="0123456789ab", response_timeout=2)


def captured(**changes: object) -> Exchange:
    """A finished POST as the agent records one."""
    exchange = Exchange("shop", "0123456789ab", "POST", "/pay?x=%2F", "http://127.0.0.1:1", state=ExchangeState.DONE)
    exchange.request_headers = (("Host", "a"), ("content-length", "4"), ("X-A", "1"), ("X-A", "2"))
    exchange.request_body = Body(b"cash")
    exchange.status = 402
    for name, value in changes.items():
        setattr(exchange, name, value)
    return exchange


class TestRequestOf:
    def test_it_is_what_was_captured(self) -> None:
        original = captured()
        request = request_of(original)
        assert (request.method, request.target, request.body) == ("POST", "/pay?x=%2F", b"cash")
        assert request.headers == original.request_headers

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"kind": "websocket"}, "not_replayable"),
            ({"request_body": Body(b"cas", size=4, limit=3)}, "body_not_kept"),
            ({"request_body": Body(b"ca"), "state": ExchangeState.RUNNING}, "body_incomplete"),
            ({"request_body": Body(b"ca"), "state": ExchangeState.CANCELLED}, "body_incomplete"),
            ({"request_headers": (), "state": ExchangeState.RUNNING}, "body_incomplete"),
            ({"request_headers": (), "request_body": Body(), "state": ExchangeState.FAILED}, "body_incomplete"),
        ],
        ids=["websocket", "cut by the limit", "still coming", "never came", "chunks still coming", "chunks never read"],
    )
    def test_half_a_request_is_never_sent(self, changes: dict[str, object], code: str) -> None:
        with pytest.raises(HatchwayError) as caught:
            request_of(captured(**changes))
        assert caught.value.problem.code == code

    @pytest.mark.parametrize(
        "changes",
        [
            {"state": ExchangeState.RUNNING},
            {"state": ExchangeState.FAILED},
            {"request_headers": (), "state": ExchangeState.DONE},
            {"request_headers": (), "state": ExchangeState.CANCELLED, "first_byte_ns": 1},
            {"method": "GET", "request_headers": (), "request_body": Body(), "state": ExchangeState.RUNNING},
        ],
        ids=["whole, in flight", "whole, refused", "chunks", "chunks, answered", "GET in flight"],
    )
    def test_a_whole_one_may_be_in_any_state(self, changes: dict[str, object]) -> None:
        request_of(captured(**changes))


class TestReplay:
    async def test_the_service_gets_the_same_request(self, service: Upstreams) -> None:
        original, events = captured(), list[Event]()
        again = await replay(original, request_of(original), spec_of(service), events.append)
        lines = service.heads[0].split("\r\n")
        assert lines[0] == "POST /pay?x=%2F HTTP/1.1"
        assert [line for line in lines if line.startswith("X-A")] == ["X-A: 1", "X-A: 2"]
        assert "Host: a" in lines
        assert service.bodies == [b"cash"]
        assert (again.state, again.status, again.reason) == (ExchangeState.DONE, 201, "Created")
        assert again.response_headers[:2] == (("X-Twice", "1"), ("X-Twice", "2"))
        assert again.response_body.data == b"thank"
        assert again.replay_of == original.id != again.id
        assert (again.tunnel, again.tunnel_id, again.visitor) == ("shop", original.tunnel_id, "")
        assert again.public_url == f"http://127.0.0.1:{service.port}/pay?x=%2F"
        assert None not in (again.sent_ns, again.first_byte_ns, again.finished_ns)
        assert [type(event) for event in events] == [ExchangeStarted, ExchangeResponded, ExchangeFinished]
        assert request_of(again).body == b"cash", "a replay can be replayed"

    @pytest.mark.parametrize("body", [b"", b"credit card" * 20_000], ids=["empty", "longer"])
    async def test_the_length_is_that_of_the_edited_body(self, service: Upstreams, body: bytes) -> None:
        request = edited(request_of(captured()), body=body)
        again = await replay(captured(), request, spec_of(service), lambda event: None)
        assert service.bodies == [body]
        assert again.request_header("content-length") == str(len(body)), "the record tells what was sent"

    async def test_framing_of_an_edit_cannot_split_the_request(self, service: Upstreams) -> None:
        headers = (("Transfer-Encoding", "chunked"), ("Content-Length", "0"), ("content-length", "99"))
        request = edited(request_of(captured()), headers=headers)
        again = await replay(captured(), request, spec_of(service), lambda event: None)
        assert service.bodies == [b"cash"]
        assert again.request_headers == (("Content-Length", "4"),)
        assert "transfer-encoding" not in service.heads[0].lower()

    async def test_the_capture_limit_cuts_the_answer_but_not_the_request(self, service: Upstreams) -> None:
        spec = edited(spec_of(service), capture_bytes=2)
        again = await replay(captured(), request_of(captured()), spec, lambda event: None)
        assert (again.response_body.data, again.response_body.size) == (b"th", 5)
        assert again.request_body.data == b"cash"

    async def test_no_service_is_a_failed_exchange(self, service: Upstreams) -> None:
        spec = edited(spec_of(service), upstream=Upstream("http", "127.0.0.1", 1))
        events: list[Event] = []
        again = await replay(captured(), request_of(captured()), spec, events.append)
        assert (again.state, again.status) == (ExchangeState.FAILED, None)
        assert again.problem is not None
        assert again.problem.code == "upstream_refused"
        assert isinstance(events[-1], ExchangeFinished)

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "upstream_cut"),
            (b"SSH-2.0\r\n\r\n", "upstream_invalid"),
            (b"", "upstream_timeout"),
        ],
        ids=["half an answer", "no HTTP", "none"],
    )
    async def test_a_bad_answer_is_a_failed_exchange(self, service: Upstreams, answer: bytes, code: str) -> None:
        service.answer = answer
        spec = edited(spec_of(service), response_timeout=0.1)
        again = await replay(captured(), request_of(captured()), spec, lambda event: None)
        assert again.problem is not None
        assert (again.state, again.problem.code) == (ExchangeState.FAILED, code)

    async def test_a_cancelled_one_is_recorded_as_that(self, service: Upstreams) -> None:
        service.answer = b""
        events: list[Event] = []
        running = spawn(replay(captured(), request_of(captured()), spec_of(service), events.append), name="replay")
        await service.asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        (record,) = [event.exchange for event in events if isinstance(event, ExchangeFinished)]
        assert record.problem is not None
        assert (record.state, record.problem.code) == (ExchangeState.CANCELLED, "replay_cancelled")
