"""WebSockets to the service: the visitor's upgrade byte for byte, and every way to be refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from app.domain.upstream import Upstream
from app.upstream import websocket
from app.upstream.api import UpstreamError, UpstreamOptions
from app.upstream.websocket import SocketRefused, UpstreamSocket, open_socket
from backend_lambda.protocol.messages import Headers
from tests.app.upstream.raw_server import Peer, RawServer, Received, Script

HOST: Headers = [("Host", "app.example"), ("Origin", "http://app.example")]


def options(port: int, *, scheme: str = "http", verify_tls: bool = True, **times: float) -> UpstreamOptions:
    return UpstreamOptions(Upstream(scheme, "127.0.0.1", port), verify_tls, **times)  # type: ignore[arg-type]


def accept(head: Received, *more: bytes) -> bytes:
    """The answer that agrees to the upgrade."""
    key = head.values(b"sec-websocket-key")[0] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    lines = (
        b"HTTP/1.1 101 Switching Protocols",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: " + base64.b64encode(hashlib.sha1(key).digest()),
        *more,
        b"\r\n",
    )
    return b"\r\n".join(lines)


async def accepting(peer: Peer) -> None:
    head = await peer.request()
    await peer.send(accept(head, b"Set-Cookie: a=1", b"set-cookie: b=2", b"X-Latin: caf\xe9"))
    await peer.gone()


@asynccontextmanager
async def service(handler: Callable[[ServerConnection], Awaitable[None]], **extra: object) -> AsyncIterator[int]:
    """A WebSocket server of the library; gives its port."""
    async with serve(handler, "127.0.0.1", 0, compression=None, ping_interval=None, **extra) as server:  # type: ignore[arg-type]
        yield next(iter(server.sockets)).getsockname()[1]


async def opened(port: int, target: str = "/", headers: Headers = HOST) -> UpstreamSocket:
    async with asyncio.timeout(10):
        return await open_socket(options(port), target, headers)


@pytest.mark.parametrize("target", ["/x;a=b?q=%2F", "//x", "/a/../b?c?d&&", "/caf\xe9", "/%zz"])
async def test_the_target_is_byte_exact(target: str) -> None:
    async with RawServer(accepting) as server:
        socket = await opened(server.port, target)
        socket.transport.abort()
    assert server.requests[0].line == f"GET {target} HTTP/1.1".encode("latin-1")


async def test_the_visitors_headers_go_along_and_those_of_the_hop_are_our_own() -> None:
    given: Headers = [
        ("hOsT", "app.example:81"),
        ("Origin", "https://app.example"),
        ("Cookie", "a=1"),
        ("X-A", "1"),
        ("x-a", "caf\xe9"),
        ("Connection", "keep-alive, Upgrade"),
        ("Upgrade", "WebSocket"),
        ("Sec-WebSocket-Key", "bm90IG91cnMgYXQgYWxsIQ=="),
        ("Sec-WebSocket-Version", "12"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("Content-Length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("User-Agent", "visitor"),
    ]
    async with RawServer(accepting) as server:
        socket = await opened(server.port, "/", given)
        socket.transport.abort()
    (request,) = server.requests
    assert [
        pair for pair in request.headers if not pair[0].lower().startswith((b"sec-", b"upgrade", b"connection"))
    ] == [
        (b"hOsT", b"app.example:81"),
        (b"Origin", b"https://app.example"),
        (b"Cookie", b"a=1"),
        (b"X-A", b"1"),
        (b"x-a", b"caf\xe9"),
        (b"User-Agent", b"visitor"),
    ]
    assert request.values(b"upgrade") == [b"websocket"]
    assert [value.lower() for value in request.values(b"connection")] == [b"upgrade"]
    assert request.values(b"sec-websocket-version") == [b"13"]
    assert request.values(b"sec-websocket-extensions") == []
    (key,) = request.values(b"sec-websocket-key")
    assert key != b"bm90IG91cnMgYXQgYWxsIQ=="


async def test_the_headers_of_the_answer_are_kept() -> None:
    async with RawServer(accepting) as server:
        socket = await opened(server.port)
        socket.transport.abort()
    assert [pair for pair in socket.response_headers if pair[0].lower() in ("set-cookie", "x-latin")] == [
        ("Set-Cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("X-Latin", "caf\xe9"),
    ]


async def test_the_service_chooses_among_the_visitors_subprotocols() -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send(connection.subprotocol or "none")
        await connection.wait_closed()

    known = [Subprotocol("superchat"), Subprotocol("mqtt")]
    async with service(handler, subprotocols=known) as port:
        offered: Headers = [*HOST, ("Sec-WebSocket-Protocol", "chat, superchat"), ("sec-websocket-protocol", "mqtt")]
        socket = await opened(port, "/", offered)
        assert ("Sec-WebSocket-Protocol", "superchat") in socket.response_headers
        assert await socket.recv() == "superchat"
        await socket.close()


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nwho?", 401, b"who?"),
        (b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n", 404, b"no!"),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil close", 200, b"until close"),
        (b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nX-A: caf\xe9\r\n\r\n", 426, b""),
    ],
    ids=["401", "404-chunked", "302", "200", "426"],
)
async def test_a_refusal_is_an_ordinary_answer(answer: bytes, status: int, body: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)

    async with RawServer(script) as server:
        with pytest.raises(SocketRefused) as raised:
            await opened(server.port)
    refused = raised.value
    assert (refused.status, refused.body) == (status, body)
    assert b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in refused.headers) in answer


async def _bad_accept(peer: Peer) -> None:
    answer = accept(await peer.request())
    await peer.send(answer.replace(b"Sec-WebSocket-Accept: ", b"Sec-WebSocket-Accept: x"))
    await peer.gone()


async def _unasked_subprotocol(peer: Peer) -> None:
    await peer.send(accept(await peer.request(), b"Sec-WebSocket-Protocol: other"))
    await peer.gone()


async def _garbage(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"SSH-2.0-OpenSSH\r\n")
    await peer.gone()


async def _endless(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 101 Switching Protocols\r\nX: ")
    for _ in range(1000):
        await peer.send(b"x" * 1024)
    await peer.gone()


async def _dies(peer: Peer) -> None:
    await peer.request()


async def _dies_late(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 101 Switching Proto")


async def _resets(peer: Peer) -> None:
    await peer.request()
    peer.reset()


async def _silent(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (_bad_accept, "upstream_invalid"),
        (_unasked_subprotocol, "upstream_invalid"),
        (_garbage, "upstream_invalid"),
        (_endless, "upstream_invalid"),
        (_dies, "upstream_cut"),
        (_dies_late, "upstream_cut"),
        (_resets, "upstream_cut"),
        (_silent, "upstream_timeout"),
    ],
)
async def test_a_handshake_that_fails_has_its_code(script: Script, code: str) -> None:
    async with RawServer(script) as server, asyncio.timeout(10):
        with pytest.raises(UpstreamError) as raised:
            await open_socket(options(server.port, response_timeout=0.2), "/", HOST)
        if script is _silent:
            await server.gone.wait()
    assert raised.value.problem.code == code


async def test_no_service_at_all() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(UpstreamError) as raised:
            await opened(taken.getsockname()[1])
    assert raised.value.problem.code == "upstream_refused"
    with pytest.raises(UpstreamError) as raised:
        await open_socket(UpstreamOptions(Upstream("http", "no-such-host.invalid", 80)), "/", HOST)
    assert raised.value.problem.code == "upstream_unreachable"


async def test_cancelling_the_handshake_closes_the_connection() -> None:
    async with RawServer(_silent) as server, asyncio.timeout(10):
        task = asyncio.get_running_loop().create_task(opened(server.port))
        await server.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.gone.wait()


async def test_tls_with_a_self_signed_certificate(tls: ssl.SSLContext) -> None:
    async def echo(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                await connection.send(message)

    async with service(echo, ssl=tls) as port:
        with pytest.raises(UpstreamError) as raised:
            await open_socket(options(port, scheme="https"), "/", HOST)
        assert raised.value.problem.code == "upstream_tls"
        opened = await open_socket(options(port, scheme="https", verify_tls=False), "/", HOST)
        await opened.send("hello")
        assert await opened.recv() == "hello"
        await opened.close()


async def test_messages_of_every_kind_both_ways() -> None:
    async def echo(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for message in connection:
                await connection.send(message)

    async with service(echo, max_size=None) as port:
        socket = await opened(port)
        for message in ("", b"", "text ☃", b"\0\xff", "x" * 200_000, bytes(3_000_000)):
            await socket.send(message)
            assert await socket.recv() == message
        await socket.send("as text ☃".encode(), text=True)
        assert await socket.recv() == "as text ☃"
        await socket.close(4001, "done")
    assert (socket.close_code, socket.close_reason) == (4001, "done")


async def test_a_message_right_behind_the_handshake_is_not_lost_and_a_close_ends_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service here keeps its TCP connection open after its close frame."""
    monkeypatch.setattr(websocket, "_CLOSE_SECONDS", 0.05)

    async def script(peer: Peer) -> None:
        await peer.send(accept(await peer.request()) + b"\x81\x02hi\x88\x02\x03\xe9")
        await peer.gone()

    async with RawServer(script) as server:
        socket = await opened(server.port)
        assert await socket.recv() == "hi"
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1001
