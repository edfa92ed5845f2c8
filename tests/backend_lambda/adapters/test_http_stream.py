"""Answers passed on as they come: where they end, and how."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest

from backend_lambda.adapters import http_stream
from backend_lambda.adapters.http_stream import VisitorStreams
from backend_lambda.adapters.metrics import Tally
from backend_lambda.adapters.polling import PollingReplyBox
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.model import PublicRequest, PublicResponse, ResponseCut
from backend_lambda.protocol.messages import Headers

EVENT = {
    "version": "2.0",
    "rawPath": "/shop/",
    "headers": {"host": "x.lambda-url.eu-central-1.on.aws"},
    "requestContext": {
        "accountId": "anonymous",
        "domainName": "x.lambda-url.eu-central-1.on.aws",
        "http": {"method": "GET", "sourceIp": "192.0.2.1"},
    },
    "body": "12345",
}


class Body:
    """A body that tells whether it was given back. ends: whether it comes to its end"""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self._pieces = pieces
        self._ends = ends
        self.is_closed = False

    async def run(self) -> AsyncGenerator[bytes, None]:
        try:
            for piece in self._pieces:
                yield piece
            if not self._ends:
                await asyncio.Event().wait()
        finally:
            self.is_closed = True


class Box:
    tally = Tally()


class Sent:
    """fails_at: number of the piece that nobody takes"""

    def __init__(self, fails_at: int = -1) -> None:
        self.head: dict[str, Any] = {}
        self.pieces: list[bytes] = []
        self._fails_at = fails_at

    def begin(self, head: dict[str, Any]) -> None:
        self.head = head

    def write(self, piece: bytes) -> None:
        if len(self.pieces) == self._fails_at:
            raise BrokenPipeError
        self.pieces.append(piece)


def streams(answer: PublicResponse | Exception) -> VisitorStreams:
    class Answering:
        async def handle(self, request: PublicRequest) -> PublicResponse:
            await asyncio.sleep(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    return VisitorStreams(cast(Forwarder, Answering()), cast(PollingReplyBox, Box()), "hatchway")


async def serve(answer: PublicResponse | Exception, out: Sent, *, seconds: float = 5, method: str = "GET") -> None:
    context = {**EVENT["requestContext"], "http": {"method": method, "sourceIp": "192.0.2.1"}}  # type: ignore[dict-item]
    await streams(answer).serve({**EVENT, "requestContext": context}, out, asyncio.get_running_loop().time() + seconds)


async def test_head_and_pieces_go_out(capsys: pytest.CaptureFixture[str]) -> None:
    body, out = Body(b"", b"one", b"two"), Sent()
    headers: Headers = [("Content-Length", "6"), ("X-A", "1"), ("x-a", "2"), ("Set-Cookie", "a=1")]
    await serve(PublicResponse(201, headers, body.run()), out)
    assert out.head == {
        "statusCode": 201,
        "headers": {"x-a": "1, 2", "content-type": "application/octet-stream"},
        "cookies": ["a=1"],
    }
    assert out.pieces == [b"one", b"two"]
    assert body.is_closed
    assert '"RequestBytes":5,"ResponseBytes":6' in capsys.readouterr().out


@pytest.mark.parametrize(("status", "method"), [(204, "GET"), (304, "GET"), (200, "HEAD")])
async def test_what_has_no_body_sends_none(status: int, method: str) -> None:
    body, out = Body(b"x"), Sent()
    await serve(PublicResponse(status, [], body.run()), out, method=method)
    assert (out.head["statusCode"], out.pieces) == (status, [])


@pytest.mark.parametrize("kind", ["text/event-stream; charset=utf-8", "application/zip"])
async def test_when_time_is_over_event_streams_end_and_all_else_is_cut(kind: str) -> None:
    body, out = Body(b"one", ends=False), Sent()
    serving = serve(PublicResponse(200, [("Content-Type", kind)], body.run()), out, seconds=0.05)
    if kind.startswith("text/event-stream"):
        await serving
    else:
        with pytest.raises(ResponseCut, match="deadline"):
            await serving
    assert (out.pieces, body.is_closed) == ([b"one"], True)


async def test_a_head_that_does_not_come_in_the_functions_time_is_a_page() -> None:
    out = Sent()
    await serve(PublicResponse(200), out, seconds=-1)
    assert (out.head["statusCode"], out.head["headers"]["x-hatchway-error"]) == (504, "deadline")


async def test_what_is_larger_than_lambda_streams_is_refused_or_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_stream, "MOST_STREAM", 10)
    announced, out = Body(b"x"), Sent()
    running = announced.run()
    await anext(running)  # as the forwarder hands it over
    await serve(PublicResponse(200, [("Content-Length", "11")], running), out)
    assert (out.head["headers"]["x-hatchway-error"], announced.is_closed) == ("answer_too_large", True)
    sent, body = Sent(), Body(b"12345", b"67890", b"1")
    with pytest.raises(ResponseCut, match="answer_too_large"):
        await serve(PublicResponse(200, [], body.run()), sent)
    assert (sent.pieces, body.is_closed) == ([b"12345", b"67890"], True)


async def test_the_agent_is_told_when_nobody_takes_the_answer() -> None:
    body, out = Body(b"one", b"two", ends=False), Sent(fails_at=1)
    with pytest.raises(BrokenPipeError):
        await serve(PublicResponse(200, [], body.run()), out)
    assert body.is_closed


@pytest.mark.expect_log("request failed")
@pytest.mark.expect_log("lacks 'rawPath'")
async def test_failures_are_pages() -> None:
    out = Sent()
    await serve(LookupError("a bug"), out)
    assert (out.head["statusCode"], out.head["headers"]["x-hatchway-error"]) == (500, "relay_failure")
    event = {key: value for key, value in EVENT.items() if key != "rawPath"}
    await streams(PublicResponse(200)).serve(event, out, asyncio.get_running_loop().time() + 5)
    assert out.head["headers"]["x-hatchway-error"] == "bad_request"
