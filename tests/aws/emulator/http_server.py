"""A small HTTP/1.1 server that hands out what came byte for byte: raw target, header order and case, head size."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

_HEAD_LIMIT = 65_536
_PIECE = 65_536


class BadRequest(Exception):
    """The bytes are no HTTP request."""


class Abort(Exception):
    """Raised by a handler, or by the iterator of a body: break the connection without (the rest of) an answer."""


class TooLarge(Exception):
    """The body exceeds what `Request.read` was to take."""


@dataclass(slots=True)
class Request:
    """target: as sent. head_size: bytes of request line and headers."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    peer: str
    head_size: int
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _left: int = 0
    _chunked: bool = False
    trailers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The raw path."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query."""
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        """The first value; name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        if (self._left or self._chunked) and (self.header("expect") or "").lower() == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while self._left:
            piece = await self._reader.read(min(self._left, _PIECE))
            if not piece:
                raise EOFError("the body ended early")
            self._left -= len(piece)
            yield piece
        while self._chunked:
            size = int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16)
            if size:
                yield await self._reader.readexactly(size)
                await self._reader.readexactly(2)
                continue
            self._chunked = False
            while (line := await self._reader.readuntil(b"\r\n")) != b"\r\n":
                name, _, value = line.decode("latin-1").strip().partition(":")
                self.trailers.append((name, value.strip()))

    async def read(self, limit: int = 1 << 30) -> bytes:
        """The whole body. Raises TooLarge."""
        if self._left > limit:
            raise TooLarge
        body = bytearray()
        async for piece in self.pieces():
            body += piece
            if len(body) > limit:
                raise TooLarge
        return bytes(body)

    @property
    def consumed(self) -> bool:
        """Whether the body has been read to its end."""
        return not self._left and not self._chunked


@dataclass(slots=True)
class Response:
    """headers: without content-length, transfer-encoding and connection, which the server sets."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | AsyncIterator[bytes] = b""


Handler = Callable[[Request], Awaitable[Response]]


class HttpServer:
    """Serves one handler on a port of 127.0.0.1."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=_HEAD_LIMIT, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, BadRequest, Abort):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()  # the server stops; asyncio would report a cancelled callback as an error
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(OSError, asyncio.CancelledError):
                writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection can be used again."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                raise
            return False
        request = _parse(head, reader, writer)
        response = await self._handler(request)
        keep = request.consumed and (request.header("connection") or "").lower() != "close"
        await _send(writer, request.method, response, keep=keep)
        if not request.consumed:
            # Closing with unread data resets the connection, and the answer may be lost with it.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    async for _ in request.pieces():
                        continue
        return keep


def _parse(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request:
    line, *rest = head[:-4].decode("latin-1").split("\r\n")
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(line)
    headers = []
    for field_line in rest:
        name, colon, value = field_line.partition(":")
        if not colon:
            raise BadRequest(field_line)
        headers.append((name, value.strip(" \t")))
    peer = writer.get_extra_info("peername")[0]
    request = Request(parts[0], parts[1], headers, peer, len(head), reader, writer)
    if (request.header("transfer-encoding") or "").lower() == "chunked":
        request._chunked = True
    else:
        request._left = int(request.header("content-length") or 0)
    return request


async def _send(writer: asyncio.StreamWriter, method: str, response: Response, *, keep: bool) -> None:
    status, body = response.status, response.body
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in response.headers)]
    bare = status in (204, 304) or status < 200
    if isinstance(body, bytes):
        if not bare:
            lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    writer.write("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n")
    if isinstance(body, bytes):
        if not bare and method != "HEAD":
            writer.write(body)
    else:
        async for piece in body:
            if piece and method != "HEAD":
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
        if method != "HEAD":
            writer.write(b"0\r\n\r\n")
    await writer.drain()
