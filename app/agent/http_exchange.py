"""One HTTP request: call the upstream, record every step, answer on the connection the request came on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from app.agent.body import IncomingBody
from app.agent.connection import AgentConnection
from app.agent.context import TunnelContext
from app.agent.exchange_run import ExchangeRun
from app.content.event_stream import EventSplitter
from app.domain.exchange import Exchange
from app.upstream.api import UpstreamRequest, UpstreamResponse
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import Data, End, Request, Response

# A short answer whose body comes in a second packet is still sent as one message if it comes this soon.
_LINGER_SECONDS = 0.005


class HttpExchange(ExchangeRun):
    """See the module."""

    def __init__(self, context: TunnelContext, connection: AgentConnection, request: Request) -> None:
        super().__init__(context, connection, request)
        self._events: EventSplitter | None = None
        if not request.end:
            self.body = IncomingBody(connection.limits.window, self._grant)

    async def _carry(self) -> None:
        request, record = self._request, self.record
        body = request.body if self.body is None else self._pieces(self.body)
        outgoing = UpstreamRequest(request.method, request.target, request.headers, body)
        record.sent_ns = time.time_ns()
        response = await self._context.client.send(outgoing)
        try:
            self._responded(response.status, response.reason, response.headers)
            self._events = EventSplitter() if _is_event_stream(self.record) else None
            await self._answer(response)
            if self._events is not None:
                self._seen(self._events.close())
        finally:
            await response.aclose()

    async def _answer(self, response: UpstreamResponse) -> None:
        request, record, limits = self._request, self.record, self._connection.limits
        inline = _room(limits, response)
        body = response.complete()
        if body is None and 0 <= _announced(response) <= inline:
            body = await response.complete_within(_LINGER_SECONDS)
        if body is not None and len(body) <= inline:
            record.response_body.append(body)
            if self._events is not None:
                self._seen(self._events.feed(body))
            await self._send(Response(request.id, response.status, response.headers, body))
            return
        await self._send(Response(request.id, response.status, response.headers, end=False))
        seq, chunk = 0, limits.chunk
        # What `complete` took belongs to us now and will not come again.
        piece = body if body is not None else await response.read()
        while piece:
            record.response_body.append(piece)
            if self._events is not None:
                self._seen(self._events.feed(piece))
            for start in range(0, len(piece), chunk):
                part = piece[start : start + chunk]
                await self.credit.take(len(part))
                await self._send(Data(request.id, seq, part))
                seq += 1
            piece = b"" if body is not None else await response.read()
        await self._send(End(request.id, seq))

    def _seen(self, events: list[tuple[bytes, int]]) -> None:
        for event, size in events:
            self._frame("upstream", "event", event, size=size)

    async def _pieces(self, body: IncomingBody) -> AsyncIterator[bytes]:
        async for piece in body:
            self.record.request_body.append(piece)
            yield piece


def _is_event_stream(record: Exchange) -> bool:
    """Compressed streams are left alone: nobody who streams compresses, and decoding has no place here."""
    kind = record.response_header("content-type") or ""
    return kind.lower().startswith("text/event-stream") and record.response_header("content-encoding") is None


def _room(limits: Limits, response: UpstreamResponse) -> int:
    """Bytes of body that fit beside this head into one message, as base64 where need be."""
    head = sum(len(name) + len(value) + 8 for name, value in response.headers)
    return min(limits.inline, (limits.message - 2 * head) * 3 // 4 - 1024)


def _announced(response: UpstreamResponse) -> int:
    for name, value in response.headers:
        if name.lower() == "content-length" and value.isdecimal():
            return int(value)
    return -1
