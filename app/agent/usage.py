"""Counts what a tunnel uses of an AWS account, from what its connections see. Other relays cost nothing, and nothing is
counted there.

Exact are messages, connection time, and what the replies take in the table and the bucket; calls follow from them. How
long the function was busy and how often it looked into the table is estimated, as `app.domain.cost_model` does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from app.agent.socket_usage import SocketUsage
from app.domain.cost import HTTP_STEP, READ_STEP, WRITE_STEP, WS_STEP
from app.domain.cost_model import BLOB_MS, OVERHEAD_MS
from app.domain.events import Event, UsageChanged
from app.domain.tunnel import TunnelSpec
from app.domain.usage import Usage
from backend_lambda.protocol.limits import MAX_EVENT_BODY
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Message, Request, Response, Welcome, Window

_TELL_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 60.0  # connection time is told this often when nothing else happens
_EVENT_MS: Final = 20  # the function's time for one event of a connection
_REMEMBERED: Final = 10.0  # seconds that the function knows the tunnel without looking it up
_MESSAGE_MS: Final = 15  # and for each message of an answer after the first
_FETCH_MS: Final = 20  # until the function has the first byte of a blob; putting it there is in the agent's time
_REDIRECTED: Final = 4_600_000  # bytes; a larger answer is sent to the bucket instead of through the function
# Of a row beside its slot, message and body: the names pk, sk, m, b, ttl, the connection's id, and the time.
_ROW: Final = 9 + 16 + 7
# Made once: a union costs a microsecond each time it is made.
_REPLIES: Final = (Response, Data, End)
_FAILURES: Final = (Cancel, Error)
_OF_AGENTS: Final = (Data, End, Window, Error)
_OF_VISITORS: Final = (Data, End, Window, Cancel)


class TunnelMeter:
    """Of one tunnel, over all its connections. What has been used is published at most once a second."""

    def __init__(
        self, spec: TunnelSpec, publish: Callable[[Event], None], *, tell_seconds: float = _TELL_SECONDS
    ) -> None:
        self.usage = Usage()
        self._tell_seconds = tell_seconds
        self._spec = spec
        self._publish = publish
        self._connections: set[ConnectionMeter] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = False
        self.asked = float("-inf")  # when the newest request came

    def connected(
        self, welcome: Welcome, greeting: Usage, clock: Callable[[], float] = time.monotonic
    ) -> ConnectionMeter | None:
        """The meter of a new connection, None where there is nothing to count. greeting: up to the welcome"""
        if not welcome.limits.slots:
            return None
        self.usage.add(greeting)
        connection = ConnectionMeter(self, welcome, clock)
        self._connections.add(connection)
        self.touch()
        return connection

    def ended(self, connection: ConnectionMeter) -> None:
        """The connection counts no more."""
        self._connections.discard(connection)
        self.touch()

    def touch(self) -> None:
        """Something was counted: tell it soon."""
        if not self._is_due:
            self._is_due = True
            self._tell_in(self._tell_seconds)

    def close(self) -> None:
        """Tell the rest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_due = True  # no timer any more
        for connection in list(self._connections):
            connection.close()
        self._say()

    def _tell_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._tell)

    def _tell(self) -> None:
        self._is_due = False
        self._timer = None
        self._say()
        if self._connections:
            self._tell_in(_IDLE_SECONDS)

    def _say(self) -> None:
        for connection in self._connections:
            connection.tick()
        if self.usage:
            self._publish(UsageChanged(self._spec.id, self._spec.name, self.usage.take()))


class ConnectionMeter:
    """Of one connection. Sizes are bytes on the wire."""

    def __init__(self, tunnel: TunnelMeter, welcome: Welcome, clock: Callable[[], float]) -> None:
        self._tunnel = tunnel
        self._usage = tunnel.usage
        self._clock = clock
        self._counted_to = clock()
        self._deadline = welcome.limits.deadline
        # A function's own URL costs nothing.
        self._has_front_door = ".lambda-url." not in welcome.path_url
        self._running: dict[str, _Running] = {}
        self._sockets = SocketUsage(self._usage)
        _event(self._usage, reads=2, writes=1)  # $connect: the token, the connection's row

    def sent(self, message: Message, size: int, row: int) -> None:
        """row: bytes of the reply's row beside what all rows have; 0 for a message to the function."""
        usage = self._usage
        usage.ws_messages += (size + WS_STEP - 1) // WS_STEP
        if row:
            row += _ROW
            usage.write_units += (row + WRITE_STEP - 1) // WRITE_STEP
            usage.reads += (row + READ_STEP - 1) // READ_STEP
            self._replied(message)
        elif isinstance(message, _OF_AGENTS):
            if message.id in self._sockets:
                self.tick()
                self._sockets.sent(message)
            else:
                usage.calls += 1  # its visitor has gone: the function drops it
        else:
            _event(usage, reads=2, writes=1)  # ping, goodbye: the connection's row, the tunnel's
        self._tunnel.touch()

    def received(self, message: Message | None, size: int) -> None:
        """message: None if it is unknown; size: 0 if it was counted before."""
        self._usage.ws_messages += (size + WS_STEP - 1) // WS_STEP
        if isinstance(message, Request):
            now = self._clock()
            if now - self._tunnel.asked > _REMEMBERED:
                self._usage.reads += 1
            self._tunnel.asked = now
            if message.blob is not None:
                self._usage.s3_puts += 1
                self._usage.s3_gets += 1
                if message.blob.size > MAX_EVENT_BODY:  # put there by the visitor's page, which asked where
                    self._usage.calls += 1
                    self._usage.http_steps += int(self._has_front_door)
            self._running.setdefault(message.id, _Running(now, message))
        elif isinstance(message, _OF_VISITORS) and message.id in self._sockets:
            self.tick()
            self._sockets.carried(message)
        elif isinstance(message, Data):
            if (running := self._running.get(message.id)) is not None:
                running.request += len(message.body)
        elif isinstance(message, _FAILURES):
            self._finish(message.id)
        self._tunnel.touch()

    def tick(self) -> None:
        """Count the time since the last time, of the visitors' WebSockets as well."""
        now = self._clock()
        spent = round((now - self._counted_to) * 1000)
        self._usage.connected_ms += spent * (1 + self._sockets.count)
        self._counted_to += spent / 1000

    def close(self) -> None:
        """The connection is gone. The function still waits for what it has not answered."""
        self.tick()
        now = self._clock()
        for id_, running in list(self._running.items()):
            # A request that was delivered twice would still stand here, long after its answer.
            if (now - running.started) * 1000 < self._deadline:
                self._finish(id_, self._deadline)
        self._sockets.lost()
        # $disconnect: the connection's row, the tunnel's; whether it has visitors.
        _event(self._usage, reads=3, writes=2)
        self._tunnel.ended(self)

    def _replied(self, message: Message) -> None:
        if isinstance(message, Error):
            if message.code == "agent_moved":
                self._running.pop(message.id, None)  # the function asks another agent, who counts it
            else:
                self._finish(message.id)
            return
        assert isinstance(message, _REPLIES)
        running = self._running.get(message.id)
        if running is None:
            return
        running.rows += 1
        if not isinstance(message, End):
            running.answer += len(message.body)
        if not isinstance(message, End) and message.blob is not None:
            self._usage.s3_puts += 1
            self._usage.s3_gets += 1  # by the function, or by a visitor who is sent there
            running.blob += message.blob.size
        if isinstance(message, End) or (isinstance(message, Response) and (message.end or running.is_socket)):
            self._finish(message.id, accepted=isinstance(message, Response) and message.status == 101)

    def _finish(self, id_: str, busy_ms: float | None = None, *, accepted: bool = False) -> None:
        running = self._running.pop(id_, None)
        if running is None:
            return
        if busy_ms is None:
            busy_ms = (self._clock() - running.started) * 1000
        usage = self._usage
        if running.is_socket:
            usage.http_steps += int(self._has_front_door)  # the ticket
            self.tick()
            self._sockets.asked(id_, busy_ms + 2 * OVERHEAD_MS, accepted=accepted)
            return
        usage.requests += 1
        usage.calls += 1
        answer, blob = running.answer, running.blob
        if blob <= _REDIRECTED:
            answer += blob
        if self._has_front_door:
            usage.http_steps += max(1, -(-max(running.request, answer) // HTTP_STEP))
        overhead = OVERHEAD_MS + (_FETCH_MS + min(blob, _REDIRECTED) / BLOB_MS if blob else 0)
        usage.busy_ms += round(busy_ms + overhead + _MESSAGE_MS * max(0, running.rows - 1))


class _Running:
    __slots__ = ("answer", "blob", "is_socket", "request", "rows", "started")

    def __init__(self, started: float, request: Request) -> None:
        self.started = started
        self.is_socket = request.kind == "websocket"
        # Without the head, which rarely decides about a step of 512 KB.
        size = len(request.body) if request.blob is None else request.blob.size
        self.request = size if size <= MAX_EVENT_BODY else 0
        self.answer = self.blob = self.rows = 0


def greeted(usage: Usage, size: int, *, is_hello: bool = False) -> None:
    """A message before the welcome, of so many bytes."""
    usage.ws_messages += (size + WS_STEP - 1) // WS_STEP
    if is_hello:
        _event(usage, reads=2, writes=2)  # the connection's row; the tunnel's


def _event(usage: Usage, *, reads: int, writes: int) -> None:
    """One event of a connection that the function handles."""
    usage.calls += 1
    usage.busy_ms += _EVENT_MS
    usage.reads += reads
    usage.write_units += writes
