"""A Function URL: raw paths kept, no fee per request, and streamed answers where the runtime streams."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator
from typing import Literal

from tests.aws.emulator.clock import Clock
from tests.aws.emulator.http_events import function_url_event
from tests.aws.emulator.http_results import BadResult, http_response, prelude
from tests.aws.emulator.http_server import Abort, HttpServer, Request, Response, TooLarge
from tests.aws.emulator.lambda_environment import FunctionError, Streamed
from tests.aws.emulator.lambda_service import LambdaFunction, RequestTooLarge, TooManyRequests
from tests.aws.emulator.meter import Meter

_PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response"
_PRELUDE_END = b"\0" * 8
_BODY_LIMIT = 6 * 1024 * 1024
_STREAM_LIMIT = 200 * 1024 * 1024


class FunctionUrl:
    """invoke_mode: RESPONSE_STREAM passes on what a custom runtime streams; a buffered result works in both."""

    def __init__(
        self,
        function: LambdaFunction,
        *,
        clock: Clock,
        meter: Meter,
        invoke_mode: Literal["BUFFERED", "RESPONSE_STREAM"] = "BUFFERED",
    ) -> None:
        self._function = function
        self._clock = clock
        self._meter = meter
        self._mode = invoke_mode
        self.server = HttpServer(self._handle)

    async def _handle(self, request: Request) -> Response:
        self._meter.add("function_url_requests")
        try:
            event = function_url_event(request, await request.read(_BODY_LIMIT), self._clock.now())
            payload = json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")
            if self._mode == "BUFFERED":
                response = http_response(await self._function.invoke(payload))
            else:
                response = await self._streamed(await self._function.stream(payload))
        except (TooLarge, RequestTooLarge):
            response = _plain(413, '{"message":"Request Too Long"}')
        except TooManyRequests:
            response = _plain(
                429, '{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}'
            )
        except (FunctionError, BadResult):
            response = _plain(502, "Internal Server Error")
        if isinstance(response.body, bytes):
            self._meter.egress(len(response.body))
        return response

    async def _streamed(self, answer: bytes | Streamed) -> Response:
        if isinstance(answer, bytes):
            return http_response(answer)
        if answer.content_type != _PRELUDE_TYPE:
            return Response(
                200, [("content-type", answer.content_type or "application/octet-stream")], self._rest(answer)
            )
        head = b""
        async for piece in answer.pieces:
            head += piece
            if _PRELUDE_END in head:
                break
        start, end, first = head.partition(_PRELUDE_END)
        try:
            response = prelude(json.loads(start))
        except ValueError:
            raise BadResult("the prelude is no JSON") from None
        if not end:
            raise BadResult("the prelude has no end")
        response.body = self._rest(answer, first)
        if ("content-encoding", "gzip") in response.headers:
            # Reported by several users of streaming runtimes: AWS unpacks it, whatever the visitor takes.
            response.headers.remove(("content-encoding", "gzip"))
            response.body = _unpacked(response.body)
        return response

    async def _rest(self, answer: Streamed, first: bytes = b"") -> AsyncIterator[bytes]:
        size = len(first)
        yield first
        try:
            async for piece in answer.pieces:
                size += len(piece)
                if size > _STREAM_LIMIT:
                    raise Abort
                yield piece
        except FunctionError:
            raise Abort from None  # the visitor sees the connection break
        finally:
            self._meter.egress(size)


async def _unpacked(packed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    async for piece in packed:
        yield unpacker.decompress(piece)


def _plain(status: int, text: str) -> Response:
    kind = "application/json" if text.startswith("{") else "text/plain"
    return Response(status, [("content-type", kind)], text.encode())
