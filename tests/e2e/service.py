"""A scripted HTTP/1.1 service: it sees every byte of a request and answers every byte that the script says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from app.domain.tasks import spawn


@dataclass
class Call:
    """One request on its connection. `head` is what came, without the empty line."""

    head: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    body: bytes = b""
    gone: bool = False

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def target(self) -> bytes:
        return self.head.split(b"\r\n", 1)[0].split(b" ")[1]

    @property
    def headers(self) -> list[tuple[str, str]]:
        pairs = []
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            pairs.append((name, value))
        return pairs

    def header(self, name: str) -> str | None:
        """The first value; name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        if (self.header("transfer-encoding") or "").lower() == "chunked":
            while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
                yield await self.reader.readexactly(size)
                await self.reader.readexactly(2)
            await self.reader.readexactly(2)
            return
        left = int(self.header("content-length") or 0)
        while left:
            piece = await self.reader.read(min(left, 1 << 16))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
            yield piece

    async def read_body(self) -> bytes:
        """The whole body, kept in `body`."""
        self.body = b"".join([piece async for piece in self.pieces()])
        return self.body

    async def send(self, data: bytes) -> None:
        """Write raw bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = b"ok", *headers: str, status: str = "200 OK") -> None:
        """A complete answer with Content-Length."""
        lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
        await self.send("\r\n".join(lines).encode("latin-1") + body)

    async def until_gone(self, seconds: float) -> bool:
        """Whether the other side closes within that time."""
        try:
            async with asyncio.timeout(seconds):
                while await self.reader.read(1 << 16):
                    pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def abort(self) -> None:
        """Break the connection off."""
        self.writer.transport.abort()


Script = Callable[[Call], Awaitable[None]]


async def plain(call: Call) -> None:
    """Read everything, answer 200."""
    await call.read_body()
    await call.answer()


@dataclass
class Service:
    """Listens on a free port of 127.0.0.1; `script` may be changed at any time."""

    script: Script = plain
    calls: list[Call] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def last(self) -> Call:
        return self.calls[-1]

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = spawn(self._serve(reader, writer), name="service connection")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                call = Call(head[:-4], reader, writer)
                self.calls.append(call)
                await self.script(call)
        writer.transport.abort()


def answering(data: bytes) -> Script:
    """A script that reads the request and writes these raw bytes."""

    async def script(call: Call) -> None:
        await call.read_body()
        await call.send(data)

    return script


def closing(data: bytes) -> Script:
    """The same, and then it closes the connection."""

    async def script(call: Call) -> None:
        await call.read_body()
        await call.send(data)
        call.writer.close()

    return script


@dataclass
class Sockets:
    """A WebSocket service (websockets' server); `handler` gets each connection."""

    handler: Callable[[Any], Awaitable[None]]
    subprotocols: list[str] | None = None
    process_request: Any = None
    port: int = 0

    async def __aenter__(self) -> Self:
        from websockets.asyncio.server import serve

        self._server = await serve(
            self.handler,
            "127.0.0.1",
            0,
            subprotocols=self.subprotocols,
            process_request=self.process_request,  # type: ignore[arg-type]
            max_size=None,
            close_timeout=1,
            ping_interval=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()
