"""One visitor's request from the front door to the agent and its answer back (DESIGN section 2)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakValueDictionary

from backend_lambda.core.answer import Answer, NoAnswer
from backend_lambda.core.background import detach
from backend_lambda.core.blob_bodies import BlobBodies
from backend_lambda.core.destination import Destination, Refused, Router
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import BodyReader, PublicRequest, PublicResponse, ResponseCut, VisitorGone
from backend_lambda.core.page_uploads import answer_upload, uploaded
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import BlobFailed, ConnectionGone, Ports, Throttled
from backend_lambda.core.request_message import make_request
from backend_lambda.core.rewriting import PageMemory
from backend_lambda.core.socket_tickets import answer_ticket
from backend_lambda.core.upload import Upload
from backend_lambda.protocol.messages import Blob, Request
from backend_lambda.rewrite.policy import ResponsePlan, plan_response

# Seconds between attempts where a gateway may refuse a connection for a moment, or tells late of a new one.
_RECONNECTING: Final = (0.1, 0.2, 0.4)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Body:
    """Of a request: all of it, or a reader of what has to be streamed, or where it lies now."""

    inline: bytes = b""
    rest: BodyReader | None = None
    blob: Blob | None = None


class Forwarder:
    """Forwards requests; one instance serves everything."""

    def __init__(self, ports: Ports, door: FrontDoor) -> None:
        self._ports = ports
        self._door = door
        self._pages = PageMemory()
        self._blobs: BlobBodies | None = None
        if ports.blobs is not None and ports.links is not None:
            self._blobs = BlobBodies(ports.blobs, ports.links)
        self._router = Router(ports, door, self._pages)
        # By tunnel, as long as anybody waits or uploads.
        self._upload_slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def handle(self, request: PublicRequest) -> PublicResponse:
        """Answer the request; failures become pages. Cancelling the caller cancels the upstream request."""
        try:
            tickets = self._ports.tickets
            if tickets is not None and (answer := await answer_ticket(request, tickets, self.find)) is not None:
                return answer
            if self._blobs is not None and (answer := await answer_upload(request, self._blobs, self.find)) is not None:
                return answer
            destination = await self.find(request)
            self._check_size(request)
            return await self._exchange(request, destination)
        except Refused as refused:
            return refused.response
        except Throttled:
            return failure_response("throttled", request.headers)
        except VisitorGone:
            return failure_response("bad_request", request.headers)
        except BlobFailed as failed:
            _log.error("blob not stored: %s", failed)
            return failure_response("blob_failed", request.headers)

    async def find(self, request: PublicRequest, *, fresh: bool = False) -> Destination:
        """As `Router.find`. Raises Refused."""
        return await self._router.find(request, fresh=fresh)

    def _check_size(self, request: PublicRequest) -> None:
        most = self._door.max_body
        if most is not None and request.body is not None and (request.body.length or 0) > most:
            raise Refused(failure_response("body_too_large", request.headers))

    async def _exchange(self, request: PublicRequest, to: Destination) -> PublicResponse:
        body = await self._body(request.body, to)
        if self._blobs is not None and to.record.options.blobs and body.inline:
            upload = uploaded(request, body.inline, self._blobs)
            if upload is not None:
                request, body = replace(request, headers=upload.headers), _Body(blob=upload.blob)
        for pause in _RECONNECTING if self._door.limits.slots else (None,):
            with contextlib.suppress(ConnectionGone):
                return await self._attempt(request, to, body)
            # The look-up may have been older than the last reconnect: read again and try again. Nothing reached the
            # agent, so nothing happens twice; a body that is streamed may have been read already.
            before, to = to, await self.find(request, fresh=True)
            lost = body.rest is not None or (body.blob is not None and not to.record.options.blobs)
            is_same = to.connection_id == before.connection_id
            if lost or (is_same and pause is None):
                return failure_response("agent_gone", request.headers)
            if is_same and pause is not None:
                await asyncio.sleep(pause)
        try:
            return await self._attempt(request, to, body)
        except ConnectionGone:
            return failure_response("agent_gone", request.headers)

    async def _body(self, body: BodyReader | None, to: Destination) -> _Body:
        """Read it, or not yet, or store it. Raises BlobFailed."""
        if body is None:
            return _Body()
        limits = self._door.limits
        if body.length is None or body.length > limits.inline:
            # As messages, what is larger than one of them costs more than the store.
            if self._blobs is not None and to.record.options.blobs and (body.length or 0) > limits.chunk:
                return _Body(blob=await self._blobs.keep(body))
            return _Body(rest=body)
        pieces = []
        while piece := await body.read():
            pieces.append(piece)
        return _Body(b"".join(pieces))

    async def _attempt(self, request: PublicRequest, to: Destination, body: _Body) -> PublicResponse:
        rest, blobs = body.rest, self._blobs if to.record.options.blobs else None
        request_id = secrets.token_hex(8)
        limits, push = self._door.limits, self._ports.push
        reply = self._ports.replies.expect(to.connection_id, request_id)
        answer = Answer(push, to.connection_id, request_id, reply, limits)
        # Left to the body of the answer once the head is out; until then this function must clean up.
        async with contextlib.AsyncExitStack() as cleanup:
            await cleanup.enter_async_context(reply)
            message = make_request(
                request_id, request, to, limits, body=body.inline, end=rest is None, blob=body.blob,
                reply_url="" if blobs is None else blobs.reply_url(request_id), longest_part=self._door.longest_part,
            )  # fmt: skip
            try:
                if rest is not None:
                    await cleanup.enter_async_context(self._upload_slot(to.record.name))
                await self._push(to.connection_id, message)
                if limits.slots:  # the gateway writes replies into the table, or does not
                    answer.ask_again = lambda: push.send(to.connection_id, message)
                answer.blobs = blobs
                if rest is not None:
                    answer.upload = Upload(
                        push, to.connection_id, request_id, rest, reply.credit, limits.chunk, self._door.max_body
                    )
                    cleanup.push_async_callback(answer.upload.stop)
                head = await answer.head()
            except NoAnswer as failed:
                if failed.cancel:
                    detach(answer.cancel(), f"cancel {request_id}")
                return failure_response(failed.code, request.headers)
            except asyncio.CancelledError:
                await answer.cancel()
                raise
            plan = plan_response(head.status, head.headers, to.context, to.facts, to.layers)
            if head.blob is not None:
                return await self._from_store(request, to, blobs, request_id, head.blob, plan, answer)
            if head.end:
                whole = plan.whole(head.body)
                self._pages.learn(to.record, plan)
                answer.report(plan)
                return PublicResponse(plan.status, plan.headers, whole)
            running = answer.body(plan, head.body, cleanup.pop_all())
            # A generator that never started ignores `aclose()`; from here on it cleans up, whatever happens.
            await anext(running)
            self._pages.learn(to.record, plan)
            return PublicResponse(plan.status, plan.headers, running)

    async def _from_store(
        self, request: PublicRequest, to: Destination, blobs: BlobBodies | None, request_id: str, blob: Blob,
        plan: ResponsePlan, answer: Answer,
    ) -> PublicResponse:  # fmt: skip
        """The answer whose body the agent has put into the store."""
        if blobs is None:  # nobody asked for it
            return failure_response("agent_protocol", request.headers)
        running = blobs.body(request_id, blob, plan, lambda: answer.report(plan))
        try:
            await anext(running)
        except ResponseCut as cut:
            return failure_response(cut.code, request.headers)
        self._pages.learn(to.record, plan)
        elsewhere = None if plan.kind is not None else blobs.elsewhere(request_id, blob)
        return PublicResponse(plan.status, plan.headers, running, elsewhere)

    @contextlib.asynccontextmanager
    async def _upload_slot(self, tunnel: str) -> AsyncIterator[None]:
        slots = self._upload_slots.get(tunnel)
        if slots is None:
            slots = self._upload_slots[tunnel] = asyncio.Semaphore(self._door.max_uploads)
        try:
            async with asyncio.timeout(self._door.limits.deadline / 1000):
                await slots.acquire()
        except TimeoutError:
            raise NoAnswer("throttled", cancel=False) from None
        try:
            yield
        finally:
            slots.release()

    async def _push(self, connection_id: str, message: Request) -> None:
        try:
            async with asyncio.timeout(self._door.limits.deadline / 1000):
                await self._ports.push.send(connection_id, message)
        except TimeoutError:
            raise NoAnswer("deadline") from None
