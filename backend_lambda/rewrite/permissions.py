"""Origins in `Permissions-Policy` and in its predecessor `Feature-Policy`, the grammar of `<iframe allow>` (RH27)."""

from __future__ import annotations

import re

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.embedded_urls import map_quoted_list

_WORD = re.compile(r"[^\t\n\f\r ;,]++")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+://[^/?#]*+")


def map_permissions_policy(value: str, context: RewriteContext) -> str:
    """`camera=(self "http://localhost:3000")`: the app's origin becomes the public one."""
    return map_quoted_list(value, lambda text: _map_origin(text, context))


def map_feature_policy(value: str, context: RewriteContext) -> str:
    """`camera 'self' http://localhost:3000; fullscreen *`: the app's origin becomes the public one."""
    return _WORD.sub(lambda match: _map_origin(match[0], context), value)


def _map_origin(text: str, context: RewriteContext) -> str:
    """Of a URL the origin counts, so the rest stays as it is."""
    match = _ORIGIN.match(text)
    if match is None or match[0].lower() not in context.site.upstream_origins:
        return text
    return context.public_origin + text[match.end() :]
