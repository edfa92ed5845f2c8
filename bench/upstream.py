"""`python -m bench.upstream`: the service behind the tunnel, as cheap as Python can make it, so that it is not what
is measured. GET /bytes/N answers N bytes, /served how many of them were asked for; POST and PUT count what they get.
Prints {"port": …}; ends with stdin."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, cast

import httptools
import uvloop

_PIECE = bytes(range(256)) * 256  # 64 KiB


class Service(asyncio.Protocol):
    """One connection: answers written straight to the transport."""

    served = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser: Any = httptools.HttpRequestParser(self)
        self._target = b""
        self._received = 0
        self._left = 0
        self._paused = False

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()  # something else on this machine looks what listens here

    def on_url(self, url: bytes) -> None:
        self._target = url

    def on_body(self, body: bytes) -> None:
        self._received += len(body)

    def on_message_complete(self) -> None:
        if self._parser.get_method() != b"GET":
            body = b"%d" % self._received
            self._received = 0
            self._transport.write(_head(len(body)) + body)
            return
        if self._target == b"/served":
            body = b"%d" % Service.served
            self._transport.write(_head(len(body)) + body)
            return
        # Something else on this machine may look what listens here.
        Service.served += self._target.startswith(b"/bytes/")
        last = self._target.rpartition(b"/")[2]
        size = int(last) if last.isdigit() else 0
        first = _PIECE[:size]
        self._left = size - len(first)
        self._transport.write(_head(size) + first)
        if self._left:
            self._go_on()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._go_on()

    def _go_on(self) -> None:
        while self._left and not self._paused:
            piece = _PIECE[: self._left]
            self._left -= len(piece)
            self._transport.write(piece)


def _head(size: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n" % size


async def _main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Service, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(_main())
