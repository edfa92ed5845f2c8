"""The runtime as a page gets it: the addresses of its scripts, its settings, and what the page's policy demands."""

from __future__ import annotations

import json
from functools import cache, lru_cache

from backend_lambda.rewrite.context import RewriteContext, Site
from backend_lambda.rewrite.csp import allows_import_map, needs_integrity, nonce_of, script_hash
from backend_lambda.rewrite.document import Loader
from backend_lambda.rewrite.facts import RequestFacts
from backend_lambda.rewrite.headers import Headers
from backend_lambda.rewrite.runtime import runtime_name, runtime_script, worker_name

OWN_FILES = "/__hw/"
"""Below a tunnel's prefix, the paths that the backend answers itself."""

STRIP_COOKIE = "hw_strip"


def loader_for(context: RewriteContext, facts: RequestFacts, headers: Headers, *, strip: bool) -> Loader:
    """headers: the app's own, for their policies; strip: the page is shown without its prefix (L5)."""
    policies = [value for name, value in headers if name.lower() == "content-security-policy"]
    nonce = nonce_of(policies) if policies else None
    wants_integrity = needs_integrity(policies, nonce) or any(name.lower() == "integrity-policy" for name, _ in headers)
    return Loader(
        source=own_path(context.prefix, runtime_name(has_sockets(context))),
        config=config_for(context, strip=strip),
        nonce=nonce,
        integrity=_integrity(has_sockets(context)) if wants_integrity else None,
        insert="always" if facts.may_be_page else "document",
        import_map=not policies or allows_import_map(policies),
    )


def worker_loader(context: RewriteContext) -> Loader:
    """What a worker's own policy has to let through: the runtime, which carries neither nonce nor digest there."""
    return Loader(own_path(context.prefix, worker_name()), config="", import_map=False)


def config_for(context: RewriteContext, *, strip: bool) -> str:
    """The JSON that the runtime starts with."""
    return _config(context.tunnel, context.site, strip, context.socket_url)


def has_sockets(context: RewriteContext) -> bool:
    """Whether the page's WebSockets go elsewhere, so that its runtime must bring them there."""
    return bool(context.socket_url)


def own_path(prefix: str, name: str) -> str:
    """Where one of our own files is found below a prefix."""
    return f"{prefix}{OWN_FILES}{name}"


def strip_cookie(*, secure: bool) -> str:
    """`Set-Cookie` with pages that are shown without their prefix: reloading one at the root is ordinary then. It says
    nothing about which tunnel."""
    return f"{STRIP_COOKIE}=1; Path=/; SameSite=Lax; HttpOnly{'; Secure' if secure else ''}"


@cache
def _integrity(sockets: bool) -> str:
    return script_hash(runtime_script(sockets)).strip("'")


@lru_cache(maxsize=512)
def _config(tunnel: str, site: Site, strip: bool, socket_url: str) -> str:
    sockets = bool(socket_url)
    return json.dumps(
        {
            "tunnel": tunnel,
            "prefix": site.prefix,
            "public": site.public_origin,
            "upstream": sorted(site.upstream_origins),
            "strip": strip,
            "source": own_path(site.prefix, runtime_name(sockets)),
            "worker": own_path(site.prefix, worker_name()),
            **({"sockets": socket_url} if sockets else {}),
        },
        separators=(",", ":"),
    )
