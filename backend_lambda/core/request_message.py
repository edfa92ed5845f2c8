"""The `request` message that the agent gets for a visitor's request."""

from __future__ import annotations

from backend_lambda.core.destination import Destination, Refused
from backend_lambda.core.model import PublicRequest
from backend_lambda.core.pages import failure_response
from backend_lambda.protocol.header_delta import header_delta
from backend_lambda.protocol.heads import is_method, is_sendable, is_target
from backend_lambda.protocol.limits import MAX_HEAD, MAX_TARGET, Limits
from backend_lambda.protocol.messages import Kind, Request, Visitor
from backend_lambda.rewrite.representation import ask_for_representation
from backend_lambda.rewrite.request_headers import map_request_headers


def make_request(
    request_id: str, request: PublicRequest, to: Destination, limits: Limits,
    *, kind: Kind = "http", body: bytes = b"", end: bool = True,
) -> Request:  # fmt: skip
    """The `request` message. Raises Refused (400, 431) for what the agent's decoder would not take: one visitor
    must not be able to end a connection that all visitors of the tunnel share."""
    headers = map_request_headers(request.headers, to.context, websocket=kind == "websocket")
    if kind == "http":
        headers = ask_for_representation(headers, to.facts, to.context, to.layers)
    url = f"{request.scheme}://{request.host}{request.target}"
    if not is_sendable(headers) or len(request.target) > MAX_TARGET or len(url) > MAX_HEAD:
        raise Refused(failure_response("head_too_large", request.headers))
    if not is_method(request.method) or not is_target(to.route.target):
        raise Refused(failure_response("bad_request", request.headers))
    visitor = Visitor(request.client, url, header_delta(request.headers, headers), request.received)
    return Request(request_id, request.method, to.route.target, headers, body, end, kind, visitor, limits.deadline)
