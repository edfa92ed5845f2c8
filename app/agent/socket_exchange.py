"""One visitor's WebSocket: open the upstream's, carry messages both ways until either side closes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import cast

from websockets.exceptions import ConnectionClosed

from app.agent.body import IncomingBody
from app.agent.connection import AgentConnection
from app.agent.context import TunnelContext
from app.agent.http_exchange import OUR_FAULT, RELAY_LOST, check_head
from app.domain.events import ExchangeFinished, ExchangeResponded, ExchangeStarted
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import Problem
from app.upstream.api import UpstreamError
from app.upstream.websocket import SocketRefused, UpstreamSocket, open_socket
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.limits import MAX_SOCKET_MESSAGE
from backend_lambda.protocol.messages import Data, End, Error, Headers, Request, Response, Window

_LEAVE_SECONDS = 0.3  # for a closing handshake that nobody asked for
_log = logging.getLogger(__name__)


class SocketExchange:
    """Run it once; `body` and `credit` are fed by the connection meanwhile."""

    def __init__(self, context: TunnelContext, connection: AgentConnection, request: Request) -> None:
        self._context = context
        self._connection = connection
        self._request = request
        self.record: Exchange = context.exchange(request)
        self.credit = Credit(connection.limits.window)
        self.connection_lost = False  # set before the cancellation that it explains
        self._visitor_closed = False
        self.body = IncomingBody(connection.limits.window, self._grant)

    async def run(self) -> None:
        """Ends quietly whatever happens; what happened stands in the record and went to the relay."""
        record, publish = self.record, self._context.publish
        publish(ExchangeStarted(record))
        try:
            await self._bridge()
            record.state = ExchangeState.DONE
        except UpstreamError as error:
            record.state, record.problem = ExchangeState.FAILED, error.problem
            await self._report(error.problem.code)
        except asyncio.CancelledError:
            # A page that closes takes its WebSockets along without a word: the usual end, not a failure.
            record.state = ExchangeState.CANCELLED if record.status is None else ExchangeState.DONE
            if self.connection_lost:
                record.state, record.problem = ExchangeState.FAILED, RELAY_LOST
        except ConnectionClosed:
            record.state, record.problem = ExchangeState.FAILED, RELAY_LOST
        except ProtocolError as error:
            record.state = ExchangeState.FAILED
            record.problem = Problem("malformed", f"The relay broke the protocol ({error.detail})", "relay")
            await self._report("relay_failure")
        except Exception:
            _log.exception("exchange failed id=%s tunnel=%s", record.id, record.tunnel)
            record.state, record.problem = ExchangeState.FAILED, OUR_FAULT
            await self._report("agent_protocol")
        finally:
            record.finished_ns = time.time_ns()
            publish(ExchangeFinished(record))

    async def _bridge(self) -> None:
        request, record = self._request, self.record
        record.sent_ns = time.time_ns()
        try:
            socket = await open_socket(self._context.options, request.target, request.headers)
        except SocketRefused as refused:
            self._responded(refused.status, refused.headers)
            record.response_body.append(refused.body)
            await self._refused(refused)
            return
        try:
            self._responded(101, socket.response_headers)
            await self._connection.send(Response(request.id, 101, socket.response_headers, end=False))
            async with asyncio.TaskGroup() as directions:
                inbound = directions.create_task(self._to_upstream(socket))
                directions.create_task(self._to_visitor(socket, inbound))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            await _leave(socket)

    def _responded(self, status: int, headers: Headers) -> None:
        record = self.record
        record.first_byte_ns = time.time_ns()
        record.status, record.response_headers = status, tuple(headers)
        self._context.publish(ExchangeResponded(record))
        check_head(status, headers, self._context.options.upstream)

    async def _refused(self, refused: SocketRefused) -> None:
        request_id, body, limits = self._request.id, refused.body, self._connection.limits
        whole = len(body) <= limits.inline
        await self._connection.send(
            Response(request_id, refused.status, refused.headers, body if whole else b"", end=whole)
        )
        if not whole:
            seq = 0
            for start in range(0, len(body), limits.chunk):
                part = body[start : start + limits.chunk]
                await self.credit.take(len(part))
                await self._connection.send(Data(request_id, seq, part))
                seq += 1
            await self._connection.send(End(request_id, seq))

    async def _to_upstream(self, socket: UpstreamSocket) -> None:
        parts: list[bytes] = []
        size = 0
        while True:
            frame = await self.body.next()
            if isinstance(frame, End):
                self._visitor_closed = True
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
            try:
                # Text arrives as UTF-8 bytes; `text` says which frame it becomes, without decoding it here.
                await socket.send(message, text=frame.text)
            except ConnectionClosed:
                return  # the other direction reports why

    async def _to_visitor(self, socket: UpstreamSocket, inbound: asyncio.Task[None]) -> None:
        seq, chunk, send = 0, self._connection.limits.chunk, self._connection.send
        with contextlib.suppress(ConnectionClosed):
            while True:
                message = await socket.recv()
                text = isinstance(message, str)
                body = message.encode("utf-8") if isinstance(message, str) else message
                self.record.response_body.size += len(body)
                for start in range(0, max(len(body), 1), chunk):
                    part = body[start : start + chunk]
                    await self.credit.take(len(part))
                    await send(Data(self._request.id, seq, part, text, start + chunk < len(body)))
                    seq += 1
        code = socket.close_code
        if code == 1006 and not self._visitor_closed:
            raise UpstreamError("upstream_cut", "the WebSocket ended without a close", self._context.options.upstream)
        code = None if code in (None, 1005, 1006) else code
        await send(End(self._request.id, seq, code, socket.close_reason or "" if code else ""))
        inbound.cancel()

    async def _report(self, code: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(Error(self._request.id, code))

    async def _grant(self, size: int) -> None:
        await self._connection.send(Window(self._request.id, size))


async def _leave(socket: UpstreamSocket) -> None:
    """Say goodbye, but do not wait long for an answer."""
    try:
        async with asyncio.timeout(_LEAVE_SECONDS):
            await socket.close(1001)
    except (TimeoutError, asyncio.CancelledError):
        socket.transport.abort()
