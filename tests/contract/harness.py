"""What a set of adapters must offer to run the contract suites; README.md says how to add one."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from backend_lambda.core.ports import BlobStore, Push, ReplyBox, TunnelStore
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import AgentMessage, Message


class Connection(Protocol):
    """An agent's connection, seen from the agent: the network between it and the adapters is the harness's."""

    @property
    def id(self) -> str:
        """The connection id that the ports use."""
        ...

    async def receive(self) -> Message:
        """The next message, decoded as an agent does. Raises EOFError when the backend closed the connection."""
        ...

    async def send(self, message: AgentMessage) -> None:
        """Send to the backend; returns when it has got there, though perhaps not yet to who waits for it."""
        ...

    async def drop(self) -> None:
        """Break the connection from the agent's side; returns when the backend can know."""
        ...


class Harness(Protocol):
    """One set of adapters, fresh for each test; everything is torn down at the end of the `async with`.

    limits: what `welcome` would announce; window None if the adapters cannot stream
    tells_readers: whether `Reply.next` fails with ConnectionGone when the connection breaks (an adapter that polls
        may not learn of it; its readers run into their deadline instead)
    """

    limits: Limits
    tells_readers: bool
    tunnels: TunnelStore
    push: Push
    replies: ReplyBox
    blobs: BlobStore

    async def connect(self) -> Connection:
        """Open an agent's connection."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
