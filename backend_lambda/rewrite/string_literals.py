"""URLs in string literals of JavaScript and JSON: escapes are read, and kept in what need not change."""

from __future__ import annotations

import re
from collections.abc import Callable

from backend_lambda.rewrite.escaped_text import map_escaped

# ECMAScript, "String Literals" with annex B.1.2; what JSON has of it means the same there.
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-3]?[0-7]{1,2})"
    r"|(\r\n|[\n\r\u2028\u2029])|([\s\S])|\Z)"
)
_NAMED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# All else is escaped; it means itself in any quotes, and in a template.
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#@!&+,;=%\[\]()*]")
# In the latin-1 view a character is a byte, `\u00e9` is a character: escaped ones beyond ASCII pass as placeholders.
_PLACEHOLDERS = 0xF0000
_PLACEHOLDER = re.compile("[\U000f0000-\U000fffff]")


def map_literal(raw: str, map_url: Callable[[str], str]) -> str:
    """Map the inside of a string literal; only what the mapping changed is written anew.

    raw: as it stands between quotes of any kind, or backticks without substitutions
    """
    return raw if _PLACEHOLDER.search(raw) else map_escaped(raw, map_url, _ESCAPE, _decode_one, _encode)


def encode_literal(text: str) -> str:
    """Text that means itself between quotes of any kind; ASCII."""
    return _encode(text, "")


def _encode(text: str, value: str) -> str:
    """Bytes beyond ASCII that were there before stay."""

    def encode_one(match: re.Match[str]) -> str:
        character = match[0]
        if character >= "\x80" and character in value and not _PLACEHOLDER.match(character):
            return character
        return "".join(f"\\u{unit:04x}" for unit in _units(ord(character)))

    return _UNSAFE.sub(encode_one, text)


def _decode_one(match: re.Match[str]) -> str:
    code_point, four, two, octal, newline, character = match.groups()
    if newline or character:
        return "" if newline else _NAMED.get(character, character)  # behind a backslash the string just goes on
    digits = code_point or four or two or octal
    if digits is None:
        return ""
    code = int(digits, 8 if octal else 16)
    if code < 0x80:
        return chr(code)
    return "".join(chr(_PLACEHOLDERS + unit) for unit in _units(code if code <= 0x10FFFF else 0xFFFD))


def _units(code: int) -> tuple[int, ...]:
    """A code point, or a placeholder, in UTF-16."""
    if code < 0x10000:
        return (code,)
    if code & ~0xFFFF == _PLACEHOLDERS:
        return (code - _PLACEHOLDERS,)
    return (0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF))
