"""uvicorn's httptools protocol, made byte-exact and bounded for a front door.

What it adds: the target and the header names as the visitor sent them, a limit for the size and the time of a
request head (431, 408), errors in our words, and a `Visit` that tells when the visitor leaves and can end an
answer visibly.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from backend_lambda.core.pages import failure_response
from backend_lambda.core.routing import origin_form
from backend_lambda.protocol.limits import MAX_HEAD

# Separators and the request line come on top of what the core counts.
_MOST_HEAD_BYTES = MAX_HEAD + 8 * 1024
_HEAD_SECONDS = 20.0
_IDLE_SECONDS = 75.0


class Visit:
    """One request on its connection, for what ASGI cannot say."""

    __slots__ = ("_cycle", "_task", "_transport", "gone", "headers", "target")

    def __init__(
        self,
        transport: asyncio.Transport,
        cycle: RequestResponseCycle,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        self._transport = transport
        self._cycle = cycle
        self._task: asyncio.Task[Any] | None = None
        self.target = target
        self.headers = headers
        self.gone = False

    def cancel_when_gone(self) -> None:
        """Cancel the current task as soon as the visitor's connection is lost."""
        self._task = asyncio.current_task()
        if self.gone and self._task is not None:
            self._task.cancel()

    def left(self) -> None:
        """The connection is lost."""
        self.gone = True
        if self._task is not None and not self._cycle.response_complete:
            self._task.cancel()

    def abort(self) -> None:
        """End the connection in the middle of an answer, so that it cannot pass for complete."""
        self._cycle.disconnected = True
        self._transport.abort()

    def send_until_close(self) -> None:
        """Delimit the answer by closing: for HTTP/1.0 visitors, who do not know chunks. Call before the head."""
        self._cycle.chunked_encoding = False
        self._cycle.expected_content_length = 1 << 62
        self._cycle.keep_alive = False

    def finish_by_close(self) -> None:
        """The end of `send_until_close`."""
        self._cycle.disconnected = True
        self._transport.close()


class VisitorProtocol(HttpToolsProtocol):
    """See the module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self._in_head = True
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._visit: Visit | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # uvicorn arms this timer only between requests; a connection that never sends anything counts too.
        self.timeout_keep_alive_task = self.loop.call_later(_IDLE_SECONDS, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        if self._visit is not None:
            self._visit.left()

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._in_head:
            self._stop_head_timer()
        elif self._head_bytes > _MOST_HEAD_BYTES:
            self._refuse("head_too_large", 431)
        elif self._head_timer is None and self._head_bytes:
            self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._refuse, "bad_request", 408)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._raw_headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._raw_headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        # uvicorn would parse, and thereby normalise or reject, what has to stay byte-exact.
        target, self.url = self.url, b"/"
        super().on_headers_complete()
        self.url = target
        if self.cycle is not None and self.cycle.scope is self.scope:
            self._visit = Visit(self.transport, self.cycle, target, self._raw_headers)
            self.scope["hatchway"] = self._visit  # type: ignore[typeddict-unknown-key]

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True

    def handle_websocket_upgrade(self) -> None:
        self._stop_head_timer()
        found = origin_form(self.url.decode("latin-1"))
        if found is None or not found[0].isascii():
            self.send_400_response("")
            return
        self.url = found[0].encode("ascii")
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        self._refuse("bad_request", 400)

    def _unsupported_upgrade_warning(self) -> None:
        """Upgrades we do not know (h2c …) are simply not made; RFC 9110 section 7.8 wants no warning."""

    def _refuse(self, code: str, status: int) -> None:
        if self.transport.is_closing():
            return
        self._stop_head_timer()
        answer = failure_response(code, [])
        assert isinstance(answer.body, bytes)
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        self.transport.write(STATUS_LINE[status] + head.encode() + b"Connection: close\r\n\r\n" + answer.body)
        self.transport.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


