"""One visitor's request from the front door to the agent and its answer back (DESIGN section 2)."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from backend_lambda.core.answer import Answer, NoAnswer
from backend_lambda.core.background import detach
from backend_lambda.core.destination import Destination, Refused, Router
from backend_lambda.core.front_door import FrontDoor
from backend_lambda.core.model import BodyReader, PublicRequest, PublicResponse, VisitorGone
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import ConnectionGone, Ports, Throttled
from backend_lambda.core.request_message import make_request
from backend_lambda.core.rewriting import PageMemory
from backend_lambda.core.upload import Upload
from backend_lambda.protocol.messages import Request
from backend_lambda.rewrite.policy import plan_response


class Forwarder:
    """Forwards requests; one instance serves everything."""

    def __init__(self, ports: Ports, door: FrontDoor) -> None:
        self._ports = ports
        self._door = door
        self._pages = PageMemory()
        self._router = Router(ports, door, self._pages)
        # By tunnel, as long as anybody waits or uploads.
        self._upload_slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def handle(self, request: PublicRequest) -> PublicResponse:
        """Answer the request; failures become pages. Cancelling the caller cancels the upstream request."""
        try:
            destination = await self.find(request)
            self._check_size(request)
            return await self._exchange(request, destination)
        except Refused as refused:
            return refused.response
        except Throttled:
            return failure_response("throttled", request.headers)
        except VisitorGone:
            return failure_response("bad_request", request.headers)

    async def find(self, request: PublicRequest, *, fresh: bool = False) -> Destination:
        """As `Router.find`. Raises Refused."""
        return await self._router.find(request, fresh=fresh)

    def _check_size(self, request: PublicRequest) -> None:
        most = self._door.max_body
        if most is not None and request.body is not None and (request.body.length or 0) > most:
            raise Refused(failure_response("body_too_large", request.headers))

    async def _exchange(self, request: PublicRequest, to: Destination) -> PublicResponse:
        inline, rest = await self._first_bytes(request.body)
        try:
            return await self._attempt(request, to, inline, rest)
        except ConnectionGone:
            # The look-up may have been older than the last reconnect: read again and try once more. Nothing
            # reached the agent, so nothing happens twice; a body that is streamed may have been read already.
            again = await self.find(request, fresh=True)
            if rest is not None or again.connection_id == to.connection_id:
                return failure_response("agent_gone", request.headers)
            try:
                return await self._attempt(request, again, inline, None)
            except ConnectionGone:
                return failure_response("agent_gone", request.headers)

    async def _first_bytes(self, body: BodyReader | None) -> tuple[bytes, BodyReader | None]:
        """(complete body, None), or (b"", reader) for a body that has to be streamed."""
        if body is None:
            return b"", None
        if body.length is None or body.length > self._door.limits.inline:
            return b"", body
        pieces = []
        while piece := await body.read():
            pieces.append(piece)
        return b"".join(pieces), None

    async def _attempt(
        self, request: PublicRequest, to: Destination, inline: bytes, rest: BodyReader | None
    ) -> PublicResponse:
        request_id = secrets.token_hex(8)
        limits, push = self._door.limits, self._ports.push
        reply = self._ports.replies.expect(to.connection_id, request_id)
        answer = Answer(push, to.connection_id, request_id, reply, limits)
        # Left to the body of the answer once the head is out; until then this function must clean up.
        async with contextlib.AsyncExitStack() as cleanup:
            await cleanup.enter_async_context(reply)
            message = make_request(request_id, request, to, limits, body=inline, end=rest is None)
            try:
                if rest is not None:
                    await cleanup.enter_async_context(self._upload_slot(to.record.name))
                await self._push(to.connection_id, message)
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
            if head.end:
                body = plan.whole(head.body)
                self._pages.learn(to.record, plan)
                answer.report(plan)
                return PublicResponse(plan.status, plan.headers, body)
            running = answer.body(plan, head.body, cleanup.pop_all())
            # A generator that never started ignores `aclose()`; from here on it cleans up, whatever happens.
            await anext(running)
            self._pages.learn(to.record, plan)
            return PublicResponse(plan.status, plan.headers, running)

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
