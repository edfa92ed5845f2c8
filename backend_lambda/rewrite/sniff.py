"""What the first bytes of a body show: HTML without a Content-Type (H30), and what only calls itself text (H28)."""

from __future__ import annotations

import re

LOOK_AT = 512  # bytes; MIME Sniffing, section 7

# MIME Sniffing, section 7.1: white space, then one of these, then a byte that ends a tag's name.
_LONGEST_SIGNATURE = len("<!doctype html>")
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\f\r ]*(?:<!--|"
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[ >])",
    re.IGNORECASE,
)


def is_html(beginning: bytes) -> bool:
    """Whether browsers take an answer without a Content-Type that begins so for HTML."""
    return _HTML.match(beginning) is not None


def may_become_html(beginning: bytes) -> bool:
    """Whether more bytes could make it HTML: so far there is nothing, or the beginning of a tag."""
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip(b"\t\n\f\r ")
    return not start or (start[:1] == b"<" and len(start) < _LONGEST_SIGNATURE)


def is_binary(beginning: bytes) -> bool:
    """Whether something that is declared as text is none: a NUL, unless a byte order mark explains it."""
    return b"\0" in beginning[:LOOK_AT] and not beginning.startswith((b"\xff\xfe", b"\xfe\xff"))
