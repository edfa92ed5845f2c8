"""Contract of every upstream client: what the service gets."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from app.upstream.api import UpstreamError
from tests.app.upstream.conftest import Connect, fetch, get, in_pieces
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb//c?x=1&x=2&y",
        "//evil.com/x",
        "/?",
        "/a?b?c=%zz&&=",
        "/;v=1/../.%2e/./x",
        '/{}|\\^`"<>',
        "/%C3%A9#not-a-fragment",
    ],
)
async def test_the_request_line_is_byte_exact(connect: Connect, target: str) -> None:
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get(target))
    assert server.requests[0].line == f"GET {target} HTTP/1.1".encode()


async def test_options_may_ask_for_the_server_as_a_whole(connect: Connect) -> None:
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get("*", method="OPTIONS"))
    assert server.requests[0].line == b"OPTIONS * HTTP/1.1"


async def test_bytes_above_ascii_in_the_target_arrive(connect: Connect, adapter: str) -> None:
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get("/caf\xe9"))
    # httpx's parser takes only ASCII; the escaped form names the same resource.
    assert server.requests[0].line == (b"GET /caf\xe9 HTTP/1.1" if adapter == "lean" else b"GET /caf%E9 HTTP/1.1")


async def test_headers_keep_order_case_duplicates_and_bytes(connect: Connect) -> None:
    headers = [
        ("hOsT", "app.example:81"),
        ("X-A", "1"),
        ("cookie", "a=1"),
        ("x-a", "2"),
        ("Cookie", "b=2"),
        ("X-Latin", "caf\xe9"),
        ("X-Empty", ""),
        ("Accept-Encoding", "gzip, br;q=0"),
    ]
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get("/", headers))
    assert server.requests[0].headers == [(name.encode(), value.encode("latin-1")) for name, value in headers]


async def test_nothing_is_added_to_a_plain_get(connect: Connect) -> None:
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get())
    assert server.requests[0].headers == [(b"Host", b"localhost")]


@pytest.mark.parametrize(
    ("method", "body", "sent"),
    [
        ("GET", b"", []),
        ("DELETE", b"", []),
        ("POST", b"", [b"0"]),
        ("PUT", b"", [b"0"]),
        ("PATCH", b"", [b"0"]),
        ("POST", b"x=1", [b"3"]),
        ("GET", b"{}", [b"2"]),
        ("PROPFIND", b"<a/>", [b"4"]),
    ],
)
async def test_a_complete_body_has_its_length(connect: Connect, method: str, body: bytes, sent: list[bytes]) -> None:
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get(method=method, body=body))
    assert server.requests[0].values(b"content-length") == sent
    assert server.requests[0].values(b"transfer-encoding") == []
    assert server.requests[0].body == body


async def test_an_announced_empty_body_stays_announced(connect: Connect) -> None:
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get("/", [("Host", "x"), ("content-length", "0")]))
    assert server.requests[0].values(b"content-length") == [b"0"]


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Length", "3"), ("Content-Length", "30")],
        [("content-length", "30")],
        [("Transfer-Encoding", "chunked")],
        [("transfer-encoding", "identity"), ("Content-Length", "0")],
        [("Content-Length", "+5")],
    ],
    ids=str,
)
async def test_framing_is_set_by_the_client_whatever_the_headers_say(
    connect: Connect, headers: list[tuple[str, str]]
) -> None:
    async with RawServer(answering(OK)) as server:
        client = connect(server.port)
        body = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        await fetch(client, get("/", [("Host", "x"), *headers], "POST", body))
        await fetch(client, get("/next"))
    first, second = server.requests
    assert first.values(b"content-length") == [str(len(body)).encode()]
    assert first.values(b"transfer-encoding") == []
    assert (first.body, second.line) == (body, b"GET /next HTTP/1.1")


async def test_a_stream_of_unknown_length_is_chunked(connect: Connect) -> None:
    async with RawServer(answering(OK)) as server:
        client = connect(server.port)
        await fetch(client, get(method="POST", body=in_pieces(b"a" * 70_000, b"", b"b")))
        await fetch(client, get(method="POST", body=in_pieces()))
    assert [request.body for request in server.requests] == [b"a" * 70_000 + b"b", b""]
    assert server.requests[0].values(b"transfer-encoding") == [b"chunked"]
    assert server.requests[0].values(b"content-length") == []


async def test_a_stream_of_known_length_is_not_chunked(connect: Connect) -> None:
    headers = [("Host", "x"), ("Content-Length", "6"), ("Transfer-Encoding", "chunked")]
    async with RawServer(answering(OK)) as server:
        await fetch(connect(server.port), get("/", headers, "POST", in_pieces(b"abc", b"def")))
    assert server.requests[0].values(b"content-length") == [b"6"]
    assert server.requests[0].values(b"transfer-encoding") == []
    assert server.requests[0].body == b"abcdef"


@pytest.mark.parametrize("pieces", [(b"abcdefgh",), (b"abcd", b"GET /smuggled HTTP/1.1\r\n\r\n")], ids=["one", "two"])
async def test_a_stream_longer_than_announced_never_becomes_a_second_request(
    connect: Connect, pieces: tuple[bytes, ...]
) -> None:
    """The service answers as soon as it has what was announced."""
    async with RawServer(answering(OK)) as server:
        client = connect(server.port)
        request = get("/", [("Host", "x"), ("Content-Length", "4")], "POST", in_pieces(*pieces))
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, request)
        assert raised.value.problem.code == "bad_request"
        await fetch(client, get("/next"))
    assert [request.line for request in server.requests][-1] == b"GET /next HTTP/1.1"
    assert not any(b"smuggled" in request.line for request in server.requests)


async def test_a_stream_shorter_than_announced_never_swallows_the_next_request(connect: Connect) -> None:
    async def early(peer: Peer) -> None:
        head = await peer.head()
        await peer.send(OK)
        if head.values(b"content-length"):
            await peer.gone()

    async with RawServer(early) as server:
        client = connect(server.port)
        request = get("/", [("Host", "x"), ("Content-Length", "400")], "POST", in_pieces(b"abc"))
        with contextlib.suppress(UpstreamError):  # an answer that was there first counts
            await fetch(client, request)
        async with asyncio.timeout(5):
            await server.gone.wait()
        assert (await fetch(client, get("/next")))[2] == b"ok"
    assert server.connections == 2


async def test_a_stream_shorter_than_announced_is_an_error_if_no_answer_came_first(connect: Connect) -> None:
    async def silent(peer: Peer) -> None:
        await peer.head()
        await peer.gone()

    async with RawServer(silent) as server:
        request = get("/", [("Host", "x"), ("Content-Length", "400")], "POST", in_pieces(b"abc"))
        with pytest.raises(UpstreamError) as raised:
            await fetch(connect(server.port), request)
        assert raised.value.problem.code == "bad_request"
        async with asyncio.timeout(5):
            await server.gone.wait()


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ([("Host", "x"), ("X-A", "1\r\nX-B: 2")], "/"),
        ([("Host", "x"), ("X-A", "1\nX-B: 2")], "/"),
        ([("Host", "x"), ("X-A\r\nX-B", "1")], "/"),
        ([("Host", "x")], "/ HTTP/1.1\r\nX-B: 2\r\n\r\nGET /"),
        ([("Host", "x"), ("X-A", "☃")], "/"),
        ([("Host", "x")], "/☃"),
    ],
    ids=["value-crlf", "value-lf", "name", "target", "header-unicode", "target-unicode"],
)
async def test_a_head_that_http_cannot_say_is_refused_before_it_is_sent(
    connect: Connect, headers: list[tuple[str, str]], target: str
) -> None:
    """Edited replays may hold anything."""
    async with RawServer(answering(OK)) as server:
        client = connect(server.port)
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get(target, headers))
        assert raised.value.problem.code == "bad_request"
        assert raised.value.problem.side == "you"
        assert (await fetch(client, get("/next")))[2] == b"ok"
    assert [request.line for request in server.requests] == [b"GET /next HTTP/1.1"]


async def test_what_the_stream_of_the_body_raises_comes_out(connect: Connect) -> None:
    class Broken(Exception):
        pass

    async def body():  # type: ignore[no-untyped-def]
        yield b"begin"
        raise Broken

    async with RawServer(answering(OK)) as server:
        with pytest.raises(Broken):
            await fetch(connect(server.port), get(method="POST", body=body()))
