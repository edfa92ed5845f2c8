"""The four seams of the core. Each has an in-process adapter (app/relay) and an AWS adapter, and all of them
pass the same contract tests (tests/contract).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.messages import BackendMessage, Data, End, Error, Headers, Response, TunnelOptions


class ConnectionGone(Exception):
    """The agent's connection is closed (API Gateway: 410)."""


class Throttled(Exception):
    """More than may be at once: exchanges of a connection, or calls of a service that the adapter needs."""


class NameTaken(Exception):
    """Another owner holds the tunnel name."""


@dataclass(frozen=True, slots=True)
class TunnelRecord:
    """A claimed tunnel. connection_id: where its agent is, None while offline.

    generation: rises by one with every connection that takes the tunnel over
    previous: the connection that this claim took over from, only set in the result of `claim`
    """

    name: str
    owner: str
    generation: int
    options: TunnelOptions
    connection_id: str | None
    previous: str | None = None


class TunnelStore(Protocol):
    """Who owns which tunnel, and on which connection its agent is."""

    async def claim(self, name: str, owner: str, connection_id: str, options: TunnelOptions) -> TunnelRecord:
        """Take the tunnel for this connection, atomically. Free, or of the same owner: generation + 1.
        Raises NameTaken if another owner has it."""
        ...

    async def renew(self, name: str, connection_id: str) -> bool:
        """Keep the claim alive; False if this connection does not hold the tunnel any more."""
        ...

    async def release(self, name: str, connection_id: str, *, forget: bool) -> None:
        """The connection is gone: the tunnel goes offline (its owner keeps the name), or is forgotten. Does
        nothing if a newer connection holds the tunnel, so a late disconnect cannot harm it."""
        ...

    async def look_up(self, name: str, *, fresh: bool = False) -> TunnelRecord | None:
        """The tunnel, or None. A cached answer is fine unless `fresh`. Raises Throttled."""
        ...


class Push(Protocol):
    """Messages to agents."""

    async def send(self, connection_id: str, message: BackendMessage) -> None:
        """Raises ConnectionGone. Returns when the message is on its way, which is where back-pressure acts."""
        ...

    async def close(self, connection_id: str) -> None:
        """Close the connection; fine if it is gone already."""
        ...


class Reply(Protocol):
    """The frames of one reply, in order and without duplicates."""

    @property
    def credit(self) -> Credit:
        """How many bytes of request body the agent has room for."""
        ...

    async def next(self, timeout: float | None) -> Response | Data | End | Error:
        """The next frame. timeout: seconds. Raises TimeoutError, ConnectionGone, ProtocolError (an agent that
        breaks the protocol)."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nobody waits any more; later frames are dropped."""
        ...


class ReplyBox(Protocol):
    """Where replies arrive."""

    def expect(self, connection_id: str, request_id: str) -> Reply:
        """Must be called before the request is pushed, or its answer may find nobody. Raises Throttled."""
        ...


class BlobFailed(Exception):
    """The store of blobs does not do its work; the message is a machine word."""


class BlobStore(Protocol):
    """Bodies too large for messages, for backends that cannot stream. They vanish by themselves. Raises BlobFailed."""

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> int:
        """Store, replacing what is there; returns the size in bytes. Nothing is visible before the end."""
        ...

    def get(self, key: str) -> AsyncGenerator[bytes, None]:
        """The pieces. Raises KeyError (at the first piece) if there is none, or not any more."""
        ...


class BlobLinks(Protocol):
    """URLs for those who have no right of their own at the store: good for minutes, one method and one blob."""

    def to_put(self, key: str, size: int | None = None) -> str:
        """For an agent, or a page; size: the only one that may be put there, in bytes."""
        ...

    def to_get(self, key: str, headers: Headers | None = None) -> str:
        """For an agent; with headers (those of an answer, as far as the store can say them) for a visitor."""
        ...


@dataclass(frozen=True, slots=True)
class SocketTicket:
    """What a page asked for when it opened a WebSocket, where that goes to another API (core/socket_tickets.py).

    target: of the public URL; host: as the visitor used it; client: the visitor's address; headers: those that browsers
    send with a WebSocket, cookies among them
    """

    target: str
    host: str
    client: str
    headers: Headers


class TicketStore(Protocol):
    """Where they wait for their WebSocket, for a minute."""

    def issue(self, id: str, ticket: SocketTicket) -> bool:
        """False if there is one of that id, or was."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What the core needs of the outside. tickets: None where the front door takes WebSockets itself; blobs and links
    (both or none): for bodies, None where everything streams"""

    tunnels: TunnelStore
    push: Push
    replies: ReplyBox
    tickets: TicketStore | None = None
    blobs: BlobStore | None = None
    links: BlobLinks | None = None
