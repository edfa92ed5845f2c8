"""Contract of every upstream client: every way to fail has its code, and leaves no connection in doubt."""

from __future__ import annotations

import asyncio
import socket

import pytest

from app.upstream.api import UpstreamError
from tests.app.upstream.conftest import Connect, fetch, get, in_pieces
from tests.app.upstream.raw_server import Peer, RawServer, Script, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"


async def code_of(connect: Connect, script: Script, **options: float) -> str:
    """The failure of a GET; the client must work again afterwards."""
    async with RawServer(script) as server:
        with pytest.raises(UpstreamError) as raised:
            await fetch(connect(server.port, **options), get())
    assert raised.value.problem.side == "your service"
    return raised.value.problem.code


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        HEAD + b"12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n",
    ],
    ids=["nothing", "half-head", "interim-only", "half-body", "between-chunks", "half-chunk", "no-final-line"],
)
@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_service_that_dies_is_cut(connect: Connect, start: bytes, how: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(start)
        if how == "reset":
            await asyncio.sleep(0.02)  # else the reset may overtake the bytes
            peer.reset()

    assert await code_of(connect, script) == "upstream_cut"


async def test_a_body_until_close_that_is_reset_is_cut(connect: Connect) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nabc")
        await asyncio.sleep(0.02)
        peer.reset()

    assert await code_of(connect, script) == "upstream_cut"


@pytest.mark.parametrize(
    "answer",
    [
        b"\x16\x03\x01\x00\x00garbage\r\n\r\n",
        b"not HTTP at all\r\n\r\n",
        b"HTTP/1.1 xyz OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
    ],
    ids=["tls", "text", "status", "header", "negative", "two-lengths", "chunk"],
)
async def test_an_answer_that_is_not_http_is_invalid(connect: Connect, answer: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)
        await peer.gone()

    assert await code_of(connect, script) == "upstream_invalid"


@pytest.mark.parametrize("shape", ["one", "many", "status"])
async def test_an_endless_head_is_invalid(connect: Connect, shape: str) -> None:
    begin, more = {
        "one": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 4096),
        "many": (b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n" * 512),
        "status": (b"HTTP/1.1 200 ", b"x" * 4096),
    }[shape]

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(begin)
        for _ in range(10 * 1024 * 1024 // len(more)):
            await peer.send(more)
        raise AssertionError("it took everything")

    assert await code_of(connect, script) == "upstream_invalid"


async def test_a_refused_connection(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody else gets the port
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(UpstreamError) as raised:
                await fetch(connect(taken.getsockname()[1], host=host), get())
            assert raised.value.problem.code == "upstream_refused"
    assert "refuses connections" in raised.value.problem.title


async def test_an_unknown_host(connect: Connect) -> None:
    with pytest.raises(UpstreamError) as raised:
        await fetch(connect(80, host="no-such-host.invalid"), get())
    assert raised.value.problem.code == "upstream_unreachable"


async def test_a_host_that_cannot_be_a_name(connect: Connect) -> None:
    with pytest.raises(UpstreamError) as raised:
        await fetch(connect(80, host="a" * 70 + ".invalid"), get())
    assert raised.value.problem.code == "upstream_unreachable"


async def test_an_address_without_a_route(connect: Connect) -> None:
    with pytest.raises(UpstreamError) as raised:
        await fetch(connect(80, host="255.255.255.255", connect_timeout=0.2), get())
    assert raised.value.problem.code in ("upstream_unreachable", "upstream_timeout")


async def test_no_connection_in_time(connect: Connect) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        try:
            for each in waiting:  # Linux drops what does not fit into the queue, so the handshake never ends
                each.setblocking(False)
                each.connect_ex(full.getsockname())
            await asyncio.sleep(0.05)
            with pytest.raises(UpstreamError) as raised:
                await fetch(connect(full.getsockname()[1], connect_timeout=0.1, response_timeout=0.1), get())
            assert raised.value.problem.code == "upstream_timeout"
        finally:
            for each in waiting:
                each.close()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
async def test_no_answer_in_time(connect: Connect, start: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(start)
        await peer.gone()

    async with RawServer(script) as server:
        with pytest.raises(UpstreamError) as raised:
            await fetch(connect(server.port, response_timeout=0.05), get())
        assert raised.value.problem.code == "upstream_timeout"
        async with asyncio.timeout(5):
            await server.gone.wait()


async def test_the_clock_for_the_answer_starts_when_the_upload_is_complete(connect: Connect) -> None:
    async def slowly():  # type: ignore[no-untyped-def]
        for _ in range(6):
            await asyncio.sleep(0.03)
            yield b"x"

    async def silent(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async with RawServer(answering(OK)) as server:
        client = connect(server.port, response_timeout=0.1)
        assert (await fetch(client, get(method="POST", body=slowly())))[0] == 200
    async with RawServer(silent) as server:
        with pytest.raises(UpstreamError) as raised:
            await fetch(connect(server.port, response_timeout=0.1), get(method="POST", body=in_pieces(b"x")))
        assert raised.value.problem.code == "upstream_timeout"


@pytest.mark.parametrize("while_waiting_for", ["head", "body"])
async def test_cancelling_closes_the_connection_at_once(connect: Connect, while_waiting_for: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if while_waiting_for == "body":
            await peer.send(HEAD)
        asked.set()
        await peer.gone()

    asked = asyncio.Event()
    async with RawServer(script) as server, asyncio.timeout(5):
        task = asyncio.get_running_loop().create_task(fetch(connect(server.port), get()))
        await asked.wait()
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.gone.wait()


async def test_closing_an_unread_answer_closes_the_connection(connect: Connect) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD)
        await peer.gone()

    async with RawServer(script) as server, asyncio.timeout(5):
        response = await connect(server.port).send(get())
        await response.aclose()
        await server.gone.wait()
