"""A visitor's WebSocket, bridged to the upstream's as messages of the same protocol.

The upgrade is a `request` of kind websocket; `response` 101 accepts it, any other status is an ordinary answer.
Then `data` (text or binary, in parts where `more`) and `end` (close code and reason) flow both ways.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from backend_lambda.core.answer import exchange_code
from backend_lambda.core.destination import Destination, Refused
from backend_lambda.core.model import PublicRequest, PublicResponse, header
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import ConnectionGone, Ports, Reply, Throttled
from backend_lambda.core.request_message import make_request
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Credit, Refund
from backend_lambda.protocol.heads import close_frame
from backend_lambda.protocol.limits import MAX_SOCKET_MESSAGE, Limits
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Headers, Response, Window
from backend_lambda.rewrite.response_headers import map_response_headers

_REFUSAL_SECONDS = 10.0  # for the body of an upgrade's refusal


@dataclass(frozen=True, slots=True)
class Message:
    """A whole WebSocket message."""

    body: bytes
    text: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """The other side closed; code None means that it closed without one (RFC 6455: 1005)."""

    code: int | None
    reason: str


class Bridge:
    """One bridged WebSocket, open from `open()` until the `async with` ends."""

    def __init__(self, ports: Ports, limits: Limits, connection_id: str, request_id: str, reply: Reply) -> None:
        self._push = ports.push
        self._limits = limits
        self._connection_id = connection_id
        self._id = request_id
        self._reply = reply
        self._credit: Credit = reply.credit
        self._refund = Refund(limits.window)
        self._seq = 0
        self._over = False
        self.subprotocol: str | None = None
        self.headers: Headers = []

    async def send(self, body: bytes, *, text: bool) -> None:
        """A message of the visitor. Raises ConnectionGone."""
        size = self._limits.chunk
        pieces = range(0, max(len(body), 1), size)
        for start in pieces:
            part = body[start : start + size]
            await self._credit.take(len(part))
            message = Data(self._id, self._seq, part, text, start + size < len(body))
            self._seq += 1
            await self._push.send(self._connection_id, message)

    async def close(self, code: int | None, reason: str) -> None:
        """The visitor closed."""
        if not self._over:
            self._over = True
            with contextlib.suppress(ConnectionGone):
                await self._push.send(self._connection_id, End(self._id, self._seq, *close_frame(code, reason)))

    async def receive(self) -> Message | Closed:
        """The next message of the upstream, or how it ended: an agent or upstream that vanished is 1014
        (RFC 6455 registry: bad gateway), a broken protocol 1011, a message above MAX_SOCKET_MESSAGE 1009."""
        parts: list[bytes] = []
        size = 0
        while True:
            try:
                frame = await self._reply.next(None)
            except ConnectionGone:
                self._over = True
                return Closed(1014, "the tunnel's agent went away")
            except ProtocolError:
                return Closed(1011, "the tunnel's agent broke the protocol")
            match frame:
                case Data():
                    parts.append(frame.body)
                    size += len(frame.body)
                    if size > MAX_SOCKET_MESSAGE:
                        return Closed(1009, "the message is too large for the tunnel")
                    if due := self._refund.consumed(len(frame.body)):
                        with contextlib.suppress(ConnectionGone):
                            await self._push.send(self._connection_id, Window(self._id, due))
                    if not frame.more:
                        return Message(b"".join(parts), frame.text)
                case End():
                    self._over = True
                    return Closed(*close_frame(frame.code, frame.reason))
                case Error():
                    self._over = True
                    return Closed(1014, "the service behind the tunnel went away")
                case _:
                    return Closed(1011, "the tunnel's agent broke the protocol")

    async def head(self) -> Response | Error:
        """How the upgrade was answered. Raises TimeoutError, ConnectionGone, ProtocolError."""
        frame = await self._reply.next(self._limits.deadline / 1000)
        if not isinstance(frame, Response | Error):
            raise ProtocolError("out_of_order", "data without response")
        self._over = isinstance(frame, Error) or frame.end
        return frame

    async def refusal(self, head: Response) -> bytes:
        """The body of an answer that is no 101, as far as it comes: front doors want it whole."""
        pieces = [head.body]
        with contextlib.suppress(TimeoutError, ConnectionGone, ProtocolError):
            while not self._over:
                frame = await self._reply.next(_REFUSAL_SECONDS)
                self._over = not isinstance(frame, Data)
                if isinstance(frame, Data):
                    pieces.append(frame.body)
                    if due := self._refund.consumed(len(frame.body)):
                        await self._push.send(self._connection_id, Window(self._id, due))
        return b"".join(pieces)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._over:
            self._over = True
            with contextlib.suppress(ConnectionGone):
                await self._push.send(self._connection_id, Cancel(self._id, "the visitor went away"))
        await self._reply.__aexit__(kind, error, traceback)


async def open_bridge(
    ports: Ports, limits: Limits, request: PublicRequest, to: Destination, request_id: str | None = None
) -> Bridge:
    """Ask the agent to open the upstream's WebSocket. Raises Refused with the answer if there is none.

    request_id: None for a new one
    """
    request_id = request_id or secrets.token_hex(8)
    message = make_request(request_id, request, to, limits, kind="websocket", end=False)
    try:
        reply = ports.replies.expect(to.connection_id, request_id)
    except Throttled:
        raise Refused(failure_response("throttled", request.headers)) from None
    bridge = Bridge(ports, limits, to.connection_id, request_id, reply)
    async with contextlib.AsyncExitStack() as cleanup:
        await cleanup.enter_async_context(bridge)
        try:
            async with asyncio.timeout(limits.deadline / 1000):
                await ports.push.send(to.connection_id, message)
            head = await bridge.head()
        except ConnectionGone:
            bridge._over = True
            raise Refused(failure_response("agent_gone", request.headers)) from None
        except TimeoutError:
            raise Refused(failure_response("deadline", request.headers)) from None
        except ProtocolError:
            raise Refused(failure_response("agent_protocol", request.headers)) from None
        if isinstance(head, Error):
            raise Refused(failure_response(exchange_code(head), request.headers))
        if head.status > 599:
            raise Refused(failure_response("upstream_invalid", request.headers))
        if head.status < 200 and (head.status != 101 or head.end):
            raise Refused(failure_response("agent_protocol", request.headers))
        headers = map_response_headers(
            head.status, head.headers, to.context, method="GET", body_changed=False, request_path=to.facts.path
        )
        if head.status != 101:
            raise Refused(PublicResponse(head.status, headers, await bridge.refusal(head)))
        bridge.headers = headers
        bridge.subprotocol = header(head.headers, "sec-websocket-protocol")
        cleanup.pop_all()
    return bridge
