"""What only pages of the front door's own origin may ask of the backend itself, with the visitor's cookies or bodies.

Such requests are PUTs: from another origin those need a preflight, which gets 405 like every other method.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from backend_lambda.core.destination import Refused
from backend_lambda.core.model import PublicRequest, PublicResponse, header

NO_STORE: Final = ("Cache-Control", "no-store")


def is_of_own_page(request: PublicRequest) -> bool:
    """Whether a page of the same origin sent it. Of the scheme in Origin the gateway leaves no choice; pages that hide
    where they are send `null` with a form, but browsers say the same in another field."""
    if header(request.headers, "sec-fetch-site") == "same-origin":
        return True
    origin = header(request.headers, "origin")
    return origin is not None and urlsplit(origin).netloc.lower() == request.host.lower()


def demand_own_page(request: PublicRequest) -> None:
    """Raises Refused unless it is a PUT of such a page."""
    if request.method != "PUT":
        raise Refused(PublicResponse(405, [("Allow", "PUT"), NO_STORE, ("Content-Length", "0")]))
    if not is_of_own_page(request):
        raise Refused(PublicResponse(403, [NO_STORE, ("Content-Length", "0")]))
