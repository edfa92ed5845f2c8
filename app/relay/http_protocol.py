"""uvicorn's httptools protocol, made byte-exact and bounded for a front door.

What it adds: the target and the header names as the visitor sent them, a limit for the size and the time of a
request head (431, 408), errors in our words, and a `Visit` that tells when the visitor leaves and can end an
answer visibly.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.relay.visit import Visit
from backend_lambda.core.pages import failure_response
from backend_lambda.core.routing import origin_form
from backend_lambda.protocol.limits import MAX_HEAD

# Separators and the request line come on top of what the core counts.
_MOST_HEAD_BYTES = MAX_HEAD + 8 * 1024
_MOST_PIPELINED = 16
_ABOVE_ASCII = re.compile(rb"[\x80-\xff]")
# What our WebSocket library needs to see of a handshake; everything else it would only measure and reject.
_HANDSHAKE = (
    b"host",
    b"upgrade",
    b"connection",
    b"sec-websocket-key",
    b"sec-websocket-version",
    b"sec-websocket-protocol",
    b"sec-websocket-extensions",
)


class VisitorProtocol(HttpToolsProtocol):
    """See the module."""

    head_seconds = 20.0  # for a whole request head
    idle_seconds = 75.0  # without a request
    linger_seconds = 1.0  # after a refusal, so that the visitor can read it while it still sends

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self._raw_target = b""  # only if it is not ASCII
        self._in_head = True
        self._repeating_head = False
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._deaf = False  # nothing that arrives now is a request any more
        self._visit: Visit | None = None
        self._earlier: list[Visit] = []  # pipelined ones before it that are not answered yet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # uvicorn arms this timer only between requests; a connection that never sends anything counts too.
        self.timeout_keep_alive_task = self.loop.call_later(self.idle_seconds, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        if self._visit is not None:
            for visit in (*self._earlier, self._visit):
                visit.left()

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        if self._in_head:
            if not self._head_bytes and not data.isascii():
                data = self._with_plain_target(data)
            self._head_bytes += len(data)
        self._unset_keepalive_if_required()
        self._feed(data)
        if not self._in_head:
            self._stop_head_timer()
        elif self._head_bytes > _MOST_HEAD_BYTES:
            self._refuse("head_too_large", 431)
        elif not self._head_bytes:
            self._stop_head_timer()
        elif self._head_timer is None and not self._deaf:
            self._head_timer = self.loop.call_later(self.head_seconds, self._refuse, "bad_request", 408)

    def _feed(self, data: bytes | memoryview) -> None:
        while True:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                if self._should_upgrade():
                    if upgrade.args[0] < len(data):
                        # RFC 6455 section 4.1: no frames before the answer; and a GET has no body that we could pass.
                        self._refuse("bad_request", 400)
                    else:
                        self.handle_websocket_upgrade()
                    return
                data = memoryview(data)[upgrade.args[0] :]
            except httptools.HttpParserError:
                self._refuse("bad_request", 400)
                return
            if not self._without_upgrade() or not data:
                return

    def _without_upgrade(self) -> bool:
        """Go on after an upgrade that we do not know (RFC 9110 section 7.8). Java's client asks for h2c with every
        request, also those with a body, where llhttp stops for good; so another parser takes over behind the head.
        False if that is refused."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        framing = [
            name + b": " + value + b"\r\n"
            for name, value in self._raw_headers
            if name.lower() in (b"content-length", b"transfer-encoding")
        ]
        self._repeating_head = True
        try:
            self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(framing))
        except httptools.HttpParserError:  # a coding that the first parser had no reason to look at
            self._refuse("bad_request", 400)
            return False
        finally:
            self._repeating_head = False
        return True

    def on_message_begin(self) -> None:
        if self._repeating_head:
            return
        super().on_message_begin()
        self._raw_headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._repeating_head:
            return
        super().on_header(name, value)
        self._raw_headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._repeating_head:
            return
        self._in_head = False
        self._head_bytes = 0
        # uvicorn would parse, and thereby normalise or reject, what has to stay byte-exact.
        target, self.url = self._raw_target or self.url, b"/"
        self._raw_target = b""
        super().on_headers_complete()
        self.url = target
        cycle = self.cycle
        if cycle is None or cycle.scope is not self.scope:
            return  # a WebSocket
        if cycle.waiting_for_100_continue and self.scope["http_version"] == "1.0":
            cycle.waiting_for_100_continue = False  # RFC 9110 section 10.1.1
        if self._visit is None or self._visit.answered:
            self._earlier.clear()
        else:
            self._earlier.append(self._visit)
            if len(self.pipeline) < _MOST_PIPELINED:
                # uvicorn stops reading until this one's turn; but then nobody would notice that the visitor leaves.
                self.flow.resume_reading()
        self._visit = Visit(self.transport, cycle, target, self._raw_headers)
        self.scope["hatchway"] = self._visit  # type: ignore[typeddict-unknown-key]

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade() and not self._should_upgrade():
            return  # only the head is complete, see _without_upgrade
        super().on_message_complete()
        self._in_head = True

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection to the WebSocket protocol. It gets a handshake reduced to what concerns it, since it
        has narrow limits for heads and no way to say so; the scope has target and headers as they came."""
        self._stop_head_timer()
        found = origin_form(self.url.decode("latin-1"))
        busy = self.cycle is not None and not self.cycle.response_complete
        if found is None or busy or self.scope["method"] != "GET":
            self._refuse("bad_request", 400)
            return
        lines = [b"GET / HTTP/1.1"]
        lines += [name + b": " + value for name, value in self._raw_headers if name.lower() in _HANDSHAKE]
        protocol: Any = self.ws_protocol_class(  # type: ignore[call-arg, misc]
            config=self.config, server_state=self.server_state, app_state=self.app_state
        )
        protocol.connection_made(self.transport)
        protocol.data_received(b"\r\n".join((*lines, b"", b"")))
        if not protocol.handshake_initiated:
            self.connections.discard(protocol)
            self._refuse("bad_request", 400)
            return
        self.connections.discard(self)
        self.transport.set_protocol(protocol)
        if protocol.response.status_code == 101:
            path, _, query = found[0].encode("latin-1").partition(b"?")
            protocol.scope.update(raw_path=path, query_string=query, headers=self._raw_headers)
            protocol.scope["hatchway.authority"] = found[1]

    def send_400_response(self, msg: str) -> None:
        self._refuse("bad_request", 400)

    def _with_plain_target(self, data: bytes) -> bytes:
        """llhttp takes ASCII targets only; raw UTF-8 is common enough in practice to go around it."""
        line, end, rest = data.partition(b"\r\n")
        parts = line.split(b" ")
        if line.isascii() or not end or len(parts) != 3:
            return data
        self._raw_target = parts[1]
        parts[1] = _ABOVE_ASCII.sub(b"_", parts[1])
        return b" ".join(parts) + end + rest

    def _refuse(self, code: str, status: int) -> None:
        """Answer what makes no sense, and listen no more."""
        if self._deaf or self.transport.is_closing():
            return
        self._deaf = True
        self._stop_head_timer()
        if self._visit is not None and not self._visit.answered:
            if self._in_head:
                # The requests before it were fine: their answers come first, then the connection closes.
                self.cycle.keep_alive = False
                return
            started = self._visit.started or bool(self.pipeline)
            self._visit.left()
            if started:
                self._visit.abort()
                return
        answer = failure_response(code, self._accepted())
        assert isinstance(answer.body, bytes)
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        self.transport.write(STATUS_LINE[status] + head.encode() + b"Connection: close\r\n\r\n" + answer.body)
        # Closing under bytes that are still coming resets the connection and takes our answer along.
        self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(self.linger_seconds, self.transport.close)

    def _accepted(self) -> list[tuple[str, str]]:
        """What of the head is known and decides how the answer looks."""
        return [("Accept", value.decode("latin-1")) for name, value in self._raw_headers if name.lower() == b"accept"]

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
