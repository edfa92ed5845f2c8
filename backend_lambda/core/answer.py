"""The agent's answer to one request, on its way through the rewriter to the visitor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable

from backend_lambda.core.background import detach
from backend_lambda.core.model import ResponseCut
from backend_lambda.core.ports import ConnectionGone, Push, Reply
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


class Answer:
    """One answer that the agent was asked for. upload: the request's body, where it is streamed."""

    def __init__(self, push: Push, connection_id: str, request_id: str, reply: Reply, limits: Limits) -> None:
        self._push = push
        self._connection_id = connection_id
        self._id = request_id
        self._reply = reply
        self._limits = limits
        self._refund = Refund(limits.window)
        self._is_over = False  # the agent does nothing for it any more
        self.upload: Upload | None = None

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
                frame = await self._next(max(left, 0.001))
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

    async def body(
        self, plan: ResponsePlan, first: bytes, cleanup: contextlib.AsyncExitStack
    ) -> AsyncGenerator[bytes, None]:
        """The body as the visitor gets it. The first piece is empty and comes when the plan's head is decided.

        cleanup: closed at the end. Raises ResponseCut.
        """
        async with cleanup:
            try:
                early = list(plan.feed(first)) if first else []
                while not plan.is_decided:
                    pieces, size = await self._more(plan)
                    early += pieces
                    await self._grant(size)
                yield b""
                for out in early:
                    yield out
                while not self._is_over:
                    pieces, size = await self._more(plan)
                    for out in pieces:
                        yield out
                    await self._grant(size)  # now that the visitor has taken it
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
        with contextlib.suppress(ConnectionGone):
            await self._push.send(self._connection_id, Cancel(self._id, "the visitor went away"))

    async def _more(self, plan: ResponsePlan) -> tuple[Iterable[bytes], int]:
        """(what the next frame of the body becomes, its size as it came). Raises ResponseCut, BrokenCoding."""
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
            return plan.feed(frame.body), len(frame.body)
        self._is_over = True
        if isinstance(frame, Error):
            raise ResponseCut(exchange_code(frame))
        return plan.close(), 0

    async def _grant(self, size: int) -> None:
        if due := self._refund.consumed(size):
            with contextlib.suppress(ConnectionGone):  # the next frame will tell
                await self._push.send(self._connection_id, Window(self._id, due))

    async def _next(self, timeout: float | None) -> Response | Data | End | Error:
        waiting = self._reply.next(timeout)
        return await (waiting if self.upload is None else self.upload.watch(waiting))


def exchange_code(error: Error) -> str:
    """Why the agent gave up, as a key of FAILURES; agents of later versions may know more reasons."""
    return error.code if error.code in EXCHANGE_CODES else "agent_protocol"
