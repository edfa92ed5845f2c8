"""The streamed body of a request as it arrives in `data` messages, paced by credit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from backend_lambda.protocol.flow import Refund
from backend_lambda.protocol.messages import Data, End
from backend_lambda.protocol.sequence import Sequencer


class BodyGone(Exception):
    """The rest of the body will not come (the visitor or the relay went away)."""


class IncomingBody:
    """An async iterator over frames; `push` what arrives. Raises ProtocolError if the frames make no sense."""

    def __init__(self, window: int | None, grant: Callable[[int], Awaitable[None]]) -> None:
        self._sequencer = Sequencer()
        self._frames: deque[Data | End] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._gone = False
        self._refund = Refund(window)
        self._grant = grant

    def push(self, message: Data | End) -> None:
        """A frame arrived."""
        self._frames.extend(self._sequencer.accept(message))
        self._wake()

    def fail(self) -> None:
        """No more frames will come."""
        self._gone = True
        self._wake()

    async def next(self) -> Data | End:
        """The next frame in order. Raises BodyGone."""
        while not self._frames:
            if self._gone:
                raise BodyGone
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        frame = self._frames.popleft()
        if isinstance(frame, Data) and (due := self._refund.consumed(len(frame.body))):
            await self._grant(due)
        return frame

    def __aiter__(self) -> IncomingBody:
        return self

    async def __anext__(self) -> bytes:
        frame = await self.next()
        if isinstance(frame, End):
            raise StopAsyncIteration
        return frame.body

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
