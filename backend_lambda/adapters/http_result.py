"""An answer as the result of the function: payload 2.0 of an HTTP API and of a Function URL (buffered)."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from backend_lambda.core.model import PublicResponse, ResponseCut, header
from backend_lambda.protocol.messages import Headers
from backend_lambda.rewrite.sniff import is_binary, is_html

MOST_BYTES: Final = 6 * 1024 * 1024 - 1024 * 8
"""Of a result as JSON; Lambda takes 6 MB and a little."""
_MOST_TEXT: Final = 1024 * 1024
_TEXT: Final = ("text/", "application/json", "application/javascript", "application/xml")
# The gateway makes these itself; to state them too is an error, or a lie once it has recomputed the length.
_DROPPED: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
    | {"content-length", "date"}
)


class TooLarge(Exception):
    """The answer is larger than a function may return."""


async def result_of(response: PublicResponse, *, head_only: bool = False) -> dict[str, Any]:
    """Collect the answer. head_only: it is for a HEAD request. Raises ResponseCut, TooLarge."""
    body = await _collected(response)
    if head_only or response.status in (204, 304):
        body = b""
    result = head_of(response, has_body=bool(body))
    if body and header(response.headers, "content-type") is None:
        result["headers"]["content-type"] = _seen_as(body, response.headers)
    text = _as_text(body, result["headers"])
    result["body"] = base64.b64encode(body).decode("ascii") if text is None else text
    result["isBase64Encoded"] = text is None
    if len(result["body"]) > MOST_BYTES // 2 and len(json.dumps(result)) > MOST_BYTES:
        raise TooLarge
    return result


def head_of(response: PublicResponse, *, has_body: bool) -> dict[str, Any]:
    """The result without its body."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in response.headers:
        key = name.lower()
        if key == "set-cookie":
            cookies.append(value)
        elif key not in _DROPPED:
            # One value each; all but Set-Cookie may be joined (RFC 9110, section 5.3).
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
    if has_body and "content-type" not in headers:
        headers["content-type"] = "application/octet-stream"  # else the gateway would call it text/plain
    result: dict[str, Any] = {"statusCode": response.status, "headers": headers}
    if cookies:
        result["cookies"] = cookies
    return result


def as_version_1(result: dict[str, Any]) -> dict[str, Any]:
    """The same for payload format 1.0, which does not know `cookies`."""
    if cookies := result.pop("cookies", None):
        result["multiValueHeaders"] = {"set-cookie": cookies}
    return result


async def _collected(response: PublicResponse) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in response.body:
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise TooLarge
    finally:
        await response.body.aclose()
    return b"".join(pieces)


def _seen_as(body: bytes, headers: Headers) -> str:
    """What browsers take it for that has no type: a page, text, or else a file to keep."""
    if header(headers, "content-encoding") or header(headers, "x-content-type-options"):
        return "application/octet-stream"
    if is_html(body):
        return "text/html"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if is_binary(body) else "text/plain"


def _as_text(body: bytes, headers: dict[str, str]) -> str | None:
    if len(body) > _MOST_TEXT:
        return None  # in JSON a character may take six; base64 is the same for all
    if "content-encoding" in headers or not headers.get("content-type", "").lower().startswith(_TEXT):
        return None if body else ""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


__all__ = ["MOST_BYTES", "ResponseCut", "TooLarge", "result_of"]
