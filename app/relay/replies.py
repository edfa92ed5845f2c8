"""In-process adapter of `ReplyBox`: a queue per request, filled by the agent's endpoint."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from backend_lambda.core.ports import ConnectionGone, Throttled
from backend_lambda.core.reply import Frame, ReplyAssembler
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import Data, Window

MOST_EXCHANGES = 1000
"""Running exchanges of one agent connection; what waits for a service that hangs costs memory in every process."""


class QueuedReply:
    """The reply to one request. One reader at a time."""

    __slots__ = ("_assembler", "_box", "_failure", "_frames", "_key", "_most", "_queued", "_waiter", "credit")

    def __init__(self, box: QueueReplyBox, key: tuple[str, str], limits: Limits) -> None:
        self._box = box
        self._key = key
        # A sender may overdraw its credit by less than one piece (Credit.take).
        self._most = None if limits.window is None else limits.window + limits.chunk
        self._assembler = ReplyAssembler()
        self._frames: deque[Frame] = deque()
        self._queued = 0
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.credit = Credit(limits.window)

    async def next(self, timeout: float | None) -> Frame:
        if not self._frames:
            await self._arrival(timeout)
        frame = self._frames.popleft()
        if isinstance(frame, Data):
            self._queued -= len(frame.body)
        return frame

    async def _arrival(self, timeout: float | None) -> None:
        if self._failure is not None:
            raise self._failure
        loop = asyncio.get_running_loop()
        self._waiter = waiter = loop.create_future()
        timer = None if timeout is None else loop.call_later(timeout, _expire, waiter)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()
        if not self._frames and self._failure is not None:
            raise self._failure

    def deliver(self, message: Frame) -> None:
        """A frame arrived; what breaks the protocol fails this reply, not the connection."""
        if self._failure is not None:
            return
        try:
            ready = self._assembler.feed(message)
        except ProtocolError as error:
            self.fail(error)
            return
        for frame in ready:
            if isinstance(frame, Data):
                self._queued += len(frame.body)
        if self._most is not None and self._queued + self._assembler.held_bytes > self._most:
            self.fail(ProtocolError("oversize", "more data than the window allows"))
            return
        if ready:
            self._frames.extend(ready)
            self._wake()

    def fail(self, error: Exception) -> None:
        """No more frames will come."""
        if self._failure is None:
            self._failure = error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._box.forget(self._key)


class QueueReplyBox:
    """Replies of this process by (connection, request): an agent can only answer what it was asked."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: dict[tuple[str, str], QueuedReply] = {}
        self._running: dict[str, int] = {}

    def expect(self, connection_id: str, request_id: str) -> QueuedReply:
        running = self._running.get(connection_id, 0)
        if running >= MOST_EXCHANGES:
            raise Throttled(connection_id)
        self._running[connection_id] = running + 1
        key = (connection_id, request_id)
        reply = self._open[key] = QueuedReply(self, key, self._limits)
        return reply

    def forget(self, key: tuple[str, str]) -> None:
        """Nobody waits any more."""
        if self._open.pop(key, None) is not None:
            self._running[key[0]] -= 1
            if not self._running[key[0]]:
                del self._running[key[0]]

    def deliver(self, connection_id: str, message: Frame | Window) -> None:
        """Hand a message of an agent to whoever waits for it; late ones are dropped."""
        reply = self._open.get((connection_id, message.id))
        if reply is None:
            return
        if isinstance(message, Window):
            reply.credit.grant(message.bytes)
        else:
            reply.deliver(message)

    def connection_gone(self, connection_id: str) -> None:
        """Fail everything that waits for this agent."""
        for key, reply in list(self._open.items()):
            if key[0] == connection_id:
                reply.fail(ConnectionGone(connection_id))
                # Wakes an upload that waits for credit nobody will grant any more.
                reply.credit.grant(1 << 62)


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())
