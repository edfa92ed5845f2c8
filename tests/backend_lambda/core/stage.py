"""A stage for conversations: visitors, agents that follow a script, and the core between them.

`stage.visitor("GET", "/shop/")` starts a request, `await agent.hears(Request)` and `agent.says(Response(…))` play the
agent, `await visit.answer()` is what the visitor gets.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any, TypeVar

from app.relay.replies import QueueReplyBox
from app.relay.store import MemoryTunnelStore
from backend_lambda.core.bridge import Bridge, open_bridge
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import PublicRequest, PublicResponse
from backend_lambda.core.ports import ConnectionGone, Ports
from backend_lambda.core.sessions import AgentSession, Reach
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.limits import RELAY_LIMITS
from backend_lambda.protocol.messages import (
    AgentMessage,
    Data,
    End,
    Error,
    Headers,
    Hello,
    Message,
    Response,
    TunnelOptions,
    Window,
)  # fmt: skip

M = TypeVar("M")

LIMITS = replace(RELAY_LIMITS, inline=100, chunk=10, window=40, deadline=5_000)
OPTIONS = TunnelOptions("http://localhost:3000")
REACH = Reach(lambda name: (f"http://127.0.0.1:4780/{name}/", f"http://{name}.localhost:4780/"), "computer")
PATIENCE = 2.0  # seconds until a test gives up on an answer


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Body:
    """A visitor's body; pieces come when the test sends them."""

    def __init__(self, *pieces: bytes | Exception, length: int | None = None, end: bool = True) -> None:
        self.length = length
        self._pieces: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.send(*pieces, *([b""] if end else []))

    def send(self, *pieces: bytes | Exception) -> None:
        for piece in pieces:
            self._pieces.put_nowait(piece)

    async def read(self) -> bytes:
        piece = await self._pieces.get()
        if isinstance(piece, Exception):
            raise piece
        return piece


class Visit:
    """One request of a visitor, under way."""

    def __init__(self, task: asyncio.Task[PublicResponse]) -> None:
        self._task = task

    async def answer(self) -> PublicResponse:
        return await asyncio.wait_for(self._task, PATIENCE)

    async def streams(self) -> tuple[PublicResponse, AsyncGenerator[bytes, None]]:
        """The answer whose body is a stream."""
        answer = await self.answer()
        assert not isinstance(answer.body, bytes)
        return answer, answer.body

    async def leaves(self) -> None:
        self._task.cancel()
        await asyncio.wait((self._task,))
        assert self._task.cancelled()

    @property
    def waits(self) -> bool:
        return not self._task.done()


class Agent:
    """An agent that does what the test says. `session` is the backend's end of its connection."""

    def __init__(self, stage: Stage, connection_id: str, principal: str = "") -> None:
        self._stage = stage
        self.connection_id = connection_id
        self.session = AgentSession(stage.ports, LIMITS, REACH, connection_id, principal)
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        stage.push.agents[connection_id] = self

    async def greets(self, name: str | None = "shop", owner: str = "me", **changes: Any) -> None:
        await self.tells(replace(Hello(name, owner, OPTIONS), **changes))

    async def tells(self, message: AgentMessage) -> bool:
        """Send through the backend's session."""
        return await self.session.receive(message)

    def says(self, *messages: Response | Data | End | Error | Window) -> None:
        """Send messages of exchanges straight to those who wait."""
        for message in messages:
            self._stage.replies.deliver(self.connection_id, message)

    async def hears(self, kind: type[M]) -> M:
        """The next message, which must be of that kind."""
        message = await asyncio.wait_for(self._heard.get(), PATIENCE)
        assert isinstance(message, kind), message
        return message

    async def hears_nothing(self) -> None:
        await settle()
        assert self._heard.empty(), self._heard.get_nowait()

    def vanishes(self) -> None:
        """The connection breaks; the backend has not noticed in its store yet."""
        self._stage.push.agents.pop(self.connection_id, None)
        self._stage.replies.connection_gone(self.connection_id)

    def receive(self, message: Message) -> None:
        # What a real agent could not decode would close its connection, so nothing may pass here that cannot.
        wire = encode(message, binary=True)
        assert decode(wire, max_message=LIMITS.message, max_body=LIMITS.message) == message
        self._heard.put_nowait(message)


class ScriptedPush:
    """Hands messages to the agents of the test. `full`: the next sends wait, as with a slow network."""

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, connection_id: str, message: Any) -> None:
        agent = self.agents.get(connection_id)
        if agent is None:
            raise ConnectionGone(connection_id)
        agent.receive(message)
        await self.open.wait()

    async def close(self, connection_id: str) -> None:
        self.agents.pop(connection_id, None)


class CountingStore(MemoryTunnelStore):
    """Counts look-ups, and can answer from a cache like the adapter for DynamoDB does."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh = 0
        self.stale: dict[str, Any] = {}

    async def look_up(self, name: str, *, fresh: bool = False) -> Any:
        self.fresh += fresh
        if not fresh and name in self.stale:
            return self.stale[name]
        return await super().look_up(name)


class Stage:
    """Everything of one test."""

    def __init__(self, **changes: Any) -> None:
        self.limits = replace(LIMITS, **{key: value for key, value in changes.items() if hasattr(LIMITS, key)})
        self.tunnels = CountingStore()
        self.push = ScriptedPush()
        self.replies = QueueReplyBox(self.limits)
        self.ports = Ports(self.tunnels, self.push, self.replies)
        door = FrontDoor(
            self.limits, ("localhost", "tunnel.example"), changes.get("max_body"), changes.get("max_uploads", 100),
            changes.get("host_url", lambda name: None), changes.get("socket_url", ""),
            store_origin=changes.get("store_origin", ""),
        )  # fmt: skip
        self.forwarder = Forwarder(self.ports, door)
        self._connections = 0

    def connection(self, principal: str = "") -> Agent:
        """A connection whose agent has not said hello."""
        self._connections += 1
        return Agent(self, f"c{self._connections}", principal)

    async def agent(self, name: str = "shop", *, owner: str = "me", **changes: Any) -> Agent:
        """An agent whose tunnel is live. changes: of its options."""
        agent = self.connection()
        await self.tunnels.claim(name, owner, agent.connection_id, replace(OPTIONS, **changes))
        return agent

    def request(
        self, method: str, target: str, headers: Headers | None = None, body: Body | None = None,
        host: str = "127.0.0.1:4780",
    ) -> PublicRequest:  # fmt: skip
        """A visitor's request as a front door makes it."""
        pairs = [("Host", host), *(headers or [])]
        return PublicRequest(method, target, pairs, "http", host, "203.0.113.7", body)

    def visitor(self, method: str, target: str, *args: Any, **kwargs: Any) -> Visit:
        """A request under way; arguments like `request`."""
        request = self.request(method, target, *args, **kwargs)
        return Visit(asyncio.get_running_loop().create_task(self.forwarder.handle(request)))

    async def open(self, target: str = "/shop/ws", headers: Headers | None = None) -> Bridge:
        """A visitor's WebSocket. Raises Refused."""
        upgrade = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", "AAAA")]
        request = self.request("GET", target, [*upgrade, *(headers or [])])
        destination = await self.forwarder.find(request)
        return await asyncio.wait_for(open_bridge(self.ports, self.limits, request, destination), PATIENCE)

    @property
    def waiting(self) -> int:
        """Replies that somebody still waits for; 0 after every complete conversation."""
        return len(self.replies._open)
