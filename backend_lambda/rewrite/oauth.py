"""Own URLs inside the query of somebody else's: where an identity provider is to send the visitor back to (RH2)."""

from __future__ import annotations

import re
from urllib.parse import quote

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.urlmap import app_path_of, map_absolute

_CHARACTER = re.compile(r"%([0-9A-Fa-f]{2})|.", re.DOTALL)
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
# Values that must come back as they were sent (RFC 6749, section 4.1.1; SAML bindings, section 3.1.1).
_OPAQUE = frozenset({"state", "relaystate"})


def map_embedded(url: str, context: RewriteContext) -> str:
    """A foreign URL whose parameters that hold an absolute URL of the app hold the public one; the rest is copied.

    Own and relative URLs are returned as they are: their parameters are for the app to read.
    """
    if app_path_of(url, context, document_path="/") is not None:
        return url
    head, mark, rest = url.partition("?")
    query, hash_sign, fragment = rest.partition("#")
    if not mark or "#" in head:
        return url
    parameters = [_map_parameter(parameter, context) for parameter in query.split("&")]
    return f"{head}?{'&'.join(parameters)}{hash_sign}{fragment}"


def _map_parameter(parameter: str, context: RewriteContext) -> str:
    name, equals, value = parameter.partition("=")
    if not equals or name.lower() in _OPAQUE:
        return parameter
    characters = [match[0] for match in _CHARACTER.finditer(value)]
    decoded = "".join(chr(int(each[1:], 16)) if len(each) == 3 else each for each in characters)
    if not _ABSOLUTE.match(decoded):
        return parameter
    mapped = map_absolute(decoded, context)
    if mapped == decoded:
        return parameter
    kept = 0  # characters at the end that stay as they are written
    while kept < min(len(mapped), len(decoded)) and mapped[-1 - kept] == decoded[-1 - kept]:
        kept += 1
    head, tail = "".join(characters[: len(decoded) - kept]), "".join(characters[len(decoded) - kept :])
    # As the app writes: some leave the colon and the slashes, which a query may hold, as they are.
    safe = ":/" if "://" in head else ""
    written = quote(mapped[: len(mapped) - kept], safe=safe, encoding="latin-1", errors="replace")
    return f"{name}={written}{tail}"
