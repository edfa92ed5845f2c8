"""A visitor who sends exactly the bytes he is told to, and reads answers as strictly as a browser would."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass
class Answer:
    """complete: False if the connection ended before the body did."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    complete: bool = True
    version: str = "HTTP/1.1"
    interim: list[int] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """The first value; name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def all(self, name: str) -> list[str]:
        """Every value, in order; name in lower case."""
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def error(self) -> dict[str, Any]:
        """The JSON body of an error page of ours."""
        error: dict[str, Any] = json.loads(self.body)["error"]
        return error


class Visitor:
    """One connection. Use as `async with Visitor(port) as visitor`."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._port = port
        self._host = host

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self._host, self._port, limit=1 << 22)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    async def send(self, data: bytes) -> None:
        """Write raw bytes."""
        self.writer.write(data)
        await self.writer.drain()

    def abort(self) -> None:
        """Leave without a word (RST)."""
        self.writer.transport.abort()

    async def head(self, seconds: float = 10) -> Answer:
        """Status and headers of the next answer; interim ones are noted and skipped."""
        interim = []
        async with asyncio.timeout(seconds):
            while True:
                lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                version, status = lines[0].split(" ")[:2]
                if int(status) != 100:
                    break
                interim.append(int(status))
        headers = []
        for line in lines[1:-2]:
            name, _, value = line.partition(": ")
            headers.append((name, value))
        return Answer(int(status), headers, version=version, interim=interim)

    async def answer(self, method: str = "GET", seconds: float = 10) -> Answer:
        """The next answer with its body, delimited as RFC 9112 section 6.3 says."""
        answer = await self.head(seconds)
        if method == "HEAD" or answer.status in (101, 204, 304):
            return answer
        try:
            async with asyncio.timeout(seconds):
                answer.body = await self._body(answer)
        except asyncio.IncompleteReadError as error:
            answer.complete, answer.body = False, error.partial
        except ConnectionError:
            answer.complete = False
        return answer

    async def ask(self, request: bytes, method: str = "GET", seconds: float = 10) -> Answer:
        """Send and read the answer."""
        await self.send(request)
        return await self.answer(method, seconds)

    async def chunk(self, seconds: float = 5) -> bytes:
        """One chunk of a streamed answer, b"" for the last."""
        async with asyncio.timeout(seconds):
            size = int((await self.reader.readuntil(b"\r\n")).strip(), 16)
            data = await self.reader.readexactly(size + 2)
        return data[:-2]

    async def closed(self, seconds: float = 3) -> bool:
        """Whether the relay closes the connection, with nothing more to say."""
        try:
            async with asyncio.timeout(seconds):
                return await self.reader.read() == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    async def _body(self, answer: Answer) -> bytes:
        if (answer.header("transfer-encoding") or "").lower() == "chunked":
            pieces: list[bytes] = []
            try:
                while piece := await self._whole_chunk():
                    pieces.append(piece)
            except asyncio.IncompleteReadError as error:
                raise asyncio.IncompleteReadError(b"".join((*pieces, error.partial)), None) from None
            return b"".join(pieces)
        length = answer.header("content-length")
        return await (self.reader.read() if length is None else self.reader.readexactly(int(length)))

    async def _whole_chunk(self) -> bytes:
        size = int((await self.reader.readuntil(b"\r\n")).strip() or b"0", 16)
        return (await self.reader.readexactly(size + 2))[:-2]


async def ask(port: int, request: bytes, method: str = "GET", seconds: float = 10) -> Answer:
    """One request on a connection of its own."""
    async with Visitor(port) as visitor:
        return await visitor.ask(request, method, seconds)


def get(
    target: str | bytes, *headers: str, method: str = "GET", host: str = "relay.test.localhost", version: str = "1.1"
) -> bytes:
    """The bytes of a request without a body."""
    raw = target if isinstance(target, bytes) else target.encode("latin-1")
    lines = "\r\n".join((f"Host: {host}", *headers, "", "")).encode("latin-1")
    return b"%s %s HTTP/%s\r\n%s" % (method.encode(), raw, version.encode(), lines)


def post(target: str, body: bytes, *headers: str, method: str = "POST", chunked: bool = False) -> bytes:
    """The bytes of a request with a body."""
    if chunked:
        wire = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        return get(target, *headers, "Transfer-Encoding: chunked", method=method) + wire
    return get(target, *headers, f"Content-Length: {len(body)}", method=method) + body
