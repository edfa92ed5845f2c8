from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from app.relay.socket_protocol import SocketProtocol


class BrokenTransport:
    """Its peer is gone; asyncio warns of every further write."""

    def __init__(self) -> None:
        self.closing = False
        self.written = 0

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self.written += 1
        self.closing = True  # the send has failed; whoever owns the connection hears of it a moment later


class Wire:
    """The sans-I/O connection, as far as sending goes."""

    def send_text(self, data: bytes) -> None: ...

    def data_to_send(self) -> list[bytes]:
        return [b"frame"]


async def test_only_the_first_of_many_that_waited_writes_to_a_broken_connection() -> None:
    protocol: Any = SocketProtocol.__new__(SocketProtocol)
    protocol.writable = asyncio.Event()
    protocol.transport = transport = BrokenTransport()
    protocol.conn = Wire()
    protocol.disconnected = protocol.close_sent = False
    protocol.handshake_complete, protocol.initial_response = True, None
    message = {"type": "websocket.send", "text": "x"}
    loop = asyncio.get_running_loop()
    waiting = [loop.create_task(protocol.send(message)) for _ in range(10)]
    await asyncio.sleep(0)
    protocol.writable.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert transport.written == 1
    assert [type(result) for result in results[1:]] == [ClientDisconnected] * 9


async def test_a_connection_that_works_sends() -> None:
    protocol: Any = SocketProtocol.__new__(SocketProtocol)
    protocol.writable = asyncio.Event()
    protocol.writable.set()
    protocol.transport = transport = BrokenTransport()
    protocol.conn = Wire()
    protocol.disconnected = protocol.close_sent = False
    protocol.handshake_complete, protocol.initial_response = True, None
    await protocol.send({"type": "websocket.send", "text": "x"})
    assert transport.written == 1
    transport.closing = True
    with pytest.raises(ClientDisconnected):
        await protocol.send({"type": "websocket.send", "text": "x"})
