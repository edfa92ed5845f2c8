"""The head of an HTTP/1.1 request as it goes on the wire, with framing that fits its body whatever the headers say."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError
from backend_lambda.protocol.messages import Headers

BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests announce even an empty body (RFC 9110 section 8.6)."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """announced: bytes that a streamed body must have exactly, None if it is complete or chunked"""

    wire: bytes
    announced: int | None
    chunked: bool


def request_head(method: str, target: str, headers: Headers, body: bytes | None, upstream: Upstream) -> RequestHead:
    """body: None if it will be streamed. Raises UpstreamError `bad_request` for what HTTP cannot say: a line break
    would begin another header, or another request."""
    lines = [f"{method} {target} HTTP/1.1"]
    length = None
    for name, value in headers:
        lowered = name.lower()
        if lowered == "content-length":
            length = value
        elif lowered != "transfer-encoding":
            lines.append(f"{name}: {value}")
    announced, chunked = None, False
    if body is not None:
        if body or length is not None or method in BODY_METHODS:
            lines.append(f"Content-Length: {len(body)}")
    elif length is not None and length.isascii() and length.isdecimal():
        lines.append(f"Content-Length: {length}")
        announced = int(length)
    else:
        lines.append("Transfer-Encoding: chunked")
        chunked = True
    text = "\r\n".join((*lines, "", ""))
    if not text.count("\n") == text.count("\r") == len(lines) + 1:
        raise UpstreamError("bad_request", "a line break in its head", upstream)
    try:
        wire = text.encode("latin-1")
    except UnicodeEncodeError:
        raise UpstreamError("bad_request", "a character above U+00FF in its head", upstream) from None
    return RequestHead(wire, announced, chunked)
