"""A WebSocket to the upstream, opened with the visitor's target and headers byte-exact."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.http11 import Request as Handshake
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from app.upstream.api import UpstreamError, UpstreamOptions
from app.upstream.failures import translate
from backend_lambda.protocol.limits import MAX_SOCKET_MESSAGE
from backend_lambda.protocol.messages import Headers

_CLOSE_SECONDS = 1.0  # between the service's close frame and the end of its connection

# Made anew for this hop by the library (RQ16).
_OWN = frozenset(
    {
        "upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions",
        "sec-websocket-protocol", "content-length", "transfer-encoding",
    }
)  # fmt: skip


class SocketRefused(Exception):
    """The upstream answered the upgrade with an ordinary response."""

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


class _ByteExact(Handshake):
    def serialize(self) -> bytes:
        """The library insists on ASCII; visitors' bytes pass as they came."""
        lines = [f"GET {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers.raw_items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")


class UpstreamSocket(ClientConnection):
    """websockets' connection with a handshake of our own wording."""

    response_headers: Headers
    _ending = False

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_rcvd is not None and not self._ending:
            # The library's `recv` would wait for ever for a service that closes its WebSocket but not its socket.
            self._ending = True
            self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)

    async def shake_hands(self, target: str, headers: Headers) -> None:
        """Upgrade. Raises SocketRefused, or the library's InvalidHandshake."""
        made = self.protocol.connect()
        visitors = [(name, value) for name, value in headers if name.lower() not in _OWN]
        # `connect` put a Host of its own first; the backend decided on ours (RQ3).
        del made.headers["Host"]
        own = list(made.headers.raw_items())
        made.headers.clear()
        for name, value in (*visitors, *own):
            made.headers[name] = value
        self.request = _ByteExact(target, made.headers)
        self.protocol.send_request(self.request)
        self.transport.writelines(self.protocol.data_to_send())
        await asyncio.wait(
            (self.response_rcvd, self.connection_lost_waiter), return_when=asyncio.FIRST_COMPLETED
        )  # fmt: skip
        error = self.protocol.handshake_exc
        if isinstance(error, InvalidStatus):
            answer = error.response
            raise SocketRefused(answer.status_code, list(answer.headers.raw_items()), bytes(answer.body or b""))
        if error is not None:
            raise error
        if self.response is None:
            raise ConnectionResetError("connection lost")
        self.response_headers = list(self.response.headers.raw_items())


async def open_socket(options: UpstreamOptions, target: str, headers: Headers) -> UpstreamSocket:
    """Connect and upgrade. Raises SocketRefused, or UpstreamError."""
    upstream = options.upstream
    secure = upstream.scheme == "https"
    offered = [value for name, value in headers if name.lower() == "sec-websocket-protocol"]
    names = [Subprotocol(name.strip()) for line in offered for name in line.split(",") if name.strip()]

    def connection() -> UpstreamSocket:
        address = WebSocketURI(secure, upstream.host, upstream.port, "/", "")
        protocol = ClientProtocol(address, subprotocols=names or None, max_size=MAX_SOCKET_MESSAGE)
        # Keep-alive is between visitor and service, not ours to invent.
        return UpstreamSocket(protocol, ping_interval=None, close_timeout=_CLOSE_SECONDS)

    arguments: dict[str, Any] = {}
    if secure:
        context = ssl.create_default_context()
        if not options.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        arguments = {"ssl": context, "server_hostname": upstream.host}
    socket: UpstreamSocket | None = None
    try:
        async with asyncio.timeout(options.connect_timeout):
            _, socket = await asyncio.get_running_loop().create_connection(
                connection, upstream.host, upstream.port, **arguments
            )
    except (OSError, UnicodeError) as error:
        raise translate(error, upstream) from error
    try:
        async with asyncio.timeout(options.response_timeout):
            await socket.shake_hands(target, headers)
    except TimeoutError:
        socket.transport.abort()
        raise UpstreamError("upstream_timeout", "no answer to the upgrade", upstream) from None
    except (SocketRefused, asyncio.CancelledError):
        socket.transport.abort()
        raise
    except OSError as error:
        raise translate(error, upstream) from error
    except InvalidHandshake as error:
        socket.transport.abort()
        cut = isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError)
        code, detail = ("upstream_cut", "connection closed") if cut else ("upstream_invalid", str(error))
        raise UpstreamError(code, detail, upstream) from error
    return socket
