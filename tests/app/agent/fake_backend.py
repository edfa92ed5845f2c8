"""A backend that does what a test says, message by message, and a recorder of what the agent publishes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from websockets.asyncio.server import Request as Upgrade
from websockets.asyncio.server import Response as Refusal
from websockets.asyncio.server import Server, ServerConnection, serve

from app.agent.connection import Endpoint
from app.domain.events import Event, ExchangeFinished, ExchangeResponded, ExchangeStarted, TunnelChanged
from app.domain.tunnel import TunnelState, TunnelStatus
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.limits import RELAY_LIMITS, Limits
from backend_lambda.protocol.messages import Goodbye, Hello, Message, Ping, Request, Response, Welcome, Window

T = TypeVar("T")


class Link:
    """The backend's end of one agent connection."""

    def __init__(self, socket: ServerConnection, backend: FakeBackend) -> None:
        self.socket = socket
        self._backend = backend

    async def receive(self) -> Message:
        """The next message of the agent, pings and flow control left out."""
        while True:
            message = await self.anything()
            if not isinstance(message, Ping | Window):
                return message

    async def anything(self) -> Message:
        async with asyncio.timeout(5):
            wire = await self.socket.recv()
        message = decode(wire, max_message=1 << 30, max_body=1 << 30)
        assert message is not None
        return message

    async def expect(self, kind: type[T]) -> T:
        message = await self.receive()
        assert isinstance(message, kind), message
        return message

    async def send(self, *messages: Message) -> None:
        for message in messages:
            await self.socket.send(encode(message, binary=True))

    async def greet(self, **changes: Any) -> Hello:
        """Take the hello, give the welcome."""
        hello = await self.expect(Hello)
        await self.send(self._backend.welcome(hello, **changes))
        return hello

    async def whole(self, request: Request) -> tuple[Response, bytes]:
        """Send a request and gather its answer, whatever way its body comes."""
        await self.send(request)
        head = await self.expect(Response)
        body = head.body
        if not head.end:
            while hasattr(frame := await self.receive(), "body"):
                body += frame.body
        return head, body

    async def ended(self) -> int | None:
        """Wait until the agent is gone; its close code."""
        async with asyncio.timeout(5):
            await self.socket.wait_closed()
        return self.socket.close_code


class FakeBackend:
    """Listens; every connection of an agent waits in line for the test to take it."""

    def __init__(self, limits: Limits = RELAY_LIMITS) -> None:
        self._limits = limits
        self._links: asyncio.Queue[Link] = asyncio.Queue()
        self._generation = 0
        self.refuse: int | None = None
        self.upgrades: list[Upgrade] = []
        self._refusals = asyncio.Semaphore(0)

    async def __aenter__(self) -> Self:
        self._server: Server = await serve(
            self._serve, "127.0.0.1", 0, process_request=self._check, compression=None, ping_interval=None,
            close_timeout=0.2, max_size=None,
        )  # fmt: skip
        port = next(iter(self._server.sockets)).getsockname()[1]
        self.endpoint = Endpoint(f"ws://127.0.0.1:{port}/__hw/agent", "secret-token")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for connection in self._server.connections:
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    async def where(self) -> Endpoint:
        """An endpoint source."""
        return self.endpoint

    async def link(self) -> Link:
        """The next connection."""
        async with asyncio.timeout(5):
            return await self._links.get()

    async def refused(self, count: int) -> None:
        """Wait until so many upgrades were refused."""
        async with asyncio.timeout(5):
            for _ in range(count):
                await self._refusals.acquire()

    @property
    def waiting(self) -> int:
        """Connections that nobody has taken yet."""
        return self._links.qsize()

    async def online(self, **changes: Any) -> Link:
        """The next connection, with its greeting done."""
        link = await self.link()
        await link.greet(**changes)
        return link

    def welcome(self, hello: Hello, **changes: Any) -> Welcome:
        self._generation += 1
        name = hello.tunnel or "anonymous"
        limits = replace(self._limits, **changes.pop("limits", {}))
        values: dict[str, Any] = {
            "tunnel": name,
            "generation": self._generation,
            "path_url": f"http://relay.example/{name}/",
            "host_url": f"http://{name}.relay.example/",
            "scope": "network",
            "limits": limits,
            "binary": hello.binary,
        }
        return Welcome(**{**values, **changes})

    def _check(self, connection: ServerConnection, upgrade: Upgrade) -> Refusal | None:
        self.upgrades.append(upgrade)
        if self.refuse is not None:
            self._refusals.release()
        return None if self.refuse is None else connection.respond(self.refuse, "no\n")  # type: ignore[arg-type]

    async def _serve(self, socket: ServerConnection) -> None:
        self._links.put_nowait(Link(socket, self))
        await socket.wait_closed()


class Recorder:
    """Keeps what was published; what an exchange looked like at that moment is kept, too."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.seen: list[tuple[str, str, str]] = []
        self._news = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, ExchangeStarted | ExchangeResponded | ExchangeFinished):
            self.seen.append((event.exchange.id, type(event).__name__, event.exchange.state.value))
        self._news.set()

    async def until(self, done: Callable[[], T]) -> T:
        """Wait until it is true."""
        async with asyncio.timeout(5):
            while not (result := done()):
                self._news.clear()
                await self._news.wait()
        return result

    @property
    def statuses(self) -> list[TunnelStatus]:
        return [event.status for event in self.events if isinstance(event, TunnelChanged)]

    @property
    def states(self) -> list[TunnelState]:
        return [status.state for status in self.statuses]

    async def state(self, state: TunnelState, count: int = 1) -> TunnelStatus:
        """Wait until that state was reached so many times; the latest such status."""
        await self.until(lambda: self.states.count(state) >= count)
        return [status for status in self.statuses if status.state is state][-1]

    async def finished(self, count: int = 1) -> list[Any]:
        """The exchanges that are over, as soon as there are so many."""
        await self.until(lambda: len(self._finished) >= count)
        return self._finished

    @property
    def _finished(self) -> list[Any]:
        return [event.exchange for event in self.events if isinstance(event, ExchangeFinished)]


def request(number: int | str = 1, target: str = "/", **changes: Any) -> Request:
    """A request as the backend sends it."""
    values: dict[str, Any] = {"method": "GET", "headers": [("Host", "localhost")]}
    return Request(f"r{number}", target=target, **{**values, **changes})


__all__ = ["FakeBackend", "Goodbye", "Link", "Recorder", "request"]
