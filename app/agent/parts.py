"""An answer that goes on as it comes: small pieces in messages, large ones by the store (docs/protocol.md, Parts)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from app.agent.collected import packed
from app.agent.connection import AgentConnection
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.messages import Blob, Data, End

_MOST = 4 * 1024 * 1024  # bytes of one part: a call of the store costs the same for any size
_CLOSE = 0.02  # seconds between pieces that go together; whoever waits for them looks no more often
_GOOD = 150.0  # seconds that a URL is used; it is valid for a little longer
_ROWS = 800_000  # bytes a second: what one connection may write into a table of DynamoDB, less a reserve


class PartSender:
    """The body of one answer. reply_url: where its first part may be put"""

    def __init__(self, connection: AgentConnection, request_id: str, credit: Credit, reply_url: str) -> None:
        self._connection = connection
        self._id = request_id
        self._credit = credit
        self._loop = asyncio.get_running_loop()
        self._url: asyncio.Future[tuple[str, float]] = self._loop.create_future()
        self._seq = 0
        self.offer(reply_url)

    def offer(self, url: str) -> None:
        """The backend has a place for one more part."""
        if not self._url.done():
            self._url.set_result((url, self._loop.time()))

    async def send(self, body: bytes) -> None:
        """The next bytes. Raises HatchwayError `blob_failed`, ConnectionClosed, ProtocolError."""
        limits = self._connection.limits
        most = limits.blob
        if most is not None and len(body) > most:
            stored, is_packed = await asyncio.to_thread(packed, body)
            if (len(stored) > most or len(body) > limits.chunk) and (url := await self._place()):
                await self._connection.blobs.put(url, stored, len(stored))
                await self._tell(Data(self._id, self._seq, b"", blob=Blob(len(body), is_packed)))
                return
        for start in range(0, len(body), limits.chunk):
            part = body[start : start + limits.chunk]
            await self._credit.take(len(part))
            await self._tell(Data(self._id, self._seq, part))
            if len(part) > (most or 0):
                await asyncio.sleep(len(part) / _ROWS)

    async def end(self) -> None:
        """That was all."""
        await self._connection.send(End(self._id, self._seq))

    async def _place(self) -> str:
        """Wait until the backend has seen the part before; "" if its URL has been left lying for too long."""
        url, since = await asyncio.shield(self._url)
        if self._loop.time() - since > _GOOD:
            return ""
        self._url = self._loop.create_future()
        return url

    async def _tell(self, message: Data) -> None:
        await self._connection.send(message)
        self._seq += 1


async def gathered(read: Callable[[], Awaitable[bytes]]) -> AsyncGenerator[bytes, None]:
    """What `read` gives, until it gives nothing, in larger pieces where it comes without a pause. What came before a
    failure comes before that failure. Raises what `read` raises."""
    pieces: list[bytes] = []
    size = 0
    task = spawn(_outcome(read), name="upstream body")
    try:
        while True:
            done, _ = await asyncio.wait((task,), timeout=_CLOSE if pieces else None)
            outcome = task.result() if done else None
            if isinstance(outcome, bytes) and outcome:
                pieces.append(outcome)
                size += len(outcome)
                task = spawn(_outcome(read), name="upstream body")
                if size < _MOST:
                    continue
            if pieces:
                yield b"".join(pieces)
                pieces, size = [], 0
            if isinstance(outcome, HatchwayError):
                raise outcome
            if outcome == b"":
                return
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def _outcome(read: Callable[[], Awaitable[bytes]]) -> bytes | HatchwayError:
    try:
        return await read()
    except HatchwayError as error:
        return error
