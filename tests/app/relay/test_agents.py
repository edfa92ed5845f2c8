"""The agents' endpoint as an ASGI application: who is let in, what happens at the end of a connection."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from app.relay.agents import AgentEndpoint
from app.relay.push import SocketPush
from app.relay.replies import QueueReplyBox
from app.relay.store import MemoryTunnelStore
from app.relay.tokens import Tokens
from backend_lambda.core.ports import ConnectionGone, Ports
from backend_lambda.core.sessions import Reach
from backend_lambda.protocol.limits import RELAY_LIMITS
from backend_lambda.protocol.messages import Pong

TOKEN = "a-token-of-good-length"
HELLO = {
    "type": "hello",
    "version": 1,
    "tunnel": "shop",
    "owner": "me",
    "upstream": "http://localhost:1",
    "binary": True,
}


class Bench:
    """One endpoint; `connect` runs a whole connection from what the agent says."""

    def __init__(self, *tokens: tuple[str, str]) -> None:
        self.store, self.push, self.replies = MemoryTunnelStore(), SocketPush(), QueueReplyBox(RELAY_LIMITS)
        reach = Reach(lambda name: (f"http://relay.test/{name}/", None), "computer")
        ports = Ports(self.store, self.push, self.replies)
        self.endpoint = AgentEndpoint(ports, self.push, self.replies, RELAY_LIMITS, reach, Tokens(tokens))
        self.sent: list[dict[str, Any]] = []

    async def connect(self, *messages: Any, headers: tuple[tuple[bytes, bytes], ...] = (), gone: bool = False) -> None:
        said = [{"type": "websocket.connect"}]
        said += [{"type": "websocket.receive", "text": json.dumps(message)} for message in messages]
        said.append({"type": "websocket.disconnect"})

        async def receive() -> dict[str, Any]:
            return said.pop(0)

        async def send(event: dict[str, Any]) -> None:
            if gone and event["type"] != "websocket.accept":
                raise ClientDisconnected
            self.sent.append(event)

        await self.endpoint.serve({"headers": headers, "hatchway.abort": lambda: None}, receive, send)

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(event["text"]) for event in self.sent if event["type"] == "websocket.send"]


@pytest.mark.parametrize(
    "headers",
    [
        ((b"Authorization", b"Bearer wrong"),),
        (),
        ((b"Origin", b"http://x"), (b"Authorization", b"Bearer " + TOKEN.encode())),
        ((b"ORIGIN", b""), (b"Authorization", b"Bearer " + TOKEN.encode())),
    ],
    ids=["wrong", "missing", "browser", "empty Origin"],
)
async def test_strangers_are_refused(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    bench = Bench(("me", TOKEN))
    await bench.connect(HELLO, headers=headers)
    assert bench.sent[0]["type"] == "websocket.http.response.start"
    assert bench.sent[0]["status"] == 401
    assert TOKEN.encode() not in bench.sent[1]["body"]
    assert await bench.store.look_up("shop") is None


async def test_hello_claims_and_the_end_releases() -> None:
    bench = Bench(("me", TOKEN))
    await bench.connect(HELLO, headers=((b"authorization", f"Bearer {TOKEN}".encode()),))
    assert bench.said[0]["type"] == "welcome"
    assert bench.said[0]["urls"] == {"path": "http://relay.test/shop/", "host": None}
    record = await bench.store.look_up("shop")
    assert record is not None
    assert record.connection_id is None, "offline, but remembered"
    assert bench.push.sockets == {}


async def test_a_goodbye_that_releases_forgets_the_name() -> None:
    bench = Bench()
    await bench.connect(HELLO, {"type": "goodbye", "release": True})
    assert await bench.store.look_up("shop") is None


async def test_breaking_the_protocol_ends_with_a_reason() -> None:
    bench = Bench()
    await bench.connect(HELLO, {"type": "request"})
    assert bench.said[-1]["type"] == "error"
    assert bench.said[-1]["code"] == "malformed"
    assert {"type": "websocket.close", "code": 1008, "reason": "malformed"} in bench.sent


async def test_an_agent_that_is_gone_before_its_welcome_leaves_nothing_behind() -> None:
    bench = Bench()
    await bench.connect(HELLO, gone=True)
    record = await bench.store.look_up("shop")
    assert record is not None
    assert record.connection_id is None
    assert bench.push.sockets == {}


async def test_the_end_of_a_connection_fails_what_waits_for_it() -> None:
    bench = Bench()
    waiting: list[asyncio.Task[Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            (connection_id,) = bench.push.sockets
            reply = bench.replies.expect(connection_id, "r1")
            waiting.append(asyncio.ensure_future(reply.next(5)))
            await asyncio.sleep(0)
        return {"type": "websocket.disconnect"}

    async def first() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    calls = iter((first, receive))
    await bench.endpoint.serve({"headers": (), "hatchway.abort": lambda: None}, lambda: next(calls)(), _nothing)
    with pytest.raises(ConnectionGone):
        await waiting[0]


async def test_pushing_to_a_connection_that_is_gone() -> None:
    with pytest.raises(ConnectionGone):
        await Bench().push.send("nobody", Pong("1"))


async def _nothing(event: dict[str, Any]) -> None: ...
