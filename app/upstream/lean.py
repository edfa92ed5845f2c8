"""The common case, plain HTTP/1.1, without the layers of a general client: httptools on an asyncio protocol.

httpx costs more CPU per request than the rest of the agent together (docs/performance.md), and every request of
every tunnel to a local dev server passes here.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from app.upstream.api import UpstreamError, UpstreamOptions, UpstreamRequest
from app.upstream.failures import translate
from app.upstream.wire import UpstreamConnection
from backend_lambda.protocol.messages import Headers

# Servers commonly close idle connections after 5 s (Node, uvicorn); meeting that moment would lose a request.
_IDLE_SECONDS = 4.0
_MOST_IDLE = 128
_MOST_CONNECTIONS = 1024

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110 section 9.2.2


class LeanResponse:
    """One answer on one connection."""

    __slots__ = ("_client", "_closed", "_connection", "_feeder", "headers", "reason", "status")

    def __init__(self, client: LeanClient, connection: UpstreamConnection, feeder: asyncio.Task[None] | None) -> None:
        self._client = client
        self._connection = connection
        self._feeder = feeder
        self._closed = False
        self.status = connection.status
        self.reason = connection.reason
        self.headers: Headers = connection.headers

    def complete(self) -> bytes | None:
        return self._connection.take_all() if self._connection.finished else None

    async def complete_within(self, seconds: float) -> bytes | None:
        if not self._connection.finished:
            await self._connection.wait_finished(seconds)
        return self.complete()

    async def read(self) -> bytes:
        return await self._connection.read()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        reusable = self._connection.reusable
        feeder = self._feeder
        if feeder is not None and not (feeder.done() and not feeder.cancelled() and feeder.exception() is None):
            # The service answered before it had the whole body: the connection is in no known state.
            feeder.cancel()
            reusable = False
        self._client.give_back(self._connection, reusable=reusable)


class LeanClient:
    """Pool of connections to one http:// upstream."""

    def __init__(self, options: UpstreamOptions) -> None:
        self._options = options
        self._upstream = options.upstream
        self._idle: deque[tuple[float, UpstreamConnection]] = deque()
        self._slots = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._closed = False

    async def send(self, request: UpstreamRequest) -> LeanResponse:
        if self._slots.locked():
            await self._free_slot()
        else:
            await self._slots.acquire()
        try:
            while True:
                reused = self._from_pool()
                connection = reused if reused is not None else await self._connect()
                try:
                    return await self._send_on(connection, request)
                except UpstreamError as error:
                    # A reused connection that dies before it says anything was closed by the service in the
                    # same moment; the request can go again if doing it twice would do no harm.
                    again = reused is not None and connection.silent and isinstance(request.body, bytes)
                    if not (again and request.method in IDEMPOTENT and error.problem.code == "upstream_cut"):
                        raise
        except BaseException:
            self._slots.release()
            raise

    async def _free_slot(self) -> None:
        seconds = self._options.response_timeout
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            detail = f"{_MOST_CONNECTIONS} requests are waiting for it already"
            raise UpstreamError("upstream_timeout", detail, self._upstream) from None

    async def aclose(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop()[1].close()

    def give_back(self, connection: UpstreamConnection, *, reusable: bool) -> None:
        """The answer on this connection is done."""
        self._slots.release()
        if reusable and not self._closed and len(self._idle) < _MOST_IDLE:
            self._idle.append((time.monotonic(), connection))
        else:
            connection.close()

    def _from_pool(self) -> UpstreamConnection | None:
        now = time.monotonic()
        while self._idle and now - self._idle[0][0] > _IDLE_SECONDS:
            self._idle.popleft()[1].close()
        while self._idle:
            connection = self._idle.pop()[1]  # the youngest: it is the least likely to be closed on us
            if connection.alive:
                return connection
        return None

    async def _connect(self) -> UpstreamConnection:
        loop = asyncio.get_running_loop()
        upstream = self._upstream
        try:
            async with asyncio.timeout(self._options.connect_timeout):
                _, connection = await loop.create_connection(
                    lambda: UpstreamConnection(upstream), upstream.host, upstream.port
                )
        except (OSError, UnicodeError) as error:
            raise translate(error, upstream) from error
        return connection

    async def _send_on(self, connection: UpstreamConnection, request: UpstreamRequest) -> LeanResponse:
        feeder: asyncio.Task[None] | None = None
        try:
            body = request.body
            if isinstance(body, bytes):
                connection.start(request.method, request.target, request.headers, body)
            else:
                sized = connection.start(request.method, request.target, request.headers, None)
                feeder = asyncio.get_running_loop().create_task(
                    _feed(connection, body, sized), name="upstream request body"
                )
            if feeder is None:
                connection.start_clock(self._options.response_timeout)
            else:
                feeder.add_done_callback(self._fed(connection))
            await connection.wait_head()
        except BaseException:
            if feeder is not None:
                feeder.cancel()
            connection.close()
            raise
        return LeanResponse(self, connection, feeder)

    def _fed(self, connection: UpstreamConnection) -> Callable[[asyncio.Task[None]], None]:
        """The clock for the answer starts when the service has the whole request."""

        def done(feeder: asyncio.Task[None]) -> None:
            error = None if feeder.cancelled() else feeder.exception()
            if error is not None:
                connection.give_up(error)
            elif not feeder.cancelled():
                connection.start_clock(self._options.response_timeout)

        return done


async def _feed(connection: UpstreamConnection, body: AsyncIterator[bytes], sized: bool) -> None:
    """Send a streamed body; ends quietly when the service closes early, since its answer says more."""
    try:
        async for piece in body:
            if piece:
                await connection.write_body(piece, chunked=not sized)
        connection.end_body(chunked=not sized)
    except ConnectionError:
        return
