"""URLs as CSS writes them: escapes are read, and kept in what need not change."""

from __future__ import annotations

import re
from collections.abc import Callable

from backend_lambda.rewrite.escaped_text import map_escaped

_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})(?:\r\n|[ \t\n\r\f])?|(\r\n|[\n\r\f])|([\s\S])?)")
# All else is escaped: for strings, url tokens, and the markup or comment around them.
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$+,;=%\[\]]")


def decode(raw: str) -> str:
    """The value of the inside of a string, a url token or a name."""
    return _ESCAPE.sub(_decode_one, raw) if "\\" in raw else raw


def map_value(raw: str, map_url: Callable[[str], str]) -> str:
    """Map the inside of a string or url token; only what the mapping changed is written anew."""
    return map_escaped(raw, map_url, _ESCAPE, _decode_one, lambda text, _: encode(text))


def encode(text: str) -> str:
    """Text that means itself wherever a CSS string or url token may stand; ASCII."""
    return _UNSAFE.sub(lambda match: f"\\{ord(match[0]):x} ", text)


def _decode_one(match: re.Match[str]) -> str:
    digits, newline, character = match.groups()
    if digits:
        code = int(digits, 16)
        return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"
    if newline:
        return ""  # a string goes on in the next line
    return character or "\ufffd"
