"""Visitors' WebSockets, end to end: messages, subprotocols, close codes, refusals, and every way to go away."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.e2e.service import Call, Service, Sockets
from tests.e2e.tunnels import Agent, Relay, Tunnel, agent_process, kill
from tests.e2e.visitor import Visitor, ask, get

HANDSHAKE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


async def echo(socket: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        async for message in socket:
            await socket.send(message)


def open_socket(tunnel: Tunnel, rest: str = "/", **options: Any) -> connect:
    return connect(tunnel.url(rest, "ws"), proxy=None, compression=None, max_size=None, close_timeout=2, **options)


async def closing_of(socket: ClientConnection) -> tuple[int | None, str | None]:
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(3):
            while True:
                await socket.recv()
    return socket.close_code, socket.close_reason


@pytest.mark.parametrize("mode", ["path", "host"])
async def test_messages_keep_kind_and_bytes(agent: Agent, mode: str) -> None:
    async with Sockets(echo) as service:
        tunnel = await agent.open(service.port)
        if mode == "path":
            opening = open_socket(tunnel, "/chat")
        else:
            url = f"ws://{tunnel.name}.localhost:{tunnel.relay.port}/chat"
            opening = connect(url, host="127.0.0.1", port=tunnel.relay.port, proxy=None)
        async with opening as socket:
            for message in ("text", "", "ü€😀\0", b"bytes", b"", bytes(range(256))):
                await socket.send(message)
                assert await socket.recv() == message
            await socket.send(["in ", "three ", "fragments"])
            assert await socket.recv() == "in three fragments"
            assert await (await socket.ping()) >= 0


async def test_target_and_headers_arrive_as_they_were_sent(agent: Agent) -> None:
    seen: list[Request] = []

    async def look(socket: ServerConnection) -> None:
        assert socket.request is not None
        seen.append(socket.request)

    async with Sockets(look) as service:
        tunnel = await agent.open(service.port)
        sent = [
            "X-b: 1",
            "x-A: 2",
            "X-B: 3",
            "Cookie: " + "c" * 7000,
            "X-More: " + "m" * 8000,
            "Origin: http://relay.test.localhost",
        ]
        async with Visitor(tunnel.relay.port) as visitor:
            answer = await visitor.ask(get(tunnel.path("/a%2Fb//c?x=%20&&y"), *sent, *HANDSHAKE))
            assert answer.status == 101
    assert seen[0].path == "/a%2Fb//c?x=%20&&y"
    headers = list(seen[0].headers.raw_items())
    assert headers[0] == ("Host", f"127.0.0.1:{service.port}")
    assert [f"{name}: {value}" for name, value in headers][1:6] == sent[:5]
    assert ("Origin", f"http://127.0.0.1:{service.port}") in headers, "RQ16"


async def test_a_head_too_large_for_websocket_libraries(agent: Agent) -> None:
    """200 headers of 300 bytes pass; what is over our own limit is a 431, as for any request."""
    async with Service() as service:
        tunnel = await agent.open(service.port)
        many = [f"X-{number}: {'v' * 300}" for number in range(150)]
        assert (await ask(tunnel.relay.port, get(tunnel.path(), *many, *HANDSHAKE))).status == 200
        assert len(service.last.headers) > 150
        answer = await ask(tunnel.relay.port, get(tunnel.path(), *many, *many, *HANDSHAKE))
        assert (answer.status, answer.header("x-hatchway-error")) == (431, "head_too_large")


async def test_subprotocols_are_negotiated_by_the_service(agent: Agent) -> None:
    async with Sockets(echo, subprotocols=["graphql-ws", "v2"]) as service:
        tunnel = await agent.open(service.port)
        offered = [Subprotocol("v1"), Subprotocol("v2")]
        async with open_socket(tunnel, subprotocols=offered) as socket:
            assert socket.subprotocol == "v2"
        with pytest.raises(InvalidStatus, match="400"):  # of this service, which insists on one
            await open_socket(tunnel, subprotocols=[Subprotocol("v1")])
    async with Sockets(echo) as service:
        tunnel = await agent.open(service.port)
        async with open_socket(tunnel, subprotocols=[Subprotocol("v1")]) as socket:
            assert socket.subprotocol is None


CODES = [(1000, ""), (1000, "bye"), (1001, "away"), (3000, "ours"), (4999, "ü" * 61), (1011, "failed"), (1013, "later")]


@pytest.mark.parametrize(("code", "reason"), CODES)
async def test_closing_by_the_service(agent: Agent, code: int, reason: str) -> None:
    async def close(socket: ServerConnection) -> None:
        await socket.close(code, reason)

    async with Sockets(close) as service:
        tunnel = await agent.open(service.port)
        async with open_socket(tunnel) as socket:
            assert await closing_of(socket) == (code, reason)


@pytest.mark.parametrize(("code", "reason"), CODES)
async def test_closing_by_the_visitor(agent: Agent, code: int, reason: str) -> None:
    closed: asyncio.Future[tuple[int | None, str | None]] = asyncio.get_running_loop().create_future()

    async def wait(socket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await socket.recv()
        closed.set_result((socket.close_code, socket.close_reason))

    async with Sockets(wait) as service:
        tunnel = await agent.open(service.port)
        async with open_socket(tunnel) as socket:
            await socket.close(code, reason)
        async with asyncio.timeout(2):
            assert await closed == (code, reason)


async def test_closing_without_a_code(agent: Agent) -> None:
    closed: asyncio.Queue[int | None] = asyncio.Queue()

    async def script(socket: ServerConnection) -> None:
        assert socket.request is not None
        if socket.request.path == "/service":
            socket.protocol.send_close()
            socket.send_data()  # type: ignore[attr-defined]
        with contextlib.suppress(ConnectionClosed):
            await socket.recv()
        closed.put_nowait(socket.close_code)

    async with Sockets(script) as service:
        tunnel = await agent.open(service.port)
        async with open_socket(tunnel, "/service") as socket:
            assert await closing_of(socket) == (1005, "")
        await closed.get()
        async with open_socket(tunnel, "/visitor") as socket:
            socket.protocol.send_close()
            socket.send_data()  # type: ignore[attr-defined]
            assert await closing_of(socket) == (1005, "")
        async with asyncio.timeout(2):
            assert await closed.get() == 1005


async def test_a_mebibyte_each_way_at_once(agent: Agent) -> None:
    down, up = os.urandom(1 << 20), "ü" * (1 << 19)
    got: list[Any] = []

    async def script(socket: ServerConnection) -> None:
        async def send() -> None:
            for _ in range(5):
                await socket.send(down)

        sending = asyncio.ensure_future(send())
        for _ in range(5):
            got.append(await socket.recv())
        await sending
        await socket.close()

    async with Sockets(script) as service:
        tunnel = await agent.open(service.port)
        async with open_socket(tunnel) as socket:

            async def send() -> None:
                for _ in range(5):
                    await socket.send(up)

            sending = asyncio.ensure_future(send())
            received = [await socket.recv() for _ in range(5)]
            await sending
            assert await closing_of(socket) == (1000, "")
    assert received == [down] * 5
    assert got == [up] * 5


async def test_a_visitor_who_does_not_read_delays_nobody_else(agent: Agent) -> None:
    sent = 0

    async def flood(socket: ServerConnection) -> None:
        nonlocal sent
        assert socket.request is not None
        if socket.request.path != "/flood":
            await echo(socket)
            return
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send(bytes(100_000))
                sent += 100_000

    async with Sockets(flood) as service:
        tunnel = await agent.open(service.port)
        async with open_socket(tunnel, "/flood", max_queue=1), open_socket(tunnel) as lively:
            await asyncio.sleep(0.3)
            before = sent
            for _ in range(50):
                await lively.send("ping")
                assert await lively.recv() == "ping"
            assert sent - before < 2_000_000
            assert sent < 60_000_000


@pytest.mark.parametrize("status", [401, 403, 404, 503])
async def test_a_refusal_is_passed_on(agent: Agent, status: int) -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        response = connection.respond(status, "not you\n")
        response.headers["Set-Cookie"] = "a=1"
        response.headers["WWW-Authenticate"] = "Basic"
        return response

    async with Sockets(echo, process_request=refuse) as service:
        tunnel = await agent.open(service.port)
        with pytest.raises(InvalidStatus) as caught:
            await open_socket(tunnel)
    response = caught.value.response
    assert (response.status_code, response.body) == (status, b"not you\n")
    assert (response.headers["Set-Cookie"], response.headers["WWW-Authenticate"]) == ("a=1", "Basic")


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_failures_have_the_same_pages_as_requests(agent: Agent, relay: Relay, accept: str) -> None:
    async with Service() as service:
        port = service.port
    refusing = await agent.open(port)
    offline = await agent.open(port)
    await agent.supervisor.stop(offline.spec.id)
    for target, status, code in (
        ("/no-such/", 404, "unknown_tunnel"),
        (offline.path(), 503, "agent_offline"),
        (refusing.path(), 502, "upstream_refused"),
    ):
        answer = await ask(relay.port, get(target, f"Accept: {accept}", *HANDSHAKE))
        assert (answer.status, answer.header("x-hatchway-error")) == (status, code)
        assert str(port).encode() not in answer.body
        assert (answer.header("content-type") or "").startswith(accept)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get("/T/", *HANDSHAKE, method="POST"), 400),
        (get("/T/", *HANDSHAKE[:3]), 400),
        (get("/T/", *HANDSHAKE[:3], "Sec-WebSocket-Key: x"), 400),
        (get("/T/", *HANDSHAKE[:2], HANDSHAKE[3], "Sec-WebSocket-Version: 7"), 400),
        (get("/T/", *HANDSHAKE, "Sec-WebSocket-Protocol: " + "p" * 20_000), 400),
        (get("*", *HANDSHAKE), 400),
    ],
    ids=["POST", "no key", "bad key", "old version", "huge offer", "asterisk"],
)
async def test_bad_handshakes(tunnel: Tunnel, service: Service, request_bytes: bytes, status: int) -> None:
    async with Visitor(tunnel.relay.port) as visitor:
        answer = await visitor.ask(request_bytes.replace(b"/T/", tunnel.path().encode()))
        assert answer.status == status
        assert b"Traceback" not in answer.body
        assert await visitor.closed(2)
    assert service.calls == []


@pytest.mark.parametrize("together", [True, False])
async def test_frames_before_the_answer_end_the_connection(
    agent: Agent, tunnel: Tunnel, service: Service, together: bool
) -> None:
    async def slow(call: Call) -> None:
        await call.until_gone(2)

    service.script = slow
    frame = b"\x81\x85\0\0\0\0hello"
    async with Visitor(tunnel.relay.port) as visitor:
        if together:
            assert (await visitor.ask(get(tunnel.path(), *HANDSHAKE) + frame)).status == 400
        else:
            await visitor.send(get(tunnel.path(), *HANDSHAKE))
            finished = asyncio.ensure_future(agent.finished())
            await asyncio.sleep(0.05)
            await visitor.send(frame)
            await finished
        assert await visitor.closed(1)
    assert tunnel.relay.process is not None
    assert tunnel.relay.process.running


class TestGoingAway:
    @pytest.fixture
    async def ended(self) -> asyncio.Queue[int | None]:
        return asyncio.Queue()

    @pytest.fixture
    async def sockets(self, ended: asyncio.Queue[int | None]) -> Any:
        async def script(socket: ServerConnection) -> None:
            with contextlib.suppress(ConnectionClosed):
                async for message in socket:
                    if message == "abort":
                        socket.transport.abort()
                    await socket.send(message)
            ended.put_nowait(socket.close_code)

        async with Sockets(script) as sockets:
            yield sockets

    async def test_the_visitor_aborts(self, agent: Agent, sockets: Sockets, ended: asyncio.Queue[int | None]) -> None:
        tunnel = await agent.open(sockets.port)
        socket = await open_socket(tunnel)
        await socket.send("hello")
        await socket.recv()
        socket.transport.abort()
        async with asyncio.timeout(1):
            assert await ended.get() == 1001

    async def test_the_service_aborts(self, agent: Agent, sockets: Sockets) -> None:
        tunnel = await agent.open(sockets.port)
        async with open_socket(tunnel) as socket:
            await socket.send("abort")
            assert await closing_of(socket) == (1014, "the service behind the tunnel went away")

    async def test_the_tunnel_is_stopped(
        self, agent: Agent, sockets: Sockets, ended: asyncio.Queue[int | None]
    ) -> None:
        tunnel = await agent.open(sockets.port)
        async with open_socket(tunnel) as socket:
            await socket.send("hello")
            await socket.recv()
            await agent.supervisor.stop(tunnel.spec.id)
            assert await closing_of(socket) == (1014, "the tunnel's agent went away")
        async with asyncio.timeout(1):
            await ended.get()

    @pytest.mark.slow
    async def test_the_agent_dies(self, relay: Relay, sockets: Sockets) -> None:
        name = f"ws-{os.getpid()}"
        async with agent_process(relay, sockets.port, name) as process:
            tunnel = Tunnel(name, None, relay)  # type: ignore[arg-type]
            async with open_socket(tunnel) as socket:
                await socket.send("hello")
                await socket.recv()
                kill(process)
                assert await closing_of(socket) == (1014, "the tunnel's agent went away")

    async def test_the_visitor_does_not_wait_for_the_answer(self, agent: Agent) -> None:
        left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        arrived = asyncio.Event()

        async def slow(call: Call) -> None:
            arrived.set()
            left.set_result(await call.until_gone(1))

        async with Service(slow) as service:
            tunnel = await agent.open(service.port)
            async with Visitor(tunnel.relay.port) as visitor:
                await visitor.send(get(tunnel.path(), *HANDSHAKE))
                await arrived.wait()
            assert await left

    async def test_the_visitor_breaks_the_protocol(
        self, agent: Agent, sockets: Sockets, ended: asyncio.Queue[int | None]
    ) -> None:
        tunnel = await agent.open(sockets.port)
        for garbage in (
            b"\xff\xff\xff\xff",
            b"\x81\x05hello",
            b"\x81\x85\0\0\0\0\xff\xff\xff\xff\xff",
            b"\x88\x81\0\0\0\0\0",
        ):
            async with Visitor(tunnel.relay.port) as visitor:
                assert (await visitor.ask(get(tunnel.path(), *HANDSHAKE))).status == 101
                await visitor.send(garbage)
                close = await asyncio.wait_for(visitor.reader.read(2), 2)
                assert close[:1] == b"\x88"
            async with asyncio.timeout(2):
                await ended.get()


async def test_a_socket_after_ordinary_requests_on_the_same_connection(agent: Agent) -> None:
    async with Sockets(echo) as sockets:
        tunnel = await agent.open(sockets.port)
        async with Visitor(tunnel.relay.port) as visitor:
            assert (await visitor.ask(get("/none/"))).status == 404
            assert (await visitor.ask(get(tunnel.path(), *HANDSHAKE))).status == 101
            await visitor.send(b"\x81\x82\0\0\0\0hi")
            assert await visitor.reader.readexactly(4) == b"\x81\x02hi"


async def test_100_sockets_at_once(agent: Agent) -> None:
    async with Sockets(echo) as service:
        tunnel = await agent.open(service.port)

        async def one(number: int) -> None:
            async with open_socket(tunnel) as socket:
                for round_ in range(5):
                    await socket.send(f"{number}:{round_}")
                    assert await socket.recv() == f"{number}:{round_}"

        await asyncio.gather(*(one(number) for number in range(100)))
