"""ASGI to a request of the core and an answer of the core back to ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app.relay.hosts import Hosts, RequestRefused
from app.relay.visitors import AsgiBody, VisitorEndpoint, read_request, visitor_address
from backend_lambda.core.model import PublicRequest, PublicResponse, ResponseCut, VisitorGone

HOSTS = Hosts("internet", "relay.test")


class FakeVisit:
    def __init__(self, target: bytes = b"/t/", headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.target = target
        self.headers = headers if headers is not None else [(b"Host", b"relay.test")]
        self.gone = self.started = False
        self.done: list[str] = []

    def cancel_when_gone(self) -> None: ...

    def abort(self) -> None:
        self.done.append("abort")

    def send_until_close(self) -> None:
        self.done.append("until close")

    def finish_by_close(self) -> None:
        self.done.append("close")


def scope_of(visit: FakeVisit, method: str = "GET", version: str = "1.1") -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "http_version": version,
        "client": ("192.0.2.1", 5),
        "headers": [(name.lower(), value) for name, value in visit.headers],
        "hatchway": visit,
    }


def request_of(
    *headers: tuple[bytes, bytes], target: bytes = b"/t/", scheme: str | None = None, **scope: Any
) -> PublicRequest:
    visit = FakeVisit(target, list(headers))
    return read_request(scope_of(visit, **scope), visit, None, HOSTS, scheme)  # type: ignore[arg-type]


HOST = (b"Host", b"relay.test:80")


def test_a_request_keeps_every_byte() -> None:
    request = request_of(HOST, (b"X-A", b"\xff\xe4"), (b"x-a", b""), target=b"/t/\xc3\xa9?%zz", method="PROPFIND")
    assert (request.method, request.target) == ("PROPFIND", "/t/\xc3\xa9?%zz")
    assert request.headers == [("Host", "relay.test:80"), ("X-A", "\xff\xe4"), ("x-a", "")]
    assert (request.scheme, request.host, request.client, request.body) == ("http", "relay.test:80", "192.0.2.1", None)


def test_behind_a_proxy_the_scheme_is_what_visitors_use() -> None:
    request = request_of(HOST, scheme="https")
    assert request.scheme == "https"


def test_an_absolute_target_names_the_host() -> None:
    request = request_of(HOST, target=b"http://other.relay.test:81/t/x")
    assert (request.target, request.host) == ("/t/x", "other.relay.test:81")


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ([], "none"),
        ([(b"Content-Length", b"0")], "none"),
        ([(b"Content-Length", b"12")], 12),
        ([(b"Transfer-Encoding", b"chunked")], None),
        ([(b"transfer-encoding", b"Chunked")], None),
    ],
)
def test_which_requests_have_a_body(headers: list[tuple[bytes, bytes]], length: int | str | None) -> None:
    request = request_of(HOST, *headers, method="POST")
    assert ("none" if request.body is None else request.body.length) == length


@pytest.mark.parametrize(
    ("headers", "options"),
    [
        ([HOST, HOST], {}),
        ([], {}),
        ([HOST], {"target": b"*"}),
        ([HOST], {"target": b"a:1", "method": "CONNECT"}),
        ([HOST], {"method": "CONNECT"}),
        ([HOST], {"version": "0.9"}),
        ([HOST], {"version": "2.0"}),
        ([HOST, (b"Transfer-Encoding", b"gzip, chunked")], {}),
        ([HOST], {"target": b"ftp://a/"}),
    ],
    ids=["two hosts", "no host", "asterisk", "CONNECT", "CONNECT path", "0.9", "2.0", "coding", "ftp"],
)
def test_what_makes_no_sense(headers: list[tuple[bytes, bytes]], options: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused) as caught:
        request_of(*headers, **options)
    assert caught.value.code == "bad_request"


@pytest.mark.parametrize(
    ("headers", "target"),
    [([(b"Host", b"evil.test")], b"/t/"), ([HOST], b"http://evil.test/t/")],
    ids=["header", "absolute target"],
)
def test_a_host_that_is_not_ours(headers: list[tuple[bytes, bytes]], target: bytes) -> None:
    with pytest.raises(RequestRefused) as caught:
        request_of(*headers, target=target)
    assert caught.value.code == "misdirected"


def test_http_1_0_needs_no_host() -> None:
    request = request_of(version="1.0")
    assert request.host == "localhost"


async def test_the_body_comes_in_pieces_and_ends() -> None:
    events = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"", "more_body": True},
        {"type": "http.request", "body": bytearray(b"b"), "more_body": False},
    ]

    async def receive() -> Any:
        return events.pop(0)

    body = AsgiBody(receive, None)
    assert [await body.read(), await body.read(), await body.read(), await body.read()] == [b"a", b"b", b"", b""]


async def test_a_visitor_who_leaves_does_not_end_the_body() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(VisitorGone):
        await AsgiBody(receive, 5).read()


class FakeForwarder:
    def __init__(self, answer: PublicResponse | BaseException) -> None:
        self.answer = answer

    async def handle(self, request: PublicRequest) -> PublicResponse:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


async def served(
    answer: PublicResponse | BaseException, visit: FakeVisit | None = None, **scope: Any
) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    visit = visit or FakeVisit()

    async def send(event: dict[str, Any]) -> None:
        visit.started = True
        sent.append(event)

    endpoint = VisitorEndpoint(FakeForwarder(answer), HOSTS, None)  # type: ignore[arg-type]
    await endpoint.serve(scope_of(visit, **scope), None, send)
    return sent


async def pieces(*parts: bytes, cut: bool = False) -> AsyncGenerator[bytes, None]:
    for part in parts:
        yield part
    if cut:
        raise ResponseCut("upstream_cut")


async def test_a_complete_answer() -> None:
    sent = await served(
        PublicResponse(200, [("Set-Cookie", "a=\xe4"), ("Set-Cookie", "b"), ("Content-Length", "2")], b"ok")
    )
    assert sent[0]["headers"] == [(b"Set-Cookie", b"a=\xe4"), (b"Set-Cookie", b"b"), (b"Content-Length", b"2")]
    assert sent[1] == {"type": "http.response.body", "body": b"ok"}


async def test_a_stream() -> None:
    sent = await served(PublicResponse(200, [], pieces(b"a", b"b")))
    assert [(event.get("body"), event.get("more_body", False)) for event in sent[1:]] == [
        (b"a", True),
        (b"b", True),
        (b"", False),
    ]


async def test_a_stream_that_breaks_off_is_aborted() -> None:
    visit = FakeVisit()
    sent = await served(PublicResponse(200, [], pieces(b"a", cut=True)), visit)
    assert visit.done == ["abort"]
    assert all(event.get("more_body", True) for event in sent[1:]), "no end is sent"


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_without_a_body_lose_its_length(status: int) -> None:
    sent = await served(PublicResponse(status, [("Content-Length", "5"), ("ETag", "x")], b""))
    assert sent[0]["headers"] == [(b"ETag", b"x")]


@pytest.mark.parametrize(
    ("answer", "headers", "done"),
    [
        (PublicResponse(200, [], b"ok"), [(b"content-length", b"2")], []),
        (PublicResponse(200, [("Content-Length", "2")], b"ok"), [(b"Content-Length", b"2")], []),
        (PublicResponse(200, [("Content-Length", "2")], pieces(b"ok")), [(b"Content-Length", b"2")], []),
        (PublicResponse(200, [], pieces(b"ok")), [], ["until close", "close"]),
        (PublicResponse(204, [], b""), [], []),
    ],
    ids=["whole", "whole, sized", "stream, sized", "stream", "204"],
)
async def test_http_1_0(answer: PublicResponse, headers: list[tuple[bytes, bytes]], done: list[str]) -> None:
    visit = FakeVisit()
    sent = await served(answer, visit, version="1.0")
    assert (sent[0]["headers"], visit.done) == (headers, done)


@pytest.mark.expect_log("request failed method=GET")
async def test_a_bug_of_ours_is_a_500_page_without_a_trace() -> None:
    sent = await served(RuntimeError("secret detail"))
    assert sent[0]["status"] == 500
    assert b"relay_failure" in sent[1]["body"]
    assert b"secret" not in sent[1]["body"]


@pytest.mark.expect_log("request failed method=GET")
async def test_a_bug_of_ours_mid_answer_cuts_it() -> None:
    async def broken() -> AsyncGenerator[bytes, None]:
        yield b"a"
        raise RuntimeError("bug")

    visit = FakeVisit()
    await served(PublicResponse(200, [], broken()), visit)
    assert visit.done == ["abort"]


async def test_cancelled_by_the_visitor_is_quiet_by_anybody_else_it_is_not() -> None:
    visit = FakeVisit()
    visit.gone = True
    assert await served(asyncio.CancelledError(), visit) == []
    with pytest.raises(asyncio.CancelledError):
        await served(asyncio.CancelledError())


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind_proxy", "address"),
    [
        ("203.0.113.9", [b"198.51.100.1"], False, "203.0.113.9"),
        ("127.0.0.1", [b"198.51.100.1"], False, "127.0.0.1"),
        ("127.0.0.1", [b"6.6.6.6, 198.51.100.1"], True, "198.51.100.1"),
        ("127.0.0.1", [b"6.6.6.6", b"2001:db8::1"], True, "2001:db8::1"),
        ("::1", [b"198.51.100.1"], True, "198.51.100.1"),
        ("203.0.113.9", [b"198.51.100.1"], True, "203.0.113.9"),
        ("127.0.0.1", [b"unknown"], True, "127.0.0.1"),
        ("127.0.0.1", [], True, "127.0.0.1"),
    ],
)
def test_only_the_proxy_in_front_is_believed_about_the_visitors_address(
    peer: str, forwarded: list[bytes], behind_proxy: bool, address: str
) -> None:
    scope = {"client": (peer, 1), "headers": [(b"X-Forwarded-For", value) for value in forwarded]}
    assert visitor_address(scope, behind_proxy=behind_proxy) == address
