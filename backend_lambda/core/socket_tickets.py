"""Tickets for visitors' WebSockets, where the front door takes none and they go to another API.

A page that opens one says so below the path that it wants, `PUT /shop/chat/__hw/sockets/ID`, and connects to the other
API with that id at the same time. So the service gets the cookies that the browser has for that path, those hidden from
scripts too, and only a page of the tunnel's own origin can open it: others' PUT needs a preflight, which is refused.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from backend_lambda.core.destination import Destination, Refused
from backend_lambda.core.model import PublicRequest, PublicResponse, VisitorGone
from backend_lambda.core.own_pages import NO_STORE, demand_own_page
from backend_lambda.core.pages import failure_response
from backend_lambda.core.ports import SocketTicket, TicketStore
from backend_lambda.protocol.heads import is_target

_ASKED: Final = re.compile(r"(?:/.*)?/__hw/sockets/([A-Za-z0-9_-]{22,64})", re.DOTALL)
# What browsers send with a handshake besides its own fields; there is no Referer among it.
_KEPT: Final = frozenset({"accept-language", "authorization", "cookie", "origin", "user-agent"})
_MOST: Final = 8 * 1024  # bytes of a target; what a gateway takes for a head is little more


async def answer_ticket(
    request: PublicRequest, tickets: TicketStore, find: Callable[[PublicRequest], Awaitable[Destination]]
) -> PublicResponse | None:
    """The answer if it is about a ticket, else None. Raises Refused, as `find` does for a tunnel that is not there."""
    if "/__hw/sockets/" not in request.target:
        return None
    asked = _ASKED.fullmatch(request.target)
    if asked is None:
        return None
    demand_own_page(request)
    target = await _target(request)
    if target is None:
        raise Refused(failure_response("bad_request", request.headers))
    to = await find(PublicRequest("GET", target, request.headers, request.scheme, request.host, request.client))
    if not request.target.startswith(to.route.prefix + "/"):
        raise Refused(failure_response("bad_request", request.headers))  # it came with another tunnel's cookies
    headers = [pair for pair in request.headers if pair[0].lower() in _KEPT]
    if not tickets.issue(asked[1], SocketTicket(target, request.host, request.client, headers)):
        raise Refused(PublicResponse(409, [NO_STORE, ("Content-Length", "0")]))
    return PublicResponse(204, [NO_STORE])


async def _target(request: PublicRequest) -> str | None:
    """What the page wants to connect to: the body. A path in a URL would not come as it was sent (an HTTP API decodes
    it)."""
    body = b""
    try:
        while request.body is not None and (piece := await request.body.read()):
            body += piece
            if len(body) > _MOST:
                return None
    except VisitorGone:
        return None
    text = body.decode("latin-1")
    return text if is_target(text) else None
