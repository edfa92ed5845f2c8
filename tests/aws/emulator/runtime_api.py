"""The Lambda Runtime API of one environment, as awslambdaric and custom runtimes use it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable

from tests.aws.emulator.http_server import HttpServer, Request, Response
from tests.aws.emulator.lambda_environment import FunctionError, Invocation, Streamed

_VERSION = "/2018-06-01/runtime/"
_RESULT_LIMIT = 6_291_556


class RuntimeApi:
    """busy: called with whether an event is in work, right before one is handed out and when the next is asked for."""

    def __init__(self, arn: str, busy: Callable[[bool], None]) -> None:
        self._arn = arn
        self._busy = busy
        self._events: asyncio.Queue[Invocation] = asyncio.Queue()
        self._current: Invocation | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.server = HttpServer(self._handle)

    @property
    def address(self) -> str:
        """For AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self.server.port}"

    def put(self, invocation: Invocation) -> None:
        self._events.put_nowait(invocation)

    def fail(self, error: FunctionError) -> None:
        """The process has ended."""
        if not self.ready.done():
            self.ready.set_exception(error)
        if self._current:
            self._current.fail(error)
        while not self._events.empty():
            self._events.get_nowait().fail(error)

    async def _handle(self, request: Request) -> Response:
        path = request.path.removeprefix(_VERSION)
        if request.method == "GET" and path == "invocation/next":
            return await self._next()
        if request.method == "POST" and path == "init/error":
            if not self.ready.done():
                self.ready.set_exception(_error(await request.read()))
            return _accepted()
        what, _, rest = path.partition("/")
        invocation_id, _, outcome = rest.partition("/")
        current = self._current
        if what != "invocation" or current is None or current.id != invocation_id or current.done.done():
            return _refused(400, "InvalidRequestID", "Invalid request ID")
        if outcome == "error":
            current.fail(_error(await request.read()))
        elif outcome != "response":
            return _refused(404, "NotFound", "no such path")
        elif (request.header("lambda-runtime-function-response-mode") or "").lower() == "streaming":
            await self._stream(current, request)
        else:
            result = await request.read()
            if len(result) > _RESULT_LIMIT:
                current.fail(FunctionError("Function.ResponseSizeTooLarge", f"{len(result)} bytes"))
                return _refused(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size")
            current.succeed(result)
        return _accepted()

    async def _next(self) -> Response:
        if self._current is not None and not self._current.done.done():
            return _refused(403, "InvalidStateTransition", "the last event has no answer yet")
        if not self.ready.done():
            self.ready.set_result(None)
        self._busy(False)
        self._current = invocation = await self._events.get()
        self._busy(True)
        headers = [
            ("Lambda-Runtime-Aws-Request-Id", invocation.id),
            ("Lambda-Runtime-Deadline-Ms", str(int(invocation.deadline * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", self._arn),
            ("Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"),
            ("Content-Type", "application/json"),
        ]
        return Response(200, headers, invocation.payload)

    async def _stream(self, invocation: Invocation, request: Request) -> None:
        """Pass the body on as it comes; the runtime is answered when all of it has been taken."""
        pieces: asyncio.Queue[bytes | FunctionError | None] = asyncio.Queue(8)

        async def taken() -> AsyncIterator[bytes]:
            while (piece := await pieces.get()) is not None:
                if isinstance(piece, FunctionError):
                    raise piece
                yield piece

        invocation.succeed(Streamed(request.header("content-type") or "", taken()), done=False)
        end: FunctionError | None = None
        try:
            async for piece in request.pieces():
                await pieces.put(piece)
        except (EOFError, asyncio.IncompleteReadError):
            end = FunctionError("Runtime.TruncatedResponse", "the runtime broke off the response")
        announced = {name.strip().lower() for name in (request.header("trailer") or "").split(",")}
        for name, value in request.trailers:
            # A trailer that the head did not announce is not read.
            if name.lower() == "lambda-runtime-function-error-type" and name.lower() in announced:
                end = FunctionError(value, "the function failed while it streamed")
        await pieces.put(end)
        invocation.finish()
        if end is not None and end.kind == "Runtime.TruncatedResponse":
            raise EOFError


def _error(body: bytes) -> FunctionError:
    content: dict[str, object] = {}
    with contextlib.suppress(ValueError):
        content = json.loads(body)
    trace = content.get("stackTrace")
    return FunctionError(
        str(content.get("errorType", "Unknown")),
        str(content.get("errorMessage", "")),
        [str(line) for line in trace] if isinstance(trace, list) else [],
    )


def _accepted() -> Response:
    return Response(202, [("Content-Type", "application/json")], b'{"status":"OK"}')


def _refused(status: int, kind: str, message: str) -> Response:
    body = json.dumps({"errorMessage": message, "errorType": kind}).encode()
    return Response(status, [("Content-Type", "application/json")], body)
