"""The relay's push: each connection in the form it agreed to."""

from __future__ import annotations

import pytest

from app.relay.push import SocketPush
from backend_lambda.core.ports import ConnectionGone
from backend_lambda.protocol.messages import Data, Pong


class Socket:
    def __init__(self, *, binary: bool, gone: bool = False) -> None:
        self.binary = binary
        self.gone = gone
        self.closed = 0
        self.sent: list[str | bytes] = []

    async def send(self, wire: str | bytes) -> None:
        if self.gone:
            raise ConnectionGone
        self.sent.append(wire)

    async def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("binary", "wire"),
    [(True, b'{"type":"data","id":"r1","seq":0}\n\xff'), (False, '{"type":"data","id":"r1","seq":0,"body":"/w=="}')],
    ids=["binary", "text"],
)
async def test_the_agreed_form(binary: bool, wire: str | bytes) -> None:
    push = SocketPush()
    push.sockets["c1"] = socket = Socket(binary=binary)
    push.sockets["c2"] = other = Socket(binary=not binary)
    await push.send("c1", Data("r1", 0, b"\xff"))
    assert socket.sent == [wire]
    assert other.sent == []


async def test_a_socket_that_breaks_is_gone() -> None:
    push = SocketPush()
    push.sockets["c1"] = Socket(binary=True, gone=True)
    with pytest.raises(ConnectionGone):
        await push.send("c1", Pong("1"))


async def test_close_reaches_that_socket_only() -> None:
    push = SocketPush()
    push.sockets["c1"] = socket = Socket(binary=True)
    push.sockets["c2"] = other = Socket(binary=True)
    await push.close("c1")
    assert (socket.closed, other.closed) == (1, 0)
