"""A server that reads requests byte by byte and answers with exactly the bytes a test gives it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

Script = Callable[["Peer"], Awaitable[None]]
"""What the server does on one connection; returning closes it."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as its bytes came."""

    line: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key.lower() == name]


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: RawServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self.reader = reader
        self.writer = writer
        self._counted = False

    async def request(self) -> Received:
        """The next request, with its body as its framing says."""
        head = await self.head()
        size = head.values(b"content-length")
        if size:
            body = await self.reader.readexactly(int(size[0]))
        elif head.values(b"transfer-encoding"):
            body = b"".join([chunk async for chunk in self.chunks()])
        else:
            body = b""
        received = Received(head.line, head.headers, body)
        self._server.requests.append(received)
        self._server.asked.set()
        return received

    async def head(self) -> Received:
        """Only the head of the next request."""
        line, *rest = (await self.reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        if not self._counted:  # only now: whoever scans the ports of this computer says nothing
            self._counted = True
            self._server.connections += 1
        headers = [(name, value) for name, _, value in (each.partition(b": ") for each in rest)]
        return Received(line, headers, b"")

    async def chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield (await self.reader.readexactly(size + 2))[:-2]
        assert await self.reader.readuntil(b"\r\n") == b"\r\n"

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the client closes; whatever still comes is dropped."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass
        self._server.gone.set()

    def reset(self) -> None:
        """Close with RST."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.writer.transport.abort()


class RawServer:
    """Runs a script for every connection."""

    def __init__(self, script: Script, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._host = host
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.requests: list[Received] = []
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()
        self.failures: list[BaseException] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, self._host, 0, ssl=self._tls, limit=1 << 20, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if kind is None and self.failures:
            raise self.failures[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._script(Peer(self, reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left, which every script must stand
        except asyncio.CancelledError:
            pass  # the test is over
        except BaseException as error:
            self.failures.append(error)
        finally:
            self._tasks.discard(task)
            writer.close()


def answering(*answers: bytes, close: bool = False) -> Script:
    """Answers one request after the other on a connection, the last answer again and again."""

    async def script(peer: Peer) -> None:
        for number in range(10_000):
            await peer.request()
            await peer.send(answers[min(number, len(answers) - 1)])
            if close:
                return

    return script
