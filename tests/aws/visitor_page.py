"""A page of a tunnel on AWS as far as WebSockets go: what the injected runtime says, said by a program."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from backend_lambda.protocol.limits import SOCKET_LEAST, SOCKET_WINDOW
from tests.aws.backend import Backend

MOST_PIECE = 24_000


@dataclass
class PageSocket:
    """An open one. closed: (code, reason) or the failure's code, once it is over"""

    socket: ClientConnection
    closed: Any = None
    heard: int = 0
    sent: int = 0
    room: int = SOCKET_WINDOW
    _early: dict[int, Any] = field(default_factory=dict)
    _consumed: int = 0

    async def send(self, message: str | bytes) -> None:
        """A message of the app; waits for room as the runtime does."""
        body = message.encode() if isinstance(message, str) else message
        for start in range(0, max(len(body), 1), MOST_PIECE):
            part = body[start : start + MOST_PIECE]
            while self.room <= 0:
                self._take(json.loads(await self.socket.recv()))
            self.room -= max(len(part), SOCKET_LEAST)
            fields = {"type": "data", "seq": self.sent, "text": isinstance(message, str)}
            fields |= {"more": start + MOST_PIECE < len(body), "body": base64.b64encode(part).decode()}
            self.sent += 1
            await self.say(fields)

    async def say(self, fields: dict[str, Any]) -> None:
        await self.socket.send(json.dumps(fields))

    async def close(self, code: int | None = None, reason: str = "") -> None:
        """The app closes."""
        await self.say({"type": "end", "seq": self.sent, **({} if code is None else {"code": code, "reason": reason})})

    async def recv(self) -> str | bytes:
        """The next message for the app."""
        parts = []
        while True:
            message = await self._next()
            assert message["type"] == "data", message
            parts.append(base64.b64decode(message["body"]))
            self._consumed += max(len(parts[-1]), SOCKET_LEAST)
            if self._consumed >= SOCKET_WINDOW // 2:
                await self.say({"type": "window", "bytes": self._consumed})
                self._consumed = 0
            if not message.get("more"):
                whole = b"".join(parts)
                return whole.decode() if message.get("text") else whole

    async def ending(self) -> Any:
        """(code, reason) of the service's close, or the code of a failure."""
        while self.closed is None:
            message = await self._next()
            if message["type"] == "end":
                self.closed = (message.get("code"), message.get("reason", ""))
        return self.closed

    async def _next(self) -> dict[str, Any]:
        while True:
            found: dict[str, Any] | None = self._early.pop(self.heard, None)
            if found is not None:
                self.heard += 1
                return found
            message = json.loads(await self.socket.recv())
            if message.get("type") == "error":
                self.closed = message["code"]
                return {"type": "error"}
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "window":
            self.room += message["bytes"]
        elif message["seq"] >= self.heard:
            self._early[message["seq"]] = message


@dataclass
class Page:
    """One that was loaded from the tunnel `shop`. cookies: what its browser has for it"""

    backend: Backend
    cookies: str = ""

    async def ticket(self, target: str, id: str | None = None, **headers: str) -> tuple[str, int]:
        """(its id, the front door's status)."""
        id = id or secrets.token_hex(16)
        own = {"Origin": self.backend.cloud.http_url, "Content-Type": "text/plain"}
        own |= {"Cookie": self.cookies} if self.cookies else {}
        answer = await self.backend.visitor.put(
            f"/shop/ws/__hw/sockets/{id}", content=target, headers={**own, **headers}
        )
        return id, answer.status_code

    @contextlib.asynccontextmanager
    async def open(self, target: str = "/shop/ws", *protocols: str) -> AsyncIterator[PageSocket]:
        """A WebSocket of the page."""
        id, status = await self.ticket(target)
        assert status == 204, status
        async with self.connecting(id, *protocols) as socket:
            yield PageSocket(socket)

    def connecting(self, id: str, *protocols: str) -> connect:
        return connect(
            f"{self.backend.cloud.ws_url}?hw={id}", origin=self.backend.cloud.http_url, proxy=None, compression=None,
            max_size=None, close_timeout=1, subprotocols=[Subprotocol(one) for one in protocols] or None,
        )  # type: ignore[arg-type]  # fmt: skip
