"""A visitor's answer passed on as it comes, by a Function URL that streams."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final, Protocol

from backend_lambda.adapters.http_event import BadEvent, request_of
from backend_lambda.adapters.http_result import head_of
from backend_lambda.adapters.metrics import Tally, emit, side_of
from backend_lambda.adapters.polling import PollingReplyBox
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.model import PublicRequest, PublicResponse, ResponseCut, header
from backend_lambda.core.pages import failure_response

MOST_STREAM: Final = 200 * 1024 * 1024 - 64 * 1024
"""Bytes of an answer; Lambda breaks off what is above 200 MB, head included."""
_log = logging.getLogger(__name__)


class Outlet(Protocol):
    """Where an answer goes. Both wait until it is taken, and raise OSError if nobody takes anything any more."""

    def begin(self, head: dict[str, Any]) -> None:
        """Status, headers and cookies as of a result of payload 2.0."""
        ...

    def write(self, piece: bytes) -> None:
        """The next bytes of the body."""
        ...


class VisitorStreams:
    """Serves visitors. forwarder, replies: as of `Service`"""

    def __init__(self, forwarder: Forwarder, replies: PollingReplyBox, deployment: str) -> None:
        self._forwarder = forwarder
        self._replies = replies
        self._deployment = deployment

    async def serve(self, event: dict[str, Any], out: Outlet, until: float) -> None:
        """Answer one event; failures before the head become pages. until: loop time at which the function's time is
        over. Raises ResponseCut if the rest is lost after the head, and what `out` raises."""
        tally = self._replies.tally = Tally()
        counter = _Counter(out)
        size = 0
        side = None
        try:
            request, response = await self._response(event, until)
            if request is not None and request.body is not None:
                size = request.body.length or 0
            side = side_of(response.headers)
            await _send(response, counter, until, bare=request is not None and request.method == "HEAD")
        finally:
            emit(self._deployment, tally, request_bytes=size, response_bytes=counter.sent, side=side)

    async def _response(self, event: dict[str, Any], until: float) -> tuple[PublicRequest | None, PublicResponse]:
        request: PublicRequest | None = None
        limit = asyncio.timeout_at(until)
        try:
            request = request_of(event)
            async with limit:
                response = await self._forwarder.handle(request)
            if int(header(response.headers, "content-length") or 0) <= MOST_STREAM:
                return request, response
            await _discard(response)
            return request, failure_response("answer_too_large", request.headers)
        except BadEvent as error:
            _log.error("%s", error)
            return request, failure_response("bad_request", [])
        except Exception as error:
            headers = [] if request is None else request.headers
            if isinstance(error, TimeoutError) and limit.expired():
                return request, failure_response("deadline", headers)
            _log.exception("request failed")
            return request, failure_response("relay_failure", headers)


class _Counter:
    """sent: bytes of the body that went out"""

    def __init__(self, out: Outlet) -> None:
        self._out = out
        self.begin = out.begin
        self.sent = 0

    def write(self, piece: bytes) -> None:
        self._out.write(piece)
        self.sent += len(piece)


async def _send(response: PublicResponse, out: _Counter, until: float, *, bare: bool) -> None:
    body = response.body
    bare = bare or response.status in (204, 304)
    try:
        out.begin(head_of(response, has_body=not bare and body != b""))
        if bare:
            return
        if isinstance(body, bytes):
            if body:
                out.write(body)
            return
        async with asyncio.timeout_at(until):
            async for piece in body:
                if out.sent + len(piece) > MOST_STREAM:
                    raise ResponseCut("answer_too_large")
                if piece:
                    out.write(piece)
    except TimeoutError:
        # Browsers open an event stream again by themselves, wherever it ends; that is no failure to be counted.
        if not (header(response.headers, "content-type") or "").lower().startswith("text/event-stream"):
            raise ResponseCut("deadline") from None
    finally:
        await _discard(response)


async def _discard(response: PublicResponse) -> None:
    if not isinstance(response.body, bytes):
        await response.body.aclose()
