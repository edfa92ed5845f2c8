"""The harness of the relay's adapters: no network, but every message passes the codec."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import TracebackType
from typing import Self

from app.relay.blobs import FileBlobStore
from app.relay.push import SocketPush
from app.relay.replies import QueueReplyBox
from app.relay.store import MemoryTunnelStore
from backend_lambda.core.ports import ConnectionGone
from backend_lambda.protocol.codec import decode, encode
from backend_lambda.protocol.limits import RELAY_LIMITS
from backend_lambda.protocol.messages import AgentMessage, Message


class InProcessHarness:
    """Adapters of app/relay."""

    tells_readers = True

    def __init__(self) -> None:
        self.limits = replace(RELAY_LIMITS, window=1000, chunk=100)
        self.tunnels = MemoryTunnelStore()
        self.push = SocketPush()
        self.replies = QueueReplyBox(self.limits)
        self.blobs = FileBlobStore()
        self._connections = 0

    async def connect(self) -> _Connection:
        self._connections += 1
        return _Connection(self, f"c{self._connections}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.blobs.close()


class _Connection:
    """Both ends of one agent's WebSocket."""

    binary = True

    def __init__(self, harness: InProcessHarness, connection_id: str) -> None:
        self.id = connection_id
        self._harness = harness
        self._wire: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        harness.push.sockets[connection_id] = self._End(self)

    async def receive(self) -> Message:
        wire = await self._wire.get()
        if wire is None:
            raise EOFError
        return self._read(wire)

    async def send(self, message: AgentMessage) -> None:
        # The endpoint keeps hello, ping and goodbye for the session; the rest is for the reply box.
        self._harness.replies.deliver(self.id, self._read(encode(message, binary=True)))  # type: ignore[arg-type]

    async def drop(self) -> None:
        self._harness.push.sockets.pop(self.id, None)
        self._harness.replies.connection_gone(self.id)
        self._wire.put_nowait(None)

    def _read(self, wire: str | bytes) -> Message:
        message = decode(wire, max_message=self._harness.limits.message, max_body=self._harness.limits.message)
        assert message is not None
        return message

    class _End:
        """The backend's end, as `SocketPush` knows it."""

        binary = True

        def __init__(self, connection: _Connection) -> None:
            self._connection = connection

        async def send(self, wire: str | bytes) -> None:
            if self._connection.id not in self._connection._harness.push.sockets:
                raise ConnectionGone(self._connection.id)
            self._connection._wire.put_nowait(wire)

        async def close(self) -> None:
            await self._connection.drop()
