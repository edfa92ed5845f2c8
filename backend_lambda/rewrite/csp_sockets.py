"""WebSockets that go to another origin than the page (RewriteContext.socket_url) under the page's policy (RH14)."""

from __future__ import annotations

from urllib.parse import urlsplit

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.csp_sources import Place, allow, allow_other, public_place
from backend_lambda.rewrite.csp_text import Policy

_OF_CONNECTIONS = ("connect-src", "default-src")


def admit_sockets(policy: Policy, context: RewriteContext) -> None:
    """Where a policy, already in public terms, lets the page connect to its app, let it go the way there is."""
    directive = policy.first_of(_OF_CONNECTIONS)
    if not context.socket_url or directive is None or directive.is_none:
        return
    site, sources = context.site, directive.values
    if not allow(sources, public_place(site, None, websocket=True), site.public_scheme):
        return
    url = urlsplit(context.socket_url)
    there = Place(url.scheme, url.hostname or "", url.port or {"ws": 80}.get(url.scheme, 443), url.path)
    added = [] if allow_other(sources, there, site.public_scheme) else [f"{url.scheme}://{url.netloc}"]
    # The ticket that is written first, somewhere below the prefix.
    if not allow(sources, public_place(site, f"{site.prefix}/_/__hw/sockets/_"), site.public_scheme):
        added.append(f"{site.public_base}/")
    if not added:
        return
    if directive.name == "default-src":
        policy.add("connect-src", [*sources, *added])  # nothing else of the page goes there
    else:
        directive.append(added)
