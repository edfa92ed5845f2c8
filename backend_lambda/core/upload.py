"""Streams a request body to the agent as `data` messages, as fast as the agent grants credit."""

from __future__ import annotations

import asyncio
import contextlib

from backend_lambda.protocol.flow import Credit
from backend_lambda.core.model import BodyReader, VisitorGone
from backend_lambda.core.ports import ConnectionGone, Push
from backend_lambda.protocol.messages import Cancel, Data, End


class Upload:
    """One running upload; it owns its task.

    last_progress: loop time of the last piece that went out, so that a deadline counts from there
    too_large: more bytes came than allowed; the upload has stopped and the agent was told to cancel
    """

    def __init__(
        self, push: Push, connection_id: str, request_id: str, body: BodyReader, credit: Credit, chunk: int, most: int | None
    ) -> None:  # fmt: skip
        self._push = push
        self._connection_id = connection_id
        self._id = request_id
        self._body = body
        self._credit = credit
        self._chunk = chunk
        self._most = most
        self._loop = asyncio.get_running_loop()
        self.last_progress = self._loop.time()
        self.too_large = False
        self._task = self._loop.create_task(self._run(), name=f"upload {request_id}")

    async def stop(self) -> None:
        """Stop reading the visitor's body; fine when done already."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    @property
    def running(self) -> bool:
        return not self._task.done()

    async def _run(self) -> None:
        seq = total = 0
        try:
            while piece := await self._body.read():
                total += len(piece)
                if self._most is not None and total > self._most:
                    self.too_large = True
                    await self._push.send(self._connection_id, Cancel(self._id, "body too large"))
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
