"""One request of the demo service and the few ways to answer it, on bare ASGI."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[str, str]]

_TEXT_LIMIT = 2048  # bytes of a body that are echoed


class BadParameter(ValueError):
    """A query parameter that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is kept of a request body, whatever its size. text is None if it is not UTF-8 or longer than 2 kB."""

    length: int
    sha256: str
    text: str | None


class Exchange:
    """The request of one ASGI scope, and its answer."""

    def __init__(self, scope: Message, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self.method: str = scope["method"]
        self.raw_path: str = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        self.raw_query: str = scope["query_string"].decode("latin-1")
        self.headers: Headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]

    def header(self, name: str) -> str:
        """The first header of that name (lower case), "" if absent."""
        return next((value for key, value in self.headers if key == name), "")

    def number(self, name: str, default: int, allowed: range) -> int:
        """A whole number from the query. Raises BadParameter if it is none or out of range."""
        values = parse_qs(self.raw_query, keep_blank_values=True).get(name)
        if values is None:
            return default
        text = values[-1]
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) in allowed):
            raise BadParameter(f"{name} must be a whole number from {allowed.start} to {allowed.stop - 1}")
        return int(text)

    async def read(self) -> Body:
        """Read the request's body to its end without keeping it."""
        digest, length, start, more = hashlib.sha256(), 0, b"", True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("the client left")
            part: bytes = message.get("body", b"")
            digest.update(part)
            length += len(part)
            start = (start + part)[: _TEXT_LIMIT + 1] if len(start) <= _TEXT_LIMIT else start
            more = message.get("more_body", False)
        return Body(length, digest.hexdigest(), _text(start))

    async def leaves_within(self, seconds: float) -> bool:
        """Wait; True as soon as the client is gone. Only after `read`."""
        try:
            async with asyncio.timeout(seconds):
                while (await self._receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        return True

    async def start(self, status: int, headers: Headers) -> None:
        """Send status and headers; `more` and `end` have to follow."""
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})

    async def more(self, data: bytes) -> None:
        """Send a part of the body now."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        """Send the last part of the body."""
        await self._send({"type": "http.response.body", "body": data})

    async def respond(self, status: int, content_type: str, data: bytes, headers: Headers | None = None) -> None:
        """Send a whole answer."""
        fixed = [("content-type", content_type), ("content-length", str(len(data)))]
        await self.start(status, [*fixed, *(headers or [])])
        await self.end(data)

    async def json(self, status: int, value: object, headers: Headers | None = None) -> None:
        """Send a whole answer of JSON that nobody may cache."""
        data = json.dumps(value, indent=2, ensure_ascii=False).encode()
        await self.respond(status, "application/json", data, [("cache-control", "no-store"), *(headers or [])])


def _text(data: bytes) -> str | None:
    if len(data) > _TEXT_LIMIT:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
