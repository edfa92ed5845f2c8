"""The WebSocket endpoint against a scripted visitor (ASGI) and a scripted agent (the ports of the core)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from app.domain.tasks import spawn
from app.relay.hosts import Hosts
from app.relay.push import SocketPush
from app.relay.replies import QueueReplyBox
from app.relay.sockets import SocketEndpoint
from app.relay.store import MemoryTunnelStore
from backend_lambda.core.forward import Forwarder, FrontDoor
from backend_lambda.core.ports import Ports
from backend_lambda.protocol.codec import decode
from backend_lambda.protocol.limits import RELAY_LIMITS
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Request, Response, TunnelOptions


class Bench:
    """The endpoint between a visitor (`tell`, `told`) and an agent (`reply`, `pushed`)."""

    binary = True

    def __init__(self) -> None:
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.pushed: asyncio.Queue[Any] = asyncio.Queue()
        self.disconnected = False
        push = SocketPush()
        push.sockets["c1"] = self
        self.replies = QueueReplyBox(RELAY_LIMITS)
        self.store = MemoryTunnelStore()
        ports = Ports(self.store, push, self.replies)
        forwarder = Forwarder(ports, FrontDoor(RELAY_LIMITS))
        self.endpoint = SocketEndpoint(ports, RELAY_LIMITS, forwarder, Hosts("internet", "relay.test"), None)
        self.running: asyncio.Task[None] | None = None

    async def send(self, wire: str | bytes) -> None:
        self.pushed.put_nowait(decode(wire, max_message=1 << 30, max_body=1 << 30))

    async def close(self) -> None: ...

    async def _send(self, event: dict[str, Any]) -> None:
        if self.disconnected:
            raise ClientDisconnected
        self.told.put_nowait(event)

    async def open(
        self,
        *headers: tuple[bytes, bytes],
        path: bytes = b"/t/ws",
        query: bytes = b"",
        hosts: tuple[bytes, ...] = (b"relay.test",),
        authority: str | None = None,
    ) -> None:
        await self.store.claim("t", "o", "c1", TunnelOptions("http://localhost:1"))
        scope = {
            "type": "websocket",
            "raw_path": path,
            "query_string": query,
            "scheme": "ws",
            "client": ("192.0.2.1", 5),
            "headers": [*((b"Host", host) for host in hosts), *headers],
            "hatchway.authority": authority,
        }
        self.tell("websocket.connect")
        self.running = spawn(self.endpoint.serve(scope, self.events.get, self._send), name="endpoint")

    def tell(self, kind: str, **fields: Any) -> None:
        self.events.put_nowait({"type": kind, **fields})

    def reply(self, message: Any) -> None:
        self.replies.deliver("c1", message)

    async def request(self) -> Request:
        message = await self.pushed.get()
        assert isinstance(message, Request)
        return message

    async def opened(self, *headers: tuple[str, str]) -> str:
        await self.open()
        request = await self.request()
        self.reply(Response(request.id, 101, list(headers), end=False))
        assert (await self.told.get())["type"] == "websocket.accept"
        return request.id

    async def over(self) -> None:
        assert self.running is not None
        await self.running


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    async with asyncio.timeout(5):
        yield bench
    if bench.running is not None:
        bench.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await bench.running


async def test_the_request_of_an_upgrade(bench: Bench) -> None:
    await bench.open((b"X-A", b"\xe4"), (b"Sec-WebSocket-Protocol", b"a, b"), path=b"/t/a%2Fb", query=b"x=%20&")
    request = await bench.request()
    assert (request.kind, request.method, request.target) == ("websocket", "GET", "/a%2Fb?x=%20&")
    assert ("X-A", "\xe4") in request.headers
    assert ("Sec-WebSocket-Protocol", "a, b") in request.headers
    assert request.visitor.url == "http://relay.test/t/a%2Fb?x=%20&"


async def test_accept_passes_subprotocol_and_headers_but_not_the_handshake(bench: Bench) -> None:
    await bench.open()
    request = await bench.request()
    headers = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "x"),
        ("Sec-WebSocket-Protocol", "b"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("X-Mine", "1"),
        ("Set-Cookie", "a=1; Path=/"),
    ]
    bench.reply(Response(request.id, 101, headers, end=False))
    accept = await bench.told.get()
    assert (accept["type"], accept["subprotocol"]) == ("websocket.accept", "b")
    assert accept["headers"] == [(b"X-Mine", b"1"), (b"Set-Cookie", b"a=1; Path=/t")]


async def test_messages_both_ways(bench: Bench) -> None:
    request_id = await bench.opened()
    bench.tell("websocket.receive", text="ü", bytes=None)
    bench.tell("websocket.receive", bytes=b"")
    assert await bench.pushed.get() == Data(request_id, 0, "ü".encode(), text=True)
    assert await bench.pushed.get() == Data(request_id, 1, b"")
    bench.reply(Data(request_id, 0, b"ab", text=True, more=True))
    bench.reply(Data(request_id, 1, b"c", text=True))
    bench.reply(Data(request_id, 2, b"\xff"))
    assert await bench.told.get() == {"type": "websocket.send", "text": "abc"}
    assert await bench.told.get() == {"type": "websocket.send", "bytes": b"\xff"}


@pytest.mark.parametrize(("code", "reason"), [(1000, "bye"), (None, ""), (4000, "x")])
async def test_the_service_closes(bench: Bench, code: int | None, reason: str) -> None:
    request_id = await bench.opened()
    bench.reply(End(request_id, 0, code, reason))
    assert await bench.told.get() == {"type": "websocket.close", "code": code, "reason": reason}
    await bench.over()
    assert bench.pushed.empty(), "nothing is left to cancel"


@pytest.mark.parametrize(("sent", "passed_on"), [(1000, 1000), (1001, 1001), (4999, 4999), (1005, None)])
async def test_the_visitor_closes(bench: Bench, sent: int, passed_on: int | None) -> None:
    request_id = await bench.opened()
    bench.tell("websocket.disconnect", code=sent, reason="")
    assert await bench.pushed.get() == End(request_id, 0, passed_on, "")
    await bench.over()


async def test_a_visitor_who_vanishes_is_a_cancel_not_a_close(bench: Bench) -> None:
    request_id = await bench.opened()
    bench.tell("websocket.disconnect", code=1005)
    cancel = await bench.pushed.get()
    assert isinstance(cancel, Cancel)
    assert cancel.id == request_id
    await bench.over()


async def test_a_visitor_who_vanishes_before_the_answer_cancels(bench: Bench) -> None:
    await bench.open()
    request = await bench.request()
    bench.tell("websocket.disconnect", code=1006)
    await bench.over()
    cancel = await bench.pushed.get()
    assert isinstance(cancel, Cancel)
    assert cancel.id == request.id
    assert bench.told.empty()


async def test_a_visitor_who_vanishes_in_the_moment_of_the_answer(bench: Bench) -> None:
    await bench.open()
    request = await bench.request()
    bench.disconnected = True
    bench.reply(Response(request.id, 101, [], end=False))
    await bench.over()
    assert isinstance(await bench.pushed.get(), Cancel)


@pytest.mark.parametrize("how", ["gone", "error"])
async def test_agent_or_service_vanishes(bench: Bench, how: str) -> None:
    request_id = await bench.opened()
    if how == "gone":
        bench.replies.connection_gone("c1")
    else:
        bench.reply(Error(request_id, "upstream_cut"))
    close = await bench.told.get()
    assert (close["type"], close["code"]) == ("websocket.close", 1014)
    await bench.over()


async def test_a_refusal_is_an_ordinary_answer(bench: Bench) -> None:
    await bench.open()
    request = await bench.request()
    headers = [("Content-Length", "2"), ("Transfer-Encoding", "chunked"), ("X-A", "1")]
    bench.reply(Response(request.id, 403, headers, b"no"))
    start, body = await bench.told.get(), await bench.told.get()
    assert (start["status"], start["headers"], body["body"]) == (403, [(b"X-A", b"1")], b"no")
    await bench.over()


@pytest.mark.parametrize(
    ("path", "status"), [(b"/unknown/", 404), (b"/t", 308), (b"/", 404)], ids=["unknown", "no slash", "root"]
)
async def test_what_leads_nowhere(bench: Bench, path: bytes, status: int) -> None:
    await bench.open(path=path)
    assert (await bench.told.get())["status"] == status
    await bench.over()


@pytest.mark.parametrize(
    ("hosts", "authority", "status"),
    [
        ((), None, 400),
        ((b"relay.test", b"relay.test"), None, 400),
        ((b'a b"<x>',), None, 400),
        ((b"a b",), "relay.test", 400),
        ((b"relay.test",), "x@relay.test", 400),
        ((b"evil.test",), None, 421),
        ((b"relay.test",), "evil.test:80", 421),
    ],
)
async def test_the_host_is_checked_as_for_any_request(
    bench: Bench, hosts: tuple[bytes, ...], authority: str | None, status: int
) -> None:
    await bench.open(hosts=hosts, authority=authority)
    assert (await bench.told.get())["status"] == status
    await bench.over()
    assert bench.pushed.empty()


async def test_an_absolute_target_names_the_host(bench: Bench) -> None:
    await bench.open(hosts=(b"relay.test",), authority="t.localhost:81", path=b"/ws")
    request = await bench.request()
    assert (request.target, request.visitor.url) == ("/ws", "http://t.localhost:81/ws")
