"""Contract of every upstream client: connections are reused while that is safe, and never when it is not."""

from __future__ import annotations

import asyncio
import http.server
import socket
import threading
from typing import Any

import pytest
import uvicorn

from app.upstream.api import UpstreamError
from tests.app.upstream.conftest import Connect, fetch, get, in_pieces
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def test_one_connection_serves_one_request_after_the_other(connect: Connect) -> None:
    async with RawServer(answering(OK)) as server:
        client = connect(server.port)
        for method, body in (("GET", b""), ("POST", b"x"), ("DELETE", b"")):
            await fetch(client, get(method=method, body=body))
    assert (server.connections, len(server.requests)) == (1, 3)


async def test_requests_at_the_same_time_have_connections_of_their_own(connect: Connect) -> None:
    together = asyncio.Barrier(8)

    async def script(peer: Peer) -> None:
        request = await peer.request()
        await together.wait()
        body = request.line.split()[1]
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await peer.gone()

    async with RawServer(script) as server:
        client = connect(server.port)
        answers = await asyncio.gather(*(fetch(client, get(f"/{number}")) for number in range(8)))
    assert [body for _, _, body in answers] == [b"/%d" % number for number in range(8)]
    assert server.connections == 8


@pytest.mark.parametrize("end", ["close", "reset", "408", "garbage"])
async def test_a_connection_that_ended_while_idle_is_not_used_again(connect: Connect, end: str) -> None:
    ended = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await go.wait()
        match end:
            case "reset":
                peer.reset()
            case "408":
                await peer.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            case "garbage":
                await peer.send(b"\0\1\2")
        if end in ("408", "garbage"):
            ended.set()
            await peer.gone()
        ended.set()

    go = asyncio.Event()
    async with RawServer(script) as server:
        client = connect(server.port)
        await fetch(client, get())
        go.set()
        await ended.wait()
        await asyncio.sleep(0.02)  # until it is here, too
        assert (await fetch(client, get(method="POST", body=b"x")))[2] == b"ok"
    assert server.connections == 2


async def _stale(peer: Peer) -> None:
    """Answers one request, then dies the moment the next one arrives."""
    await peer.request()
    await peer.send(OK)
    await peer.head()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_a_request_lost_with_a_stale_connection_is_repeated_if_that_does_no_harm(
    connect: Connect, method: str
) -> None:
    async with RawServer(_stale) as server:
        client = connect(server.port)
        await fetch(client, get())
        status, _, _ = await fetch(client, get("/again", method=method))
        assert status == 200
    assert server.connections == 2
    assert [request.line.split()[1] for request in server.requests] == [b"/", b"/again"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "LOCK"])
async def test_a_request_that_may_do_harm_is_not_repeated(connect: Connect, method: str) -> None:
    async with RawServer(_stale) as server:
        client = connect(server.port)
        await fetch(client, get())
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get("/again", method=method, body=b"x"))
        assert raised.value.problem.code == "upstream_cut"
    assert server.connections == 1


async def test_a_streamed_body_is_not_repeated(connect: Connect) -> None:
    async with RawServer(_stale) as server:
        client = connect(server.port)
        await fetch(client, get())
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get("/again", method="PUT", body=in_pieces(b"x")))
        assert raised.value.problem.code == "upstream_cut"
    assert server.connections == 1


async def test_a_fresh_connection_that_dies_is_not_repeated(connect: Connect) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()

    async with RawServer(script) as server:
        with pytest.raises(UpstreamError):
            await fetch(connect(server.port), get())
    assert server.connections == 1


async def test_a_half_answered_request_is_not_repeated(connect: Connect) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")

    async with RawServer(script) as server:
        client = connect(server.port)
        await fetch(client, get())
        with pytest.raises(UpstreamError):
            await fetch(client, get())
    assert server.connections == 1


async def test_closing_the_client_closes_idle_connections(connect: Connect) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.gone()

    async with RawServer(script) as server, asyncio.timeout(5):
        client = connect(server.port)
        await fetch(client, get())
        await client.aclose()
        await server.gone.wait()


@pytest.mark.parametrize(("host", "listening"), [("::1", "::1"), ("localhost", "::1"), ("localhost", "127.0.0.1")])
async def test_localhost_is_found_on_either_address(
    connect: Connect, host: str, listening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node listens on ::1 only, Python on 127.0.0.1 only, and both say localhost."""
    resolve = socket.getaddrinfo

    def both(
        name: str | bytes, *args: Any, **more: Any
    ) -> list[Any]:  # the hosts file of a container may know only one
        names = ["::1", "127.0.0.1"] if name in ("localhost", b"localhost") else [name]
        return [info for each in names for info in resolve(each, *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    try:
        server = await RawServer(answering(OK), host=listening).__aenter__()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    try:
        assert (await fetch(connect(server.port, host=host), get()))[2] == b"ok"
    finally:
        await server.__aexit__(None, None, None)


async def test_against_the_server_of_the_standard_library(connect: Connect) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.end_headers()
            self.wfile.write(body + self.path.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        client = connect(server.server_address[1])
        for _ in range(3):
            assert (await fetch(client, get("/a%2F", method="POST", body=b"x" * 100_000)))[::2] == (
                201,
                b"x" * 100_000 + b"/a%2F",
            )
    finally:
        await asyncio.to_thread(server.shutdown)
        thread.join()
        server.server_close()


async def test_against_uvicorn(connect: Connect) -> None:
    async def echo(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        body, more = b"", True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for start in range(0, len(body), 10_000):
            await send({"type": "http.response.body", "body": body[start : start + 10_000], "more_body": True})
        await send({"type": "http.response.body", "body": scope["raw_path"]})

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(echo, lifespan="off", log_config=None, access_log=False))
    serving = asyncio.get_running_loop().create_task(server._serve([listener]))
    try:
        client = connect(listener.getsockname()[1])
        for _ in range(2):
            request = get("/%2f", method="POST", body=in_pieces(b"a" * 50_000, b"b" * 50_000))
            assert (await fetch(client, request))[2] == b"a" * 50_000 + b"b" * 50_000 + b"/%2f"
    finally:
        server.should_exit = True
        await client.aclose()
        await serving
