"""One HTTP request: call the upstream, record every step, answer on the connection the request came on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from app.agent.body import IncomingBody
from app.agent.collected import Collected, check_size
from app.agent.connection import AgentConnection
from app.agent.context import TunnelContext
from app.agent.exchange_run import ExchangeRun
from app.agent.parts import PartSender, gathered
from app.content.event_stream import EventSplitter
from app.domain.exchange import Exchange
from app.upstream.api import UpstreamRequest, UpstreamResponse
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import Blob, Data, End, Request, Response, Window

# A short answer whose body comes in a second packet is still sent as one message if it comes this soon.
_LINGER_SECONDS = 0.005
# Bytes of an answer that wait for their end, though the backend would pass on what is there: one call of the store.
_WHOLE = 4 * 1024 * 1024


class HttpExchange(ExchangeRun):
    """See the module."""

    def __init__(self, context: TunnelContext, connection: AgentConnection, request: Request) -> None:
        super().__init__(context, connection, request)
        limits = connection.limits
        self.credit = Credit(limits.window or limits.stream)
        self._events: EventSplitter | None = None
        self._parts: PartSender | None = None
        if not request.end:
            self.body = IncomingBody(limits.window, self._grant)

    async def _carry(self) -> None:
        request, record = self._request, self.record
        body = request.body if self.body is None else self._pieces(self.body)
        if request.blob is not None:
            body = await self._connection.blobs.get(request.blob)
            record.request_body.append(body)
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
        inline, announced = _room(limits, response), _announced(response)
        body = response.complete()
        # Where each message costs, it is worth a moment to know the length.
        if body is None and (0 <= announced <= inline or (announced < 0 and limits.blob is not None)):
            body = await response.complete_within(_LINGER_SECONDS)
        streams = limits.stream is not None and body is None and not 0 <= announced <= _WHOLE
        if limits.blob is not None and request.reply_url and not streams:
            await self._answer_whole(response, body, limits.blob)
            return
        if body is not None and len(body) <= inline:
            record.response_body.append(body)
            if self._events is not None:
                self._seen(self._events.feed(body))
            await self._send(Response(request.id, response.status, response.headers, body))
            return
        await self._send(Response(request.id, response.status, response.headers, end=False))
        if streams and limits.blob is not None and request.reply_url:
            await self._answer_in_parts(response)
            return
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

    async def _answer_in_parts(self, response: UpstreamResponse) -> None:
        """As it comes, where messages are dear."""

        async def read() -> bytes:
            piece = await response.read()
            self.record.response_body.append(piece)
            if self._events is not None:
                self._seen(self._events.feed(piece))
            return piece

        request = self._request
        self._parts = parts = PartSender(self._connection, request.id, self.credit, request.reply_url)
        async with aclosing(gathered(read)) as pieces:
            async for piece in pieces:
                await parts.send(piece)
        await parts.end()

    def granted(self, window: Window) -> None:
        """The backend takes more of the answer."""
        super().granted(window)
        if window.reply_url and self._parts is not None:
            self._parts.offer(window.reply_url)

    async def _answer_whole(self, response: UpstreamResponse, body: bytes | None, most: int) -> None:
        """When all of it is there: in the message up to `most` stored bytes, by the store above."""
        request, record = self._request, self.record
        if body is None:  # an answer to HEAD announces a body that does not come
            check_size(_announced(response))
        async with Collected() as collected:
            piece = body if body is not None else await response.read()
            while piece:
                record.response_body.append(piece)
                if self._events is not None:
                    self._seen(self._events.feed(piece))
                await collected.add(piece)
                piece = b"" if body is not None else await response.read()
            answer = Response(request.id, response.status, response.headers)
            if collected.size <= most:
                await self._send(replace(answer, body=collected.body or b""))
                return
            stored, size, is_deflated = await collected.stored()
            if size <= most and collected.size <= self._connection.limits.message:
                await self._send(replace(answer, body=collected.body or b""))
                return
            await self._connection.blobs.put(request.reply_url, stored, size)
            await self._send(replace(answer, blob=Blob(collected.size, is_deflated)))

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
