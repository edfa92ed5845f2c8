"""One HTTP/1.1 connection to the upstream: writes requests byte-exact, parses answers with httptools (llhttp)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

import httptools

from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError
from app.upstream.request_head import request_head
from backend_lambda.protocol.messages import Headers

_PAUSE_ABOVE = 256 * 1024  # bytes of body waiting to be read
_MOST_HEAD = 256 * 1024  # bytes without a complete head among them (interim answers count, too)


class UpstreamConnection(asyncio.Protocol):
    """One request at a time: `start`, `wait_head`, `read` to the end, then `reusable` says if it goes on."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._transport: asyncio.Transport | None = None
        self._parser: Any = None
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._lost = False
        self._spoke_first = False
        self._reading_paused = False
        self._clock: asyncio.TimerHandle | None = None
        self._reset("GET")

    def _reset(self, method: str) -> None:
        self._head_only = method == "HEAD"
        self._until_close = False
        self._keep_alive = True
        self._error: BaseException | None = None
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._have_head = False
        self._head_size = 0
        self._unsent: int | None = None
        self.finished = False
        self.silent = True
        self.status = 0
        self.reason = ""
        self.headers: Headers = []

    # What the client calls

    @property
    def alive(self) -> bool:
        """Whether an idle connection can take a request."""
        return not self._lost and self._transport is not None and not self._transport.is_closing()

    @property
    def reusable(self) -> bool:
        """Whether the answer is read to its end and the connection stays open."""
        return self.finished and self._keep_alive and not self._pieces and self.alive

    def start(self, method: str, target: str, headers: Headers, body: bytes | None) -> bool:
        """Write the head, and the body if it is complete. For a streamed one (None): True if its length is
        announced, False if it goes out in chunks. Raises UpstreamError, `bad_request` for what HTTP cannot say."""
        assert self._transport is not None
        if self._spoke_first:
            raise UpstreamError("upstream_invalid", "it spoke before it was asked", self._upstream)
        if not self.alive:
            raise UpstreamError("upstream_cut", "connection closed", self._upstream)
        head = request_head(method, target, headers, body, self._upstream)
        self._reset(method)
        self._parser = httptools.HttpResponseParser(self)
        self._unsent = head.announced
        self._transport.write(head.wire + body if body else head.wire)
        return not head.chunked

    async def write_body(self, piece: bytes, *, chunked: bool) -> None:
        """The next piece of a streamed body; waits while the service does not read.

        Raises ConnectionError, or UpstreamError `bad_request` if it would exceed the announced length: the
        service would take the rest for a request of its own.
        """
        if self._drained is not None:
            await self._drained
        if self._lost or self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        if self._unsent is not None:
            self._unsent -= len(piece)
            if self._unsent < 0:
                raise UpstreamError("bad_request", "a body longer than announced", self._upstream)
        self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)

    def end_body(self, *, chunked: bool) -> None:
        """The streamed body is complete. Raises UpstreamError `bad_request` if it is shorter than announced."""
        if self._unsent:
            raise UpstreamError("bad_request", "a body shorter than announced", self._upstream)
        if chunked and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"0\r\n\r\n")

    def start_clock(self, seconds: float) -> None:
        """From now on the service has that long to answer."""
        if not self._have_head and self._error is None:
            self._clock = asyncio.get_running_loop().call_later(seconds, self._late, seconds)

    def give_up(self, error: BaseException) -> None:
        """The request cannot be completed; whoever waits for its head gets the error."""
        if self._error is None:
            self._error = error
        self._wake()

    async def wait_head(self) -> None:
        """Wait for status and headers. Raises UpstreamError, or what `give_up` was told."""
        try:
            while not self._have_head:
                if self._error is not None:
                    raise self._error
                await self._event()
        finally:
            if self._clock is not None:
                self._clock.cancel()
                self._clock = None

    async def wait_finished(self, seconds: float) -> None:
        """Give the rest of the body that much time."""
        try:
            async with asyncio.timeout(seconds):
                while not self.finished and self._error is None and self._waiting < _PAUSE_ABOVE:
                    await self._event()
        except TimeoutError:
            return

    async def read(self) -> bytes:
        """What has arrived, b"" at the end. Raises UpstreamError."""
        while not self._pieces:
            if self.finished:
                return b""
            if self._error is not None:
                raise self._error
            await self._event()
        return self.take_all()

    def take_all(self) -> bytes:
        """All body bytes that are waiting."""
        pieces = self._pieces
        data = pieces.popleft() if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._waiting = 0
        if self._reading_paused and self._transport is not None:
            self._reading_paused = False
            self._transport.resume_reading()
        return data

    def close(self) -> None:
        """Close at once; what is still to be read is lost."""
        if self._transport is not None:
            self._transport.abort()

    async def _event(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass

    def data_received(self, data: bytes) -> None:
        if self._parser is None or self.finished:
            # Bytes nobody asked for: the connection is out of step and must not be used again.
            self._spoke_first = self._parser is None
            self._keep_alive = False
            self.close()
            return
        self.silent = False
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # After the end of the answer it only says that more came than was asked for.
            self._keep_alive = False
            if not self.finished:
                self._fail("upstream_invalid", str(error.__context__ or error))
                self.close()
        if not self._have_head:
            self._head_size += len(data)
            if self._head_size > _MOST_HEAD:
                self._fail("upstream_invalid", f"more than {_MOST_HEAD // 1024} KiB of headers")
                self.close()
        self._wake()

    def eof_received(self) -> None:
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if exc is not None and not self.finished:
            # A reset, not an end: what was to last until the close is cut, too.
            self._fail("upstream_cut", "connection lost")
        self._ended()
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def pause_writing(self) -> None:
        self._drained = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._drained is not None and not self._drained.done():  # done: its waiter was cancelled
            self._drained.set_result(None)
        self._drained = None

    def _ended(self) -> None:
        self._keep_alive = False
        if self._have_head and self._until_close and self._error is None:
            self.finished = True
        elif not self.finished:
            self._fail("upstream_cut", "connection closed")
        self._wake()

    def _late(self, seconds: float) -> None:
        self._fail("upstream_timeout", f"no answer within {seconds:g} s")
        self._wake()

    def _fail(self, code: str, detail: str) -> None:
        if self._error is None:
            self._error = UpstreamError(code, detail, self._upstream)

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self.finished:
            raise ValueError("a second answer")  # nobody asked for it; the first one stands
        self.headers = []
        self.reason = ""

    def on_status(self, status: bytes) -> None:
        self.reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._have_head:  # later ones are trailers, which nobody here may merge (RFC 9110 section 6.5.1)
            self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status == 101:
            # Upgrades go another way (websocket.py), so nobody asked for this.
            raise ValueError("101 without an upgrade")
        if status < 200:
            return  # an interim answer (100, 102, 103); the real one follows
        self.status = status
        self._have_head = True
        self._keep_alive = self._parser.should_keep_alive()
        if self._head_only:
            # llhttp cannot know that this was HEAD and would wait for the announced body.
            self.finished = True
        elif status not in (204, 304):
            framed = any(
                name.lower() == "content-length"
                or (name.lower() == "transfer-encoding" and value.lower().endswith("chunked"))
                for name, value in self.headers
            )
            self._until_close = not framed

    def on_body(self, body: bytes) -> None:
        if self._head_only:
            self._keep_alive = False  # a body after HEAD: the rest of it may still be on its way
            return
        self._pieces.append(body)
        self._waiting += len(body)
        if self._waiting > _PAUSE_ABOVE and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._have_head:
            self.finished = True
