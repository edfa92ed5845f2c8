"""A client's WebSocket connection as the gateway keeps it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.aws.emulator.clock import Clock

FRAME_LIMIT = 32 * 1024
MESSAGE_LIMIT = 128 * 1024


class BufferFull(Exception):
    """The client does not read what it is sent."""


class Connection:
    """buffer: bytes that wait for the client at most. Times are the clock's, in seconds."""

    def __init__(self, id: str, socket: ServerConnection, source_ip: str, user_agent: str, clock: Clock, buffer: int):
        self.id = id
        self.state: Literal["pending", "open", "closed"] = "pending"
        self.connected_at = self.last_active = clock.now()
        self.source_ip = source_ip
        self.user_agent = user_agent
        self._socket = socket
        self._clock = clock
        self._buffer = buffer
        self._waiting = 0
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()

    def touch(self) -> None:
        """A message passed, in either direction; pings do not count."""
        self.last_active = self._clock.now()

    def deliver(self, data: bytes) -> None:
        """Send as a text message, after those before it. Bytes that are no UTF-8 get damaged. Raises BufferFull."""
        if self._waiting + len(data) > self._buffer:
            raise BufferFull
        self._waiting += len(data)
        self._outbox.put_nowait(data)
        self.touch()

    async def write(self) -> None:
        """Send what `deliver` takes, for as long as the connection lives."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                data = await self._outbox.get()
                await self._socket.send(fragments(data.decode("utf-8", "replace")))
                self._waiting -= len(data)

    async def close(self, code: int, reason: str = "") -> None:
        if self.state != "closed":
            self.state = "closed"
            await self._socket.close(code, reason)


def fragments(text: str) -> list[str]:
    """Pieces of at most 32 KB, cut between characters."""
    data, pieces, start = text.encode(), [], 0
    while len(data) - start > FRAME_LIMIT:
        end = start + FRAME_LIMIT
        while data[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(data[start:end].decode())
        start = end
    return [*pieces, data[start:].decode()]
