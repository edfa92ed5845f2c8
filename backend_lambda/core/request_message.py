"""The `request` message that the agent gets for a visitor's request."""

from __future__ import annotations

import re
from typing import Final

from backend_lambda.core.destination import Destination, Refused
from backend_lambda.core.model import PublicRequest
from backend_lambda.core.pages import failure_response
from backend_lambda.protocol.header_delta import header_delta
from backend_lambda.protocol.heads import is_method, is_sendable, is_target
from backend_lambda.protocol.limits import MAX_HEAD, MAX_TARGET, Limits
from backend_lambda.protocol.messages import Blob, Headers, Kind, Request, Visitor
from backend_lambda.rewrite.representation import ask_for_representation
from backend_lambda.rewrite.request_headers import map_request_headers

_PLAYERS: Final = frozenset({"audio", "video"})
_RANGE: Final = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


def make_request(
    request_id: str, request: PublicRequest, to: Destination, limits: Limits,
    *, kind: Kind = "http", body: bytes = b"", end: bool = True, blob: Blob | None = None, reply_url: str = "",
    longest_part: int | None = None,
) -> Request:  # fmt: skip
    """The `request` message. Raises Refused (400, 431) for what the agent's decoder would not take: one visitor
    must not be able to end a connection that all visitors of the tunnel share.

    longest_part: bytes that a player may ask for at a time
    """
    headers = map_request_headers(request.headers, to.context, websocket=kind == "websocket")
    if kind == "http":
        headers = ask_for_representation(headers, to.facts, to.context, to.layers)
        if longest_part is not None and to.facts.destination in _PLAYERS:
            headers = _shortened(headers, longest_part)
    url = f"{request.scheme}://{request.host}{request.target}"
    if not is_sendable(headers) or len(request.target) > MAX_TARGET or len(url) > MAX_HEAD:
        raise Refused(failure_response("head_too_large", request.headers))
    if not is_method(request.method) or not is_target(to.route.target):
        raise Refused(failure_response("bad_request", request.headers))
    visitor = Visitor(request.client, url, header_delta(request.headers, headers), request.received)
    return Request(
        request_id, request.method, to.route.target, headers, body, end, kind, visitor, limits.deadline, blob, reply_url
    )  # fmt: skip


def _shortened(headers: Headers, longest: int) -> Headers:
    """Players ask for everything from where they are, and take less and ask again: an answer may have only a part of
    the range (RFC 9110, section 15.3.7). Others would take it for all of it."""
    out: Headers = []
    for name, value in headers:
        if name.lower() == "range" and (found := _RANGE.fullmatch(value.strip())):
            last = int(found[1]) + longest - 1
            if not found[2] or int(found[2]) > last:
                value = f"bytes={found[1]}-{last}"
        out.append((name, value))
    return out
