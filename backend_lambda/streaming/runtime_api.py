"""The Lambda Runtime API, version 2018-06-01: the next event, its result, buffered or streamed, or its failure."""

from __future__ import annotations

import http.client
import json
import logging
import time
from dataclasses import dataclass
from typing import Any, Final

from backend_lambda.streaming.framing import (
    CONTENT_TYPE,
    ERROR_BODY,
    ERROR_TYPE,
    LAST,
    chunk,
    described,
    last_with_error,
    prelude,
)

_PREFIX: Final = "/2018-06-01/runtime/"
_TAKEN: Final = 202
_TOO_LARGE: Final = 413
_log = logging.getLogger(__name__)


class RuntimeApiError(Exception):
    """The API does not answer as it should: the environment is at its end."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event. deadline: Unix time in seconds at which Lambda ends the process; trace: for X-Ray, "" for none"""

    id: str
    payload: bytes
    deadline: float
    trace: str


class RuntimeApi:
    """address: host and port, as of AWS_LAMBDA_RUNTIME_API"""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = http.client.HTTPConnection(address)  # no timeout: the next event may be long in coming

    def next(self) -> Invocation:
        """Wait for an event. Raises RuntimeApiError."""
        status, headers, body = self._call("GET", "invocation/next")
        if status != 200:
            raise RuntimeApiError(f"next: {status}")
        return Invocation(
            headers["Lambda-Runtime-Aws-Request-Id"],
            body,
            int(headers["Lambda-Runtime-Deadline-Ms"]) / 1000,
            headers.get("Lambda-Runtime-Trace-Id", ""),
        )

    def respond(self, invocation: Invocation, result: bytes) -> None:
        """The whole result. One that is too large fails the event. Raises RuntimeApiError."""
        status, _, body = self._call("POST", f"invocation/{invocation.id}/response", result)
        if status == _TOO_LARGE:
            _log.error("result too large bytes=%d", len(result))
        elif status != _TAKEN:
            raise RuntimeApiError(f"response: {status} {body[:200]!r}")

    def fail(self, invocation: Invocation, kind: str, message: str, trace: list[str]) -> None:
        """The event could not be served. Raises RuntimeApiError."""
        self._report(f"invocation/{invocation.id}/error", kind, message, trace)

    def fail_init(self, kind: str, message: str, trace: list[str]) -> None:
        """Nothing can be served here; the process must end after it. Raises RuntimeApiError."""
        self._report("init/error", kind, message, trace)

    def stream(self, invocation: Invocation) -> ResponseStream:
        """A result that goes out as it is made."""
        path = f"{_PREFIX}invocation/{invocation.id}/response"
        return ResponseStream(http.client.HTTPConnection(self._address), path, invocation.deadline)

    def close(self) -> None:
        self._connection.close()

    def _report(self, path: str, kind: str, message: str, trace: list[str]) -> None:
        body = json.dumps(described(kind, message, trace)).encode()
        status, _, _ = self._call("POST", path, body, {ERROR_TYPE: kind})
        if status != _TAKEN:
            raise RuntimeApiError(f"{path}: {status}")

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        kind = {} if body is None else {"Content-Type": "application/json"}
        try:
            self._connection.request(method, _PREFIX + path, body, {**kind, **(headers or {})})
            response = self._connection.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise RuntimeApiError(f"{path}: {type(error).__name__} {error}") from error


class ResponseStream:
    """Writes one result on a connection of its own, which Lambda wants closed after it. Raises OSError."""

    def __init__(self, connection: http.client.HTTPConnection, path: str, deadline: float) -> None:
        self._connection = connection
        self._path = path
        self._deadline = deadline
        self.begun = False

    def begin(self, head: dict[str, Any]) -> None:
        connection = self._connection
        connection.timeout = self._left()
        connection.putrequest("POST", self._path, skip_accept_encoding=True)
        connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
        connection.putheader("Content-Type", CONTENT_TYPE)
        connection.putheader("Transfer-Encoding", "chunked")
        connection.putheader("Trailer", f"{ERROR_TYPE}, {ERROR_BODY}")
        connection.endheaders()
        self.begun = True
        self._send(chunk(prelude(head)))

    def write(self, piece: bytes) -> None:
        """Waits while the visitor takes nothing."""
        self._send(chunk(piece))

    def end(self) -> None:
        """All of it has been written."""
        self._finish(LAST)

    def cut(self, kind: str, message: str) -> None:
        """The rest is lost: the visitor's connection shall break."""
        self._finish(last_with_error(kind, message))

    def close(self) -> None:
        """Fine after anything; before the end it breaks the answer off."""
        self._connection.close()

    def _finish(self, last: bytes) -> None:
        self._send(last)
        try:
            response = self._connection.getresponse()
            response.read()
        except http.client.HTTPException as error:
            raise OSError(f"no word on the streamed result ({type(error).__name__})") from error
        finally:
            self.close()
        if response.status != _TAKEN:
            raise OSError(f"the streamed result was answered {response.status}")

    def _send(self, data: bytes) -> None:
        # A visitor who takes nothing must not hold us beyond our time: then the process would be killed in mid-work.
        self._connection.sock.settimeout(self._left())
        self._connection.send(data)

    def _left(self) -> float:
        return max(self._deadline - time.time() - 0.5, 0.1)
