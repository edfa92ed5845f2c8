"""One visitor's WebSocket: open the upstream's, carry messages both ways until either side closes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import cast

from websockets.exceptions import ConnectionClosed

from app.agent.body import IncomingBody
from app.agent.connection import AgentConnection
from app.agent.context import TunnelContext
from app.agent.exchange_run import ExchangeRun
from app.domain.exchange import ExchangeState
from app.upstream.api import UpstreamError
from app.upstream.websocket import SocketRefused, UpstreamSocket, open_socket
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.limits import MAX_SOCKET_MESSAGE, SOCKET_LEAST, SOCKET_WINDOW
from backend_lambda.protocol.messages import Data, End, Request, Response

_LEAVE_SECONDS = 0.3  # for a closing handshake that nobody asked for


class SocketExchange(ExchangeRun):
    """See the module."""

    def __init__(self, context: TunnelContext, connection: AgentConnection, request: Request) -> None:
        super().__init__(context, connection, request)
        self._visitor_closed = False
        self._slots = connection.limits.slots
        window = SOCKET_WINDOW if self._slots else connection.limits.window
        self.body = self._incoming = IncomingBody(window, self._grant, self._weigh)

    def _visitor_left(self) -> None:
        # A page that closes takes its WebSockets along without a word: the usual end, not a failure.
        self.record.state = ExchangeState.CANCELLED if self.record.status is None else ExchangeState.DONE

    async def _carry(self) -> None:
        request, record = self._request, self.record
        record.sent_ns = time.time_ns()
        try:
            socket = await open_socket(self._context.options, request.target, request.headers)
        except SocketRefused as refused:
            self._responded(refused.status, "", refused.headers)
            record.response_body.append(refused.body)
            await self._refused(refused)
            return
        try:
            self._responded(101, "", socket.response_headers)
            if self._slots:
                self.credit = Credit(SOCKET_WINDOW)
            await self._send(Response(request.id, 101, socket.response_headers, end=False))
            async with asyncio.TaskGroup() as directions:
                inbound = directions.create_task(self._to_upstream(socket))
                directions.create_task(self._to_visitor(socket, inbound))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            await _leave(socket)

    async def _refused(self, refused: SocketRefused) -> None:
        request_id, body, limits = self._request.id, refused.body, self._connection.limits
        whole = len(body) <= limits.inline
        await self._send(Response(request_id, refused.status, refused.headers, body if whole else b"", end=whole))
        if not whole:
            seq = 0
            for start in range(0, len(body), limits.chunk):
                part = body[start : start + limits.chunk]
                await self.credit.take(len(part))
                await self._send(Data(request_id, seq, part))
                seq += 1
            await self._send(End(request_id, seq))

    def _weigh(self, part: bytes) -> int:
        """What a message takes of the credit. Where messages overtake each other, their number counts as well."""
        return max(len(part), SOCKET_LEAST) if self._slots else len(part)

    async def _to_upstream(self, socket: UpstreamSocket) -> None:
        parts: list[bytes] = []
        size = 0
        while True:
            frame = await self._incoming.next()
            if isinstance(frame, End):
                self._visitor_closed = True
                self._frame("visitor", "close", frame.reason.encode("utf-8", "replace"), code=frame.code)
                # The close may have to wait for the service's own; the other direction sees it end.
                # No code is a close frame without one; the library does it, but types it as int only.
                await socket.close(cast(int, frame.code), frame.reason if frame.code is not None else "")
                return
            parts.append(frame.body)
            size += len(frame.body)
            if size > MAX_SOCKET_MESSAGE:
                raise ProtocolError("oversize", "a WebSocket message without end")
            if frame.more:
                continue
            size = 0
            message, parts = b"".join(parts), []
            self.record.request_body.size += len(message)
            self._frame("visitor", "text" if frame.text else "binary", message)
            try:
                # Text arrives as UTF-8 bytes; `text` says which frame it becomes, without decoding it here.
                await socket.send(message, text=frame.text)
            except ConnectionClosed:
                return  # the other direction reports why

    async def _to_visitor(self, socket: UpstreamSocket, inbound: asyncio.Task[None]) -> None:
        seq, chunk, send = 0, self._connection.limits.chunk, self._send
        with contextlib.suppress(ConnectionClosed):
            while True:
                message = await socket.recv()
                text = isinstance(message, str)
                body = message.encode("utf-8") if isinstance(message, str) else message
                self.record.response_body.size += len(body)
                self._frame("upstream", "text" if text else "binary", body)
                for start in range(0, max(len(body), 1), chunk):
                    part = body[start : start + chunk]
                    await self.credit.take(self._weigh(part))
                    await send(Data(self._request.id, seq, part, text, start + chunk < len(body)))
                    seq += 1
        code = socket.close_code
        if code == 1006 and not self._visitor_closed:
            raise UpstreamError("upstream_cut", "the WebSocket ended without a close", self._context.options.upstream)
        code = None if code in (None, 1005, 1006) else code
        if not self._visitor_closed:
            self._frame("upstream", "close", (socket.close_reason or "").encode("utf-8", "replace"), code=code)
        await send(End(self._request.id, seq, code, socket.close_reason or "" if code else ""))
        inbound.cancel()


async def _leave(socket: UpstreamSocket) -> None:
    """Say goodbye, but do not wait long for an answer."""
    try:
        async with asyncio.timeout(_LEAVE_SECONDS):
            await socket.close(1001)
    except (TimeoutError, asyncio.CancelledError):
        socket.transport.abort()
