"""A visitor's WebSocket, bridged to the upstream's as messages of the same protocol.

The upgrade is a `request` of kind websocket; `response` 101 accepts it, any other status is an ordinary answer.
Then `data` (text or binary, in parts where `more`) and `end` (close code and reason) flow both ways.
"""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from backend_lambda.protocol.flow import Credit, Refund
from backend_lambda.core.forward import Destination, Refused
from backend_lambda.core.model import PublicRequest, PublicResponse, header
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import ConnectionGone, Ports, Reply
from backend_lambda.protocol.errors import EXCHANGE_CODES, ProtocolError
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Headers, Request, Response, Visitor, Window
from backend_lambda.rewrite.policy import plan_response
from backend_lambda.rewrite.request_headers import map_request_headers


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
                await self._push.send(self._connection_id, End(self._id, self._seq, code, reason))

    async def receive(self) -> Message | Closed:
        """The next message of the upstream, or how it ended: an agent or upstream that vanished is 1014
        (RFC 6455 registry: bad gateway), a broken protocol 1011."""
        parts: list[bytes] = []
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
                    if due := self._refund.consumed(len(frame.body)):
                        with contextlib.suppress(ConnectionGone):
                            await self._push.send(self._connection_id, Window(self._id, due))
                    if not frame.more:
                        return Message(b"".join(parts), frame.text)
                case End():
                    self._over = True
                    return Closed(frame.code, frame.reason)
                case Error():
                    self._over = True
                    return Closed(1014, "the service behind the tunnel went away")

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


async def open_bridge(ports: Ports, limits: Limits, request: PublicRequest, to: Destination) -> Bridge:
    """Ask the agent to open the upstream's WebSocket. Raises Refused with the answer if there is none."""
    request_id = secrets.token_hex(8)
    reply = ports.replies.expect(to.connection_id, request_id)
    bridge = Bridge(ports, limits, to.connection_id, request_id, reply)
    async with contextlib.AsyncExitStack() as cleanup:
        await cleanup.enter_async_context(bridge)
        message = Request(
            request_id, request.method, to.route.target,
            map_request_headers(request.headers, to.context, websocket=True), b"", False, "websocket",
            Visitor(request.client, f"{request.scheme}://{request.host}{request.target}"), limits.deadline,
        )  # fmt: skip
        try:
            await ports.push.send(to.connection_id, message)
            frame = await reply.next(limits.deadline / 1000)
        except ConnectionGone:
            raise Refused(failure_response("agent_gone", request.headers)) from None
        except TimeoutError:
            raise Refused(failure_response("deadline", request.headers)) from None
        except ProtocolError:
            raise Refused(failure_response("agent_protocol", request.headers)) from None
        if isinstance(frame, Error):
            code = frame.code if frame.code in EXCHANGE_CODES else "agent_protocol"
            raise Refused(failure_response(code, request.headers))
        if not isinstance(frame, Response):
            raise Refused(failure_response("agent_protocol", request.headers))
        plan = plan_response(frame.status, frame.headers, to.context, method=request.method)
        if frame.status != 101:
            bridge._over = frame.end
            raise Refused(PublicResponse(frame.status, plan.headers, await _rest(reply, frame)))
        bridge.headers = plan.headers
        bridge.subprotocol = header(frame.headers, "sec-websocket-protocol")
        cleanup.pop_all()
    return bridge


async def _rest(reply: Reply, head: Response) -> bytes:
    """The body of a refused upgrade; front doors want it whole. The agent sends such answers inline."""
    pieces = [head.body]
    if not head.end:
        with contextlib.suppress(TimeoutError, ConnectionGone, ProtocolError):
            while isinstance(frame := await reply.next(10), Data):
                pieces.append(frame.body)
    return b"".join(pieces)
