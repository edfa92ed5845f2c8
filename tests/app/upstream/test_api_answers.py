"""Contract of every upstream client: what the service answers arrives as it was sent."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from app.upstream.api import UpstreamError
from tests.app.upstream.conftest import Connect, fetch, get
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_headers_keep_order_case_duplicates_and_bytes(connect: Connect) -> None:
    head = (
        b"HTTP/1.1 207 Multi-Status caf\xe9\r\nset-cookie: a=1\r\nX-A: 1\r\nSet-Cookie: b=2; Path=/, x\r\n"
        b"x-a:  2\r\nX-Latin: caf\xe9\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n"
    )
    async with RawServer(answering(head)) as server:
        response = await connect(server.port).send(get())
        assert (response.status, response.reason) == (207, "Multi-Status caf\xe9")
        assert response.headers == [
            ("set-cookie", "a=1"),
            ("X-A", "1"),
            ("Set-Cookie", "b=2; Path=/, x"),
            ("x-a", "2"),
            ("X-Latin", "caf\xe9"),
            ("X-Empty", ""),
            ("Content-Length", "0"),
        ]
        await response.aclose()
        await response.aclose()


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: x\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ],
    ids=["head-length", "head-chunked", "204", "304-length", "empty", "empty-chunked"],
)
async def test_answers_without_a_body_end_at_once_and_keep_the_connection(
    connect: Connect, method: str, answer: bytes
) -> None:
    async with RawServer(answering(answer, OK)) as server:
        client = connect(server.port)
        _, headers, body = await fetch(client, get(method=method))
        assert body == b""
        assert b"".join(f"{name}: {value}\r\n".encode() for name, value in headers) in answer
        assert (await fetch(client, get()))[2] == b"ok"
    assert server.connections == 1


@pytest.mark.parametrize("status", [100, 102, 103])
async def test_interim_answers_are_skipped(connect: Connect, status: int) -> None:
    interim = b"HTTP/1.1 %d Wait\r\nLink: </a.css>; rel=preload\r\n\r\n" % status
    async with RawServer(answering(interim * 3 + OK)) as server:
        client = connect(server.port)
        for _ in range(2):
            status_got, headers, body = await fetch(client, get())
            assert (status_got, headers, body) == (200, [("Content-Length", "2")], b"ok")
    assert server.connections == 1


async def test_an_interim_answer_may_come_long_before_the_real_one(connect: Connect) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.05)
        await peer.send(b"HTTP/1.1 201 Created\r\nContent-")
        await asyncio.sleep(0.01)
        await peer.send(b"Length: 1\r\n\r\nx")

    async with RawServer(script) as server:
        assert await fetch(connect(server.port), get()) == (201, [("Content-Length", "1")], b"x")


async def test_switching_protocols_unasked_is_invalid(connect: Connect) -> None:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nabc"
    async with RawServer(answering(answer)) as server:
        client = connect(server.port)
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get())
        assert raised.value.problem.code == "upstream_invalid"


async def test_chunks_with_extensions_and_trailers(connect: Connect) -> None:
    """Trailers are not merged into the headers (RFC 9110 section 6.5.1)."""
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b"3;name=value\r\nabc\r\n4\r\n\r\n\r\n\r\n0;last\r\nX-Sum: 7\r\n\r\n"
    )
    async with RawServer(answering(answer)) as server:
        client = connect(server.port)
        for _ in range(2):
            _, headers, body = await fetch(client, get())
            assert body == b"abc\r\n\r\n"
            assert headers == [("Transfer-Encoding", "chunked"), ("Trailer", "X-Sum")]
    assert server.connections == 1


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nServer: a,b,chunked\r\n\r\n",
    ],
)
async def test_a_body_may_last_until_the_connection_closes(connect: Connect, head: bytes) -> None:
    async with RawServer(answering(head + b"abc" * 100_000, close=True)) as server:
        client = connect(server.port)
        for _ in range(2):
            assert (await fetch(client, get()))[2] == b"abc" * 100_000
    assert server.connections == 2


@pytest.mark.parametrize(
    ("head", "connections"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 2),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 2),
        (b"HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", 1),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 1),
    ],
    ids=["http/1.0", "close", "keep-alive", "no-reason"],
)
async def test_the_connection_is_kept_as_the_answer_says(connect: Connect, head: bytes, connections: int) -> None:
    async with RawServer(answering(head)) as server:
        client = connect(server.port)
        for _ in range(2):
            assert (await fetch(client, get()))[2] == b"ok"
    assert server.connections == connections


async def test_compressed_bodies_are_not_touched(connect: Connect) -> None:
    packed = gzip.compress(b"hello " * 100)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with RawServer(answering(head + packed)) as server:
        _, headers, body = await fetch(connect(server.port), get("/", [("Host", "x"), ("Accept-Encoding", "gzip")]))
    assert body == packed
    assert ("Content-Encoding", "gzip") in headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(connect: Connect, status: int) -> None:
    answer = b"HTTP/1.1 %d Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    async with RawServer(answering(answer)) as server:
        got, headers, _ = await fetch(connect(server.port), get())
    assert (got, dict(headers)["Location"], len(server.requests)) == (status, "/elsewhere", 1)


async def test_cookies_are_not_remembered(connect: Connect) -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
    async with RawServer(answering(answer)) as server:
        client = connect(server.port)
        for _ in range(2):
            await fetch(client, get())
    assert server.requests[1].values(b"cookie") == []


async def test_pieces_arrive_as_they_are_sent(connect: Connect) -> None:
    """An event stream: nothing waits for the end, and a quiet one outlives every timeout."""
    go = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(2):
            await go.wait()
            go.clear()
            await peer.send(b"data: %d\n\n" % number)

    async with RawServer(script) as server:
        response = await connect(server.port, response_timeout=0.4).send(get())
        for number in range(2):
            quiet = asyncio.get_running_loop().create_task(response.read())
            assert not (await asyncio.wait((quiet,), timeout=0.5))[0]
            go.set()
            assert await quiet == b"data: %d\n\n" % number
        assert await response.read() == b""
        assert await response.read() == b""
        await response.aclose()


async def test_a_complete_answer_can_be_taken_without_waiting(connect: Connect, adapter: str) -> None:
    async with RawServer(answering(OK)) as server:
        response = await connect(server.port).send(get())
        taken = await response.complete_within(5)
        if adapter == "lean":  # httpx does not tell what it has
            assert taken == b"ok"
        else:
            assert taken is None
            assert await response.read() == b"ok"
        assert await response.read() == b""
        await response.aclose()


async def test_complete_within_leaves_a_slow_body_to_be_read(connect: Connect) -> None:
    go = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        await go.wait()
        await peer.send(b"cd")
        await peer.gone()

    async with RawServer(script) as server:
        response = await connect(server.port).send(get())
        assert response.complete() is None
        assert await response.complete_within(0.02) is None
        go.set()
        body = b""
        while piece := await response.read():
            body += piece
        assert body == b"abcd"
        await response.aclose()


async def test_a_large_body_read_slowly_is_not_held_in_memory(connect: Connect) -> None:
    size, sent = 64 * 1024 * 1024, 0

    async def script(peer: Peer) -> None:
        nonlocal sent
        peer.writer.transport.set_write_buffer_limits(high=65536)
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        piece = bytes(256 * 1024)
        while sent < size:
            await peer.send(piece)
            sent += len(piece)

    async with RawServer(script) as server:
        response = await connect(server.port).send(get())
        before = -1
        while before != sent:  # until the service cannot write any more
            before = sent
            await asyncio.sleep(0.05)
        # What stands between is the kernel's: its buffers of loopback grow to some megabytes.
        assert sent < size // 2
        got = 0
        while piece := await response.read():
            assert len(piece) <= 4 * 1024 * 1024
            got += len(piece)
        assert got == size
        await response.aclose()
