"""What both directions share: the shape of header lists, which fields end at a hop, and which text may leave at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

Header = tuple[str, str]
Headers = Sequence[Header]

# RFC 9110, section 7.6.1, and the fields that older peers still treat as such.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "http2-settings",
        "keep-alive",
        "proxy",  # never a real field; CGI servers would turn it into HTTP_PROXY
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# `Proxy-*` ends at the hop; `X-Hatchway-*` are the service's own fields and may not be forged by either side.
DROPPED_PREFIXES = ("proxy-", "x-hatchway-")

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ORDINARY_OPTIONS = frozenset({"", "close", "keep-alive", "upgrade"})
# Fields a peer must not be able to remove by naming them in Connection: the message would be read differently.
_NOT_NOMINABLE = frozenset({"host", "content-length"})


def is_valid_name(name: str) -> bool:
    """Whether the field name is a token (RFC 9110, section 5.1)."""
    return _TOKEN.fullmatch(name) is not None


def is_safe_value(value: str) -> bool:
    """Whether the field value may be sent: no CR, LF or NUL (RFC 9110, section 5.5), and latin-1 text."""
    if "\r" in value or "\n" in value or "\0" in value:
        return False
    # A wider character cut to its low byte elsewhere could become one of those three.
    return value.isascii() or max(value) <= "\xff"


def nominated_fields(connection: str) -> frozenset[str]:
    """Lower-case names of the fields that one `Connection` value declares hop-by-hop (RH28)."""
    options = {option.strip().lower() for option in connection.split(",")}
    return frozenset(options - _ORDINARY_OPTIONS - _NOT_NOMINABLE)


def is_valid_length(value: str) -> bool:
    """Whether the text is one `Content-Length` (RFC 9110, section 8.6): digits only, of a sane size."""
    text = value.strip(" \t")
    return text.isascii() and text.isdecimal() and len(text) <= 18
