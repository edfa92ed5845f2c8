"""The streamed body of a request as it arrives in `data` messages, paced by credit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.flow import Refund
from backend_lambda.protocol.messages import Data, End
from backend_lambda.protocol.sequence import Sequencer


class IncomingBody:
    """An async iterator over the pieces; `push` frames as they arrive. weigh: what a piece takes of the credit"""

    def __init__(
        self,
        window: int | None,
        grant: Callable[[int], Awaitable[None]],
        weigh: Callable[[bytes], int] = len,
    ) -> None:
        self._weigh = weigh
        self._sequencer = Sequencer()
        self._frames: deque[Data | End] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._error: ProtocolError | None = None
        self._waiting = 0
        # A sender may overdraw its credit by less than one piece, and a piece is smaller than a window.
        self._most = None if window is None else 2 * window
        self._refund = Refund(window)
        self._grant = grant

    def push(self, message: Data | End) -> None:
        """A frame arrived. One that makes no sense ends this exchange, not the whole connection."""
        try:
            ready = self._sequencer.accept(message)
            self._waiting += sum([self._weigh(frame.body) for frame in ready if isinstance(frame, Data)])
            if self._most is not None and self._waiting > self._most:
                raise ProtocolError("oversize", "more data than the window allows")
            self._frames.extend(ready)
        except ProtocolError as error:
            self._error = error
        self._wake()

    async def next(self) -> Data | End:
        """The next frame in order. Raises ProtocolError if the frames make no sense."""
        while not self._frames:
            if self._error is not None:
                raise self._error
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        frame = self._frames.popleft()
        if isinstance(frame, Data):
            weight = self._weigh(frame.body)
            self._waiting -= weight
            if due := self._refund.consumed(weight):
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
