"""Requests at the root that belong below a prefix (layer L4): sent back by Referer, or by a page that knows the tab.

The tunnel is only ever chosen from the Referer's path or from the tab's own storage, never from a cookie or "the last
tunnel": one visitor's tunnels must not be mixed up (rewriting.md, layers d and g).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from backend_lambda.core.model import PublicRequest, PublicResponse, header
from backend_lambda.core.pages import failure_page
from backend_lambda.core.routing import NAME
from backend_lambda.protocol.messages import Headers
from backend_lambda.rewrite.facts import RequestFacts
from backend_lambda.rewrite.loading import STRIP_COOKIE

# The tab's own note, written by the runtime (`sessionStorage.__hw`). It is untrusted: only a prefix may come of it.
_NOTE = "JSON.parse(sessionStorage.getItem('__hw')).prefix"
# A reload, unlike a navigation, keeps `history.state` and the entry's ties to those next to it.
_SCRIPT = (
    "try{const l=location,p=%s;"
    "if(/^\\/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(p)&&!(l.pathname+'/').startsWith(p+'/')){"
    "history.replaceState(history.state,'',l.origin+p+l.pathname+l.search+l.hash);l.reload()}}catch(e){}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; script-src 'sha256-%s'"


@dataclass(frozen=True, slots=True)
class Origin:
    """The page that asked. tunnel: the one it belongs to, by its address; page: its path in the app's view."""

    tunnel: str
    page: str


def origin_of(request: PublicRequest, referer: str) -> Origin | None:
    """The page below a prefix of this very origin that the Referer names, if it does."""
    if not referer:
        return None
    try:
        parts = urlsplit(referer)
    except ValueError:
        return None
    # The scheme may differ where a proxy ends TLS; host and port are what the browser used for this request, too.
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != request.host.lower():
        return None
    name, slash, rest = parts.path[1:].partition("/")
    return Origin(name, "/" + rest) if slash and NAME.fullmatch(name) else None


def back_to(prefix: str, request: PublicRequest) -> PublicResponse:
    """Sends the request to where it belongs; 307 keeps method and body (RFC 9110, section 15.4.8)."""
    headers: Headers = [
        ("Location", prefix + request.target),
        ("Cache-Control", "no-store"),
        ("Vary", "Referer"),
        ("Content-Length", "0"),
        ("X-Hatchway-Recovered", "referer"),
    ]
    return PublicResponse(307, headers)


def is_navigation(facts: RequestFacts) -> bool:
    """Whether a browser opens a page with it, which can then look into its tab."""
    return facts.method == "GET" and facts.may_be_page and facts.mode in ("navigate", "")


def recovery_page(request: PublicRequest, prefix: str = "") -> PublicResponse:
    """The page of an unknown address; in a tab that showed a page of a tunnel it goes on to the tunnel by itself.

    prefix: where it goes on to, if that is known already; a redirect would lose what a reload keeps
    """
    script = _SCRIPT % (f"'{prefix}'" if prefix else _NOTE)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    body = failure_page("unknown_tunnel", script=script)
    cookies = header(request.headers, "cookie") or ""
    known = bool(prefix) or any(part.strip().startswith(f"{STRIP_COOKIE}=") for part in cookies.split(";"))
    headers: Headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Hatchway-Error", "unknown_tunnel"),
        ("Content-Security-Policy", _POLICY % digest),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]
    return PublicResponse(200 if known else 404, headers, body)
