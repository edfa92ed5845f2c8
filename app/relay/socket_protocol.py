"""uvicorn's WebSocket protocol, firm with visitors who do not wait for its answer to their handshake, and quiet when a
peer breaks off while much waits to be sent to it."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketProtocol(WebSocketsSansIOProtocol):
    """See the module."""

    def data_received(self, data: bytes) -> None:
        if self.handshake_initiated and not self.handshake_complete:
            # RFC 6455 section 4.1 forbids frames before the answer, and uvicorn is not prepared for any.
            self.transport.abort()
            return
        super().data_received(data)

    async def send(self, message: Any) -> None:
        # All that wait for a stalled peer go on at once. If the first of them finds the connection broken, uvicorn does
        # not know it yet, and the others would write to it, each with a warning in the log.
        while not self.writable.is_set():
            await self.writable.wait()
        if message["type"] == "websocket.send" and self.transport.is_closing():
            raise ClientDisconnected
        await super().send(message)

    async def run_asgi(self) -> None:
        # For connections whose other end has died: closing would wait for it to take what is still to be sent.
        self.scope["hatchway.abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key]
        await super().run_asgi()
