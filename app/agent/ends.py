"""The two ends of the way that the agent does not see itself, as the relay tells them."""

from __future__ import annotations

from app.domain.exchange import Delivered, Headers, VisitorRequest
from backend_lambda.protocol.header_delta import with_delta
from backend_lambda.protocol.messages import Report, Request


def visitor_request(request: Request) -> VisitorRequest | None:
    """The request as the visitor sent it; None if the relay does not tell, or tells what makes no sense."""
    visitor = request.visitor
    if visitor.headers is None:
        return None
    headers = with_delta(request.headers, visitor.headers)
    _, scheme, rest = visitor.url.partition("://")
    authority, slash, target = rest.partition("/")
    if headers is None or not scheme or not authority:
        return None
    # `OPTIONS *` has no path: its URL is `http://host*`.
    return VisitorRequest(request.method, slash + target if slash else "*", tuple(headers))


def delivered(report: Report, headers: Headers, size: int) -> Delivered | None:
    """The answer as the visitor got it. headers, size: of the raw one, whose body passed if it was not rewritten."""
    told = report.delivered
    found = None if told is None else with_delta(headers, told.headers)
    if told is None or found is None:
        return None
    return Delivered(told.status, tuple(found), told.size if told.sha256 else size, told.sha256)
