"""The HTTP API in front of the function: API Gateway's rules for visitors' requests and their answers."""

from __future__ import annotations

import asyncio
import json
from typing import Literal

from tests.aws.emulator.clock import Clock
from tests.aws.emulator.faults import Faults
from tests.aws.emulator.http_events import http_api_event, http_api_event_1, request_id
from tests.aws.emulator.http_results import BadResult, http_response
from tests.aws.emulator.http_server import HttpServer, Request, Response, TooLarge
from tests.aws.emulator.lambda_environment import FunctionError
from tests.aws.emulator.lambda_service import LambdaFunction, RequestTooLarge, TooManyRequests
from tests.aws.emulator.meter import Meter
from tests.aws.emulator.throttle import Throttle
from tests.aws.emulator.unsure import REMAPPED, Unsure

HEAD_LIMIT = 10_240
BODY_LIMIT = 10 * 1024 * 1024
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "DELETE"))
_MESSAGES = {
    404: "Not Found",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class HttpApi:
    """One API with the route and stage `$default`. timeout: seconds that an integration may take."""

    def __init__(
        self,
        function: LambdaFunction,
        *,
        clock: Clock,
        meter: Meter,
        faults: Faults,
        throttle: Throttle,
        payload_format: Literal["1.0", "2.0"] = "2.0",
        timeout: float = 30.0,
        unsure: Unsure | None = None,
    ) -> None:
        self._unsure = unsure or Unsure()
        self._function = function
        self._clock = clock
        self._meter = meter
        self._faults = faults
        self._throttle = throttle
        self._format = payload_format
        self._timeout = timeout
        self.server = HttpServer(self._handle)

    async def _handle(self, request: Request) -> Response:
        try:
            body = await request.read(BODY_LIMIT)
        except TooLarge:
            response, body = failure(413), b""
        else:
            response = await self._answer(request, body)
        assert isinstance(response.body, bytes)
        if response.status not in (429, 431):  # refused requests are not billed
            self._meter.http(request.head_size + len(body), len(response.body))
        self._meter.egress(len(response.body))
        response.headers.append(("apigw-requestid", request_id()))
        return response

    async def _answer(self, request: Request, body: bytes) -> Response:
        if request.head_size > HEAD_LIMIT:
            return failure(431)
        if self._faults.strikes("http-429", request.target) or not self._throttle.admits():
            return failure(429)
        if request.method not in _METHODS and not self._unsure.all_methods:
            return failure(404)
        build = http_api_event if self._format == "2.0" else http_api_event_1
        event = build(request, body, self._clock.now(), cuts_paths=self._unsure.cuts_paths)
        try:
            payload = json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")
            # The gateway gives up on the function; the function does not learn of it and goes on.
            result = await asyncio.wait_for(self._function.invoke(payload), self._timeout)
            response = http_response(result, self._format)
        except RequestTooLarge:
            return failure(413)
        except TimeoutError:
            return failure(self._unsure.slow_status)
        except TooManyRequests:
            return failure(self._unsure.busy_status)
        except (FunctionError, BadResult):
            return failure(500)
        assert isinstance(response.body, bytes)
        if self._unsure.remaps:
            response.headers = [
                (f"x-amzn-remapped-{name}" if name in REMAPPED else name, value) for name, value in response.headers
            ]
        return failure(500) if len(response.body) > BODY_LIMIT else response


def failure(status: int) -> Response:
    """The gateway's own JSON error."""
    body = json.dumps({"message": _MESSAGES[status]}, separators=(",", ":")).encode()
    return Response(status, [("content-type", "application/json")], body)
