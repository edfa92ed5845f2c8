"""uvicorn's WebSocket protocol, firm with visitors who do not wait for its answer to their handshake."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketProtocol(WebSocketsSansIOProtocol):
    """See the module."""

    def data_received(self, data: bytes) -> None:
        if self.handshake_initiated and not self.handshake_complete:
            # RFC 6455 section 4.1 forbids frames before the answer, and uvicorn is not prepared for any.
            self.transport.abort()
            return
        super().data_received(data)

    async def run_asgi(self) -> None:
        # For connections whose other end has died: closing would wait for it to take what is still to be sent.
        self.scope["hatchway.abort"] = self.transport.abort  # type: ignore[typeddict-unknown-key]
        await super().run_asgi()
