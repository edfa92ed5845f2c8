"""What the first bytes of a body show: HTML without a Content-Type (H30), and what only calls itself text (H28)."""

from __future__ import annotations

import re

SIGNATURE = 8  # bytes in which pictures, archives, sounds and programs give themselves away
# MIME Sniffing, section 4.2: "binary data byte".
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
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
    """Whether something that is declared as text, and is not UTF-16, is none."""
    return _BINARY.search(beginning, 0, SIGNATURE) is not None
