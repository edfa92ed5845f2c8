"""In-process adapter of `Push`: the agents' WebSockets by connection id."""

from __future__ import annotations

from typing import Protocol

from backend_lambda.core.ports import ConnectionGone
from backend_lambda.protocol.codec import encode
from backend_lambda.protocol.messages import BackendMessage


class AgentSocket(Protocol):
    """One agent's WebSocket as its endpoint registers it."""

    @property
    def binary(self) -> bool: ...

    async def send(self, wire: str | bytes) -> None:
        """Raises ConnectionGone."""
        ...

    async def close(self) -> None: ...


class SocketPush:
    """Sends to the sockets registered in `sockets`."""

    def __init__(self) -> None:
        self.sockets: dict[str, AgentSocket] = {}

    async def send(self, connection_id: str, message: BackendMessage) -> None:
        socket = self.sockets.get(connection_id)
        if socket is None:
            raise ConnectionGone(connection_id)
        await socket.send(encode(message, binary=socket.binary))

    async def close(self, connection_id: str) -> None:
        socket = self.sockets.get(connection_id)
        if socket is not None:
            await socket.close()
