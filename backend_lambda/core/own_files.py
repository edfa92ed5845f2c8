"""The backend's own files below a tunnel's prefix: the runtime, as pages and as workers load it."""

from __future__ import annotations

import gzip
from functools import lru_cache

from backend_lambda.core.model import PublicResponse
from backend_lambda.protocol.messages import Headers
from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.facts import RequestFacts
from backend_lambda.rewrite.loading import OWN_FILES, config_for, has_sockets
from backend_lambda.rewrite.modes import Layers
from backend_lambda.rewrite.runtime import runtime_name, runtime_script, worker_script

_IMMUTABLE = "public, max-age=31536000, immutable"
_COMMON: Headers = [
    ("Content-Type", "text/javascript; charset=utf-8"),
    ("X-Content-Type-Options", "nosniff"),
    ("Vary", "Accept-Encoding"),
]
# Pages that are isolated from their own origin (sandboxes, COEP) load it as well; it holds nothing of the tunnel's.
_FOR_ALL: Headers = [("Access-Control-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "cross-origin")]


def own_file(target: str, facts: RequestFacts, context: RewriteContext, layers: Layers) -> PublicResponse | None:
    """The answer if that target is one of ours, in tunnels that use them; else None."""
    if not target.startswith(OWN_FILES) or not layers.runtime:
        return None
    name = target[len(OWN_FILES) :].partition("?")[0]
    if not name.endswith(".js") or facts.method not in ("GET", "HEAD"):
        return None
    packed = facts.takes_gzip
    if name.startswith("rt-"):
        # A page from a cache may ask for an older one: the one there is does for it, but not for ever.
        caching = _IMMUTABLE if name == runtime_name(has_sockets(context)) else "no-store"
        body = _runtime(packed, has_sockets(context))
        more = _FOR_ALL
    elif name.startswith("worker-"):
        # It says where it is, which depends on the visitor, and what the app is called at home: for its own pages only.
        caching = "private, no-cache"
        more = []
        body = worker_script(config_for(context, strip=False), has_sockets(context))
        if packed:
            body = gzip.compress(body, 5, mtime=0)
    else:
        return None
    headers = [*_COMMON, *more, ("Cache-Control", caching), ("Content-Length", str(len(body)))]
    if packed:
        headers.append(("Content-Encoding", "gzip"))
    return PublicResponse(200, headers, b"" if facts.method == "HEAD" else body)


@lru_cache(maxsize=2)
def _runtime(packed: bool, sockets: bool) -> bytes:
    script = runtime_script(sockets)
    return gzip.compress(script, 9, mtime=0) if packed else script
