"""One visitor's request from the front door to the agent and its answer back (DESIGN section 2)."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from weakref import WeakValueDictionary

from backend_lambda.core.background import detach
from backend_lambda.core.model import BodyReader, PublicRequest, PublicResponse, ResponseCut, VisitorGone
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import ConnectionGone, Ports, Reply, Throttled, TunnelRecord
from backend_lambda.core.routing import MissingSlash, Route, route
from backend_lambda.core.upload import BodyTooLarge, Upload
from backend_lambda.protocol.errors import EXCHANGE_CODES, ProtocolError
from backend_lambda.protocol.flow import Refund
from backend_lambda.protocol.heads import is_method, is_sendable, is_target
from backend_lambda.protocol.limits import MAX_HEAD, MAX_TARGET, Limits
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Kind, Request, Response, Visitor, Window
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.policy import ResponsePlan, plan_response
from backend_lambda.rewrite.request_headers import map_request_headers


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """What the forwarder must know of the place it runs in.

    host_bases: hosts whose sub-domains name tunnels, e.g. ("localhost",)
    max_body: bytes of a request body, None for no limit
    max_uploads: streamed request bodies at a time and tunnel; each may fill a window in the agent's memory
    """

    limits: Limits
    host_bases: tuple[str, ...] = ("localhost",)
    max_body: int | None = None
    max_uploads: int = 100


@dataclass(frozen=True, slots=True)
class Destination:
    """A routed request: its tunnel is known and its agent is connected."""

    route: Route
    record: TunnelRecord
    connection_id: str
    context: RewriteContext


class Refused(Exception):
    """The request ends here, with this answer."""

    def __init__(self, response: PublicResponse) -> None:
        super().__init__(response.status)
        self.response = response


class Forwarder:
    """Forwards requests; one instance serves everything."""

    def __init__(self, ports: Ports, door: FrontDoor) -> None:
        self._ports = ports
        self._door = door
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
        """The tunnel and agent for this request. Raises Refused (redirect, 404, 503)."""
        found = route(request.target, request.host, self._door.host_bases)
        record = await self._ports.tunnels.look_up(found.tunnel, fresh=fresh) if found is not None else None
        if found is None or record is None:
            raise Refused(failure_response("unknown_tunnel", request.headers))
        if isinstance(found, MissingSlash):
            raise Refused(PublicResponse(308, [("Location", found.location), ("Content-Length", "0")]))
        if record.connection_id is None:
            raise Refused(failure_response("agent_offline", request.headers))
        options = record.options
        context = RewriteContext(
            tunnel=record.name,
            prefix=found.prefix,
            public_origin=f"{request.scheme}://{request.host}",
            upstream_origin=options.upstream,
            host_header=options.host_header,
            forwarded=options.forwarded,
            visitor_address=request.client,
        )
        return Destination(found, record, record.connection_id, context)

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
        limits = self._door.limits
        reply = self._ports.replies.expect(to.connection_id, request_id)
        upload: Upload | None = None
        # Left to the body of the answer once the head is out; until then this function must clean up.
        async with contextlib.AsyncExitStack() as cleanup:
            await cleanup.enter_async_context(reply)
            message = make_request(request_id, request, to, limits, body=inline, end=rest is None)
            try:
                if rest is not None:
                    await cleanup.enter_async_context(self._upload_slot(to.record.name))
                await self._push(to.connection_id, message)
                if rest is not None:
                    upload = Upload(
                        self._ports.push, to.connection_id, request_id, rest, reply.credit,
                        limits.chunk, self._door.max_body,
                    )  # fmt: skip
                    cleanup.push_async_callback(upload.stop)
                head = await self._head(reply, upload)
            except _Failed as failed:
                if failed.cancel:
                    detach(self._cancel(to.connection_id, request_id), f"cancel {request_id}")
                return failure_response(failed.code, request.headers)
            except asyncio.CancelledError:
                await self._cancel(to.connection_id, request_id)
                raise
            path = to.route.target.partition("?")[0]
            plan = plan_response(head.status, head.headers, to.context, method=request.method, request_path=path)
            if head.end:
                body = plan.feed(head.body) + plan.close()
                return PublicResponse(plan.status, plan.headers, body)
            running = self._body(to.connection_id, request_id, reply, upload, plan, head.body, cleanup.pop_all())
            # A generator that never started ignores `aclose()`; from here on it cleans up, whatever happens.
            await anext(running)
            return PublicResponse(plan.status, plan.headers, running)

    async def _head(self, reply: Reply, upload: Upload | None) -> Response:
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            since = started if upload is None else max(started, upload.last_progress)
            left = since + self._door.limits.deadline / 1000 - loop.time()
            try:
                frame = await _next(reply, upload, max(left, 0.001))
            except BodyTooLarge:
                raise _Failed("body_too_large", cancel=False) from None
            except ConnectionGone:
                raise _Failed("agent_gone", cancel=False) from None
            except TimeoutError:
                if upload is not None and upload.last_progress > since:
                    continue
                raise _Failed("deadline") from None
            except ProtocolError:
                raise _Failed("agent_protocol") from None
            if isinstance(frame, Response):
                if not 200 <= frame.status <= 599:  # nobody asked for an upgrade, and there is no class 6
                    raise _Failed("upstream_invalid", cancel=not frame.end)
                return frame
            if isinstance(frame, Error):
                raise _Failed(exchange_code(frame), cancel=False)
            raise _Failed("agent_protocol")

    async def _body(
        self, connection_id: str, request_id: str, reply: Reply, upload: Upload | None, plan: ResponsePlan,
        first: bytes, cleanup: contextlib.AsyncExitStack,
    ) -> AsyncGenerator[bytes, None]:  # fmt: skip
        refund = Refund(self._door.limits.window)
        complete = False
        async with cleanup:
            try:
                yield b""
                if out := plan.feed(first):
                    yield out
                while True:
                    try:
                        frame = await _next(reply, upload, None)
                    except BodyTooLarge:
                        complete = True  # the upload has cancelled it
                        raise ResponseCut("body_too_large") from None
                    except ConnectionGone:
                        complete = True  # there is nobody left to cancel
                        raise ResponseCut("agent_gone") from None
                    except ProtocolError as error:
                        raise ResponseCut("agent_protocol") from error
                    if isinstance(frame, Data):
                        if out := plan.feed(frame.body):
                            yield out
                        if due := refund.consumed(len(frame.body)):
                            with contextlib.suppress(ConnectionGone):  # the next frame will tell
                                await self._ports.push.send(connection_id, Window(request_id, due))
                    elif isinstance(frame, Error):
                        complete = True
                        raise ResponseCut(exchange_code(frame))
                    else:
                        complete = True
                        break
                if out := plan.close():
                    yield out
            finally:
                if not complete:
                    await self._cancel(connection_id, request_id)

    @contextlib.asynccontextmanager
    async def _upload_slot(self, tunnel: str) -> AsyncIterator[None]:
        slots = self._upload_slots.get(tunnel)
        if slots is None:
            slots = self._upload_slots[tunnel] = asyncio.Semaphore(self._door.max_uploads)
        try:
            async with asyncio.timeout(self._door.limits.deadline / 1000):
                await slots.acquire()
        except TimeoutError:
            raise _Failed("throttled", cancel=False) from None
        try:
            yield
        finally:
            slots.release()

    async def _push(self, connection_id: str, message: Request) -> None:
        try:
            async with asyncio.timeout(self._door.limits.deadline / 1000):
                await self._ports.push.send(connection_id, message)
        except TimeoutError:
            raise _Failed("deadline") from None

    async def _cancel(self, connection_id: str, request_id: str) -> None:
        with contextlib.suppress(ConnectionGone):
            await self._ports.push.send(connection_id, Cancel(request_id, "the visitor went away"))


def make_request(
    request_id: str, request: PublicRequest, to: Destination, limits: Limits,
    *, kind: Kind = "http", body: bytes = b"", end: bool = True,
) -> Request:  # fmt: skip
    """The `request` message. Raises Refused (400, 431) for what the agent's decoder would not take: one visitor
    must not be able to end a connection that all visitors of the tunnel share."""
    headers = map_request_headers(request.headers, to.context, websocket=kind == "websocket")
    url = f"{request.scheme}://{request.host}{request.target}"
    if not is_sendable(headers) or len(request.target) > MAX_TARGET or len(url) > MAX_HEAD:
        raise Refused(failure_response("head_too_large", request.headers))
    if not is_method(request.method) or not is_target(to.route.target):
        raise Refused(failure_response("bad_request", request.headers))
    visitor = Visitor(request.client, url)
    return Request(request_id, request.method, to.route.target, headers, body, end, kind, visitor, limits.deadline)


def exchange_code(error: Error) -> str:
    """Why the agent gave up, as a key of FAILURES; agents of later versions may know more reasons."""
    return error.code if error.code in EXCHANGE_CODES else "agent_protocol"


async def _next(reply: Reply, upload: Upload | None, timeout: float | None) -> Response | Data | End | Error:
    waiting = reply.next(timeout)
    return await (waiting if upload is None else upload.watch(waiting))


class _Failed(Exception):
    """No head came. cancel: whether the agent still works on it and must be told to stop."""

    def __init__(self, code: str, *, cancel: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.cancel = cancel
