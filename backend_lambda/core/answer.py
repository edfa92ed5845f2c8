"""The agent's answer to one request, on its way through the rewriter to the visitor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from itertools import chain, repeat
from typing import Final

from backend_lambda.core.background import detach
from backend_lambda.core.blob_bodies import BlobBodies
from backend_lambda.core.model import ResponseCut
from backend_lambda.core.ports import ConnectionGone, Push, Reply, Throttled
from backend_lambda.core.reply import Frame
from backend_lambda.core.report_message import report_of
from backend_lambda.core.upload import BodyTooLarge, Upload
from backend_lambda.protocol.errors import EXCHANGE_CODES, ProtocolError
from backend_lambda.protocol.flow import Refund
from backend_lambda.protocol.limits import Limits
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Response, Window
from backend_lambda.rewrite.codings import BrokenCoding
from backend_lambda.rewrite.policy import ResponsePlan


class NoAnswer(Exception):
    """No head came. cancel: whether the agent still works on it and must be told to stop."""

    def __init__(self, code: str, *, cancel: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.cancel = cancel


# Seconds of silence after which the agent is asked again, where replies may be lost (the last one holds on).
_SILENCE: Final = (2.0, 4.0, 5.0)


class Answer:
    """One answer that the agent was asked for. upload: the request's body, where it is streamed. ask_again: sends the
    same request once more, where a reply may get lost without anybody being told; the agent does nothing twice. blobs:
    where the agent may put pieces of the body, if it may"""

    def __init__(self, push: Push, connection_id: str, request_id: str, reply: Reply, limits: Limits) -> None:
        self._push = push
        self._connection_id = connection_id
        self._id = request_id
        self._reply = reply
        self._limits = limits
        self._refund = Refund(limits.window or limits.stream)
        self._is_over = False  # the agent does nothing for it any more
        self.upload: Upload | None = None
        self.ask_again: Callable[[], Awaitable[None]] | None = None
        self.blobs: BlobBodies | None = None
        self._parts = 0  # pieces that came by the store

    async def head(self) -> Response:
        """The head, perhaps with all of the body. Raises NoAnswer; ConnectionGone if the agent has not taken the
        request, because the tunnel is on another connection by now."""
        upload = self.upload
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            since = started if upload is None else max(started, upload.last_progress)
            left = since + self._limits.deadline / 1000 - loop.time()
            try:
                frame = await self._first(max(left, 0.001))
            except BodyTooLarge:
                raise NoAnswer("body_too_large", cancel=False) from None
            except ConnectionGone:
                raise NoAnswer("agent_gone", cancel=False) from None
            except TimeoutError:
                if upload is not None and upload.last_progress > since:
                    continue
                raise NoAnswer("deadline") from None
            except ProtocolError:
                raise NoAnswer("agent_protocol") from None
            if isinstance(frame, Response):
                if not 200 <= frame.status <= 599:  # nobody asked for an upgrade, and there is no class 6
                    raise NoAnswer("upstream_invalid", cancel=not frame.end)
                return frame
            if isinstance(frame, Error):
                if frame.code == "agent_moved":
                    raise ConnectionGone(self._connection_id)
                raise NoAnswer(exchange_code(frame), cancel=False)
            raise NoAnswer("agent_protocol")

    async def _first(self, seconds: float) -> Frame:
        if self.ask_again is None:
            return await self._next(seconds)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        for silence in chain(_SILENCE, repeat(_SILENCE[-1])):
            left = end - loop.time()
            if left <= silence:
                break
            try:
                return await self._next(silence)
            except TimeoutError:
                with contextlib.suppress(ConnectionGone, Throttled):
                    await self.ask_again()
        return await self._next(max(end - loop.time(), 0.001))

    async def body(
        self, plan: ResponsePlan, first: bytes, cleanup: contextlib.AsyncExitStack
    ) -> AsyncGenerator[bytes, None]:
        """The body as the visitor gets it. The first piece is empty and comes when the plan's head is decided.

        cleanup: closed at the end. Raises ResponseCut.
        """
        async with cleanup:
            try:
                early = list(plan.feed(first)) if first else []
                async with contextlib.aclosing(self._fed(plan)) as fed:
                    while not plan.is_decided:
                        early += await anext(fed)
                    yield b""
                    for out in early:
                        yield out
                    async for pieces in fed:
                        for out in pieces:
                            yield out
                self.report(plan)
            except BrokenCoding as error:
                raise ResponseCut("upstream_invalid") from error
            finally:
                if not self._is_over:
                    await self.cancel()

    def report(self, plan: ResponsePlan) -> None:
        """Tell the agent what was rewritten, if there is something to tell; the visitor does not wait for it."""
        report = report_of(self._id, plan)
        if report is not None:
            detach(self._push.send(self._connection_id, report), f"report {self._id}")

    async def cancel(self) -> None:
        """Nobody waits any more."""
        with contextlib.suppress(ConnectionGone, Throttled):
            await self._push.send(self._connection_id, Cancel(self._id, "the visitor went away"))

    async def _fed(self, plan: ResponsePlan) -> AsyncGenerator[Iterable[bytes], None]:
        """What the frames of the body become, one after the other. Raises ResponseCut, BrokenCoding."""
        while True:
            frame = await self._frame()
            if frame is None:
                yield plan.close()
                return
            if frame.blob is None:
                yield plan.feed(frame.body)
                await self._grant(len(frame.body))  # now that the visitor has taken it
                continue
            if self.blobs is None:
                raise ResponseCut("agent_protocol")
            number, self._parts = self._parts, self._parts + 1
            # The next one may be on its way while this one goes out; the one after that must wait.
            await self._send_window(0, self.blobs.part_url(self._id, number + 1))
            async with contextlib.aclosing(self.blobs.part(self._id, number, frame.blob)) as stored:
                async for piece in stored:
                    yield plan.feed(piece)

    async def _frame(self) -> Data | None:
        """The next piece, None at the end. Raises ResponseCut."""
        try:
            frame = await self._next(None)
        except BodyTooLarge:
            self._is_over = True  # the upload has cancelled it
            raise ResponseCut("body_too_large") from None
        except ConnectionGone:
            self._is_over = True  # there is nobody left to cancel
            raise ResponseCut("agent_gone") from None
        except ProtocolError as error:
            raise ResponseCut("agent_protocol") from error
        if isinstance(frame, Data):
            return frame
        self._is_over = True
        if isinstance(frame, Error):
            raise ResponseCut(exchange_code(frame))
        return None

    async def _grant(self, size: int) -> None:
        if due := self._refund.consumed(size):
            await self._send_window(due)

    async def _send_window(self, size: int, reply_url: str = "") -> None:
        try:
            await self._push.send(self._connection_id, Window(self._id, size, reply_url))
        except ConnectionGone:
            return  # the next frame will tell
        except Throttled:
            raise ResponseCut("throttled") from None  # the agent would wait for it for ever

    async def _next(self, timeout: float | None) -> Response | Data | End | Error:
        waiting = self._reply.next(timeout)
        return await (waiting if self.upload is None else self.upload.watch(waiting))


def exchange_code(error: Error) -> str:
    """Why the agent gave up, as a key of FAILURES; agents of later versions may know more reasons."""
    return error.code if error.code in EXCHANGE_CODES else "agent_protocol"
