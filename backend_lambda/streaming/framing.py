"""A streamed result as bytes: chunks (RFC 9112, section 7.1), the head before the body, errors as trailers."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

CONTENT_TYPE: Final = "application/vnd.awslambda.http-integration-response"
"""Says that a head comes before the body."""
ERROR_TYPE: Final = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY: Final = "Lambda-Runtime-Function-Error-Body"
LAST: Final = b"0\r\n\r\n"
_BETWEEN: Final = bytes(8)


def chunk(data: bytes) -> bytes:
    """Bytes of the body; none make no chunk, since an empty one would be the last."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def prelude(head: dict[str, Any]) -> bytes:
    """Status, headers and cookies, which the body follows."""
    return json.dumps(head, separators=(",", ":")).encode() + _BETWEEN


def last_with_error(kind: str, message: str) -> bytes:
    """The end of an answer that is not complete: whoever reads it must not take it for the whole."""
    body = base64.b64encode(json.dumps(described(kind, message)).encode()).decode("ascii")
    return f"0\r\n{ERROR_TYPE}: {kind}\r\n{ERROR_BODY}: {body}\r\n\r\n".encode("ascii")


def described(kind: str, message: str, trace: list[str] | None = None) -> dict[str, Any]:
    """An error as the Runtime API takes it."""
    return {"errorType": kind, "errorMessage": message, "stackTrace": trace or []}
