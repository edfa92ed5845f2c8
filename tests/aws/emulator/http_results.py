"""What a function returned, as a response of the HTTP API or of a Function URL."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from tests.aws.emulator.http_server import Response

# The front door sets these itself, whatever the function says.
_OWN = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "date", "te", "trailer")
)


class BadResult(Exception):
    """The function's result cannot be a response: the visitor sees 500."""


def http_response(payload: bytes, version: str = "2.0") -> Response:
    """The response. Raises BadResult."""
    try:
        result = json.loads(payload)
    except ValueError as error:
        raise BadResult(str(error)) from None
    if version == "1.0" or (isinstance(result, dict) and "statusCode" in result):
        return _explicit(result, version)
    # Format 2.0 without a status: the whole value is the body.
    text = result if isinstance(result, str) else json.dumps(result)
    return Response(200, [("content-type", "application/json")], text.encode())


def prelude(result: Any) -> Response:
    """Status and headers of a streamed answer. Raises BadResult."""
    return _explicit(result, "2.0")


def _explicit(result: Any, version: str) -> Response:
    if not isinstance(result, dict):
        raise BadResult("no object")
    try:
        status = int(result["statusCode"])
    except (KeyError, TypeError, ValueError):
        raise BadResult("no valid statusCode") from None
    if not 100 <= status <= 599:
        raise BadResult(f"statusCode {status}")
    headers = [(name.lower(), value) for name, value in _headers(result, version) if name.lower() not in _OWN]
    body = _body(result)
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=utf-8"))
    return Response(status, headers, body)


def _headers(result: dict[str, Any], version: str) -> list[tuple[str, str]]:
    single = result.get("headers") or {}
    multiple = result.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        raise BadResult("headers is no object")
    pairs: list[tuple[str, str]] = []
    if version == "2.0":
        # multiValueHeaders does not exist in this format: it is ignored.
        cookies = result.get("cookies") or []
        pairs += [("set-cookie", _line(cookie)) for cookie in cookies]
    else:
        for name, values in multiple.items():
            pairs += [(name, _line(value)) for value in values]
    pairs += [(name, _line(value)) for name, value in single.items() if version == "2.0" or name not in multiple]
    return pairs


def _line(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise BadResult("a header is no string")
    text = str(value)
    if "\r" in text or "\n" in text:
        raise BadResult("a header spans lines")
    return text


def _body(result: dict[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        body = json.dumps(body)
    if not result.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise BadResult("the body is no base64") from None
