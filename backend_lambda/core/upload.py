"""Streams a request body to the agent as `data` messages, as fast as the agent grants credit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import TypeVar

from backend_lambda.core.model import BodyReader, VisitorGone
from backend_lambda.core.ports import ConnectionGone, Push
from backend_lambda.protocol.flow import Credit
from backend_lambda.protocol.messages import Cancel, Data, End

T = TypeVar("T")


class BodyTooLarge(Exception):
    """More bytes came than the front door takes."""


class Upload:
    """One running upload; it owns its task.

    last_progress: loop time of the last piece that went out, so that a deadline counts from there
    too_large: more bytes came than allowed; the upload has stopped and the agent was told to cancel
    """

    def __init__(
        self, push: Push, connection_id: str, request_id: str, body: BodyReader, credit: Credit,
        chunk: int, most: int | None,
    ) -> None:  # fmt: skip
        self._push = push
        self._connection_id = connection_id
        self._id = request_id
        self._body = body
        self._credit = credit
        self._chunk = chunk
        self._most = most
        self._watch: asyncio.Timeout | None = None
        self._loop = asyncio.get_running_loop()
        self.last_progress = self._loop.time()
        self.too_large = False
        self._task = self._loop.create_task(self._run(), name=f"upload {request_id}")

    async def stop(self) -> None:
        """Stop reading the visitor's body; fine when done already."""
        self._task.cancel()
        # Not `await self._task`: that could not tell this cancellation from one of the caller.
        await asyncio.wait((self._task,))
        if not self._task.cancelled():
            self._task.result()

    async def watch(self, waiting: Awaitable[T]) -> T:
        """Await the agent's next frame; a cancelled agent sends none, so raises BodyTooLarge when that happens."""
        try:
            async with asyncio.timeout(0 if self.too_large else None) as self._watch:
                return await waiting
        except TimeoutError:
            if self.too_large:
                raise BodyTooLarge from None
            raise

    async def _run(self) -> None:
        seq = total = 0
        try:
            while piece := await self._body.read():
                total += len(piece)
                if self._most is not None and total > self._most:
                    await self._refuse()
                    return
                for start in range(0, len(piece), self._chunk):
                    part = piece[start : start + self._chunk]
                    await self._credit.take(len(part))
                    await self._push.send(self._connection_id, Data(self._id, seq, part))
                    seq += 1
                    self.last_progress = self._loop.time()
            await self._push.send(self._connection_id, End(self._id, seq))
        except (VisitorGone, ConnectionGone):
            # Whoever waits for the answer notices by itself; there is nothing left to send here.
            return

    async def _refuse(self) -> None:
        self.too_large = True
        if self._watch is not None:
            with contextlib.suppress(RuntimeError):  # it is not waiting at the moment
                self._watch.reschedule(self._loop.time())
        await self._push.send(self._connection_id, Cancel(self._id, "body too large"))
