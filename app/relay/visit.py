"""One request on a visitor's connection, for what ASGI cannot say: who left, and how to end an answer visibly."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # struct linger: on, 0 s


class Visit:
    """One request on its connection, for what ASGI cannot say."""

    __slots__ = ("_cycle", "_ends_by_close", "_task", "_transport", "gone", "headers", "target")

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
        self._ends_by_close = False

    def cancel_when_gone(self) -> None:
        """Cancel the current task as soon as the visitor's connection is lost."""
        self._task = asyncio.current_task()
        if self.gone and self._task is not None:
            self._task.cancel()

    @property
    def answered(self) -> bool:
        """Whether the last byte of the answer is written."""
        return self._cycle.response_complete

    @property
    def started(self) -> bool:
        """Whether the head of the answer is written."""
        return self._cycle.response_started

    def left(self) -> None:
        """The connection is lost."""
        self.gone = True
        if not self._cycle.response_complete:
            self._cycle.disconnected = True
            self._cycle.waiting_for_100_continue = False
            if self._task is not None:
                self._task.cancel()

    def abort(self) -> None:
        """End the connection in the middle of an answer, so that it cannot pass for complete."""
        if self._ends_by_close:
            # An ordinary close is the end of such an answer; only a reset says that something is missing.
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._cycle.disconnected = True
        self._transport.abort()

    def send_until_close(self) -> None:
        """Delimit the answer by closing: for HTTP/1.0 visitors, who do not know chunks. Call before the head."""
        self._ends_by_close = True
        self._cycle.chunked_encoding = False
        self._cycle.expected_content_length = 1 << 62
        self._cycle.keep_alive = False

    def finish_by_close(self) -> None:
        """The end of `send_until_close`."""
        self._cycle.disconnected = True
        self._transport.close()
