"""Bodies that lie at another origin than the page (RewriteContext.store_origin) under the page's policy (RH14).

A page is sent there for what the front door cannot carry, and brings its large uploads there. Nothing there may run:
whoever can visit the tunnel can put something there.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.csp_sources import Place, allow, allow_other, public_place
from backend_lambda.rewrite.csp_text import Policy

_ADMITTED: Final = ("connect-src", "img-src", "media-src", "font-src")
_PORTS: Final = {"http": 80, "https": 443}


def admit_store(policy: Policy, context: RewriteContext) -> None:
    """What a policy, already in public terms, lets the page load from its app, it may load from the store."""
    if not context.store_origin:
        return
    site, url = context.site, urlsplit(context.store_origin)
    there = Place(url.scheme, url.hostname or "", url.port or _PORTS.get(url.scheme, 443), "/")
    for name in _ADMITTED:
        directive = policy.first_of((name, "default-src"))
        if directive is None or directive.is_none:
            continue
        sources = directive.values
        if not allow(sources, public_place(site, None), site.public_scheme):
            continue
        if allow_other(sources, there, site.public_scheme):
            continue
        if directive.name == "default-src":
            policy.add(name, [*sources, context.store_origin])
        else:
            directive.append([context.store_origin])
