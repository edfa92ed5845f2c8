"""URLs as CSS writes them: escapes are read, and kept in what need not change."""

from __future__ import annotations

import re
from collections.abc import Callable

_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})(?:\r\n|[ \t\n\r\f])?|(\r\n|[\n\r\f])|([\s\S])?)")
# All else is escaped: for strings, url tokens, and the markup or comment around them.
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$+,;=%\[\]]")
_C0_AND_SPACE = "".join(map(chr, range(0x21)))


def decode(raw: str) -> str:
    """The value of the inside of a string, a url token or a name."""
    return _ESCAPE.sub(_decode_one, raw) if "\\" in raw else raw


def map_value(raw: str, map_url: Callable[[str], str]) -> str:
    """Map the inside of a string or url token; only what the mapping changed is written anew."""
    if "\\" not in raw:
        mapped = map_url(raw)
        if mapped == raw:
            return raw
        if mapped.endswith(raw):
            return encode(mapped[: len(mapped) - len(raw)]) + raw
        values, ends = [raw], [len(raw)]
    else:
        values, ends = _parts(raw)
        value = "".join(values)
        mapped = map_url(value)
        if mapped == value:
            return raw
    return _splice(raw, values, ends, mapped)


def encode(text: str) -> str:
    """Text that means itself wherever a CSS string or url token may stand; ASCII."""
    return _UNSAFE.sub(lambda match: f"\\{ord(match[0]):x} ", text)


def _splice(raw: str, values: list[str], ends: list[int], mapped: str) -> str:
    """`raw` with what differs between its value and `mapped` replaced; whole escapes are kept or replaced."""
    value = "".join(values)
    # Mapping keeps blanks in front and all from the path on.
    blanks = len(value) - len(value.lstrip(_C0_AND_SPACE))
    start = blanks if mapped[:blanks] == value[:blanks] else 0
    same = 0
    limit = min(len(value), len(mapped)) - start
    while same < limit and value[-1 - same] == mapped[-1 - same]:
        same += 1
    head, _ = _offset(values, ends, start)
    tail, kept_from = _offset(values, ends, len(value) - same)
    same = len(value) - kept_from
    return raw[:head] + encode(mapped[start : len(mapped) - same]) + raw[tail:]


def _offset(values: list[str], ends: list[int], at: int) -> tuple[int, int]:
    """(index in the raw text, index in the value) of the first place from `at` on that is not inside an escape."""
    reached = raw_at = 0
    for value, end in zip(values, ends, strict=True):
        size = end - raw_at
        if at <= reached:
            break
        if at < reached + len(value) and size == len(value):
            return raw_at + at - reached, at
        reached += len(value)
        raw_at = end
    return raw_at, reached


def _parts(raw: str) -> tuple[list[str], list[int]]:
    """The text cut into escapes and what is between them: their values, and where in the raw text they end."""
    values: list[str] = []
    ends: list[int] = []
    at = 0
    for match in _ESCAPE.finditer(raw):
        if match.start() > at:
            values.append(raw[at : match.start()])
            ends.append(match.start())
        values.append(_decode_one(match))
        at = match.end()
        ends.append(at)
    if at < len(raw):
        values.append(raw[at:])
        ends.append(len(raw))
    return values, ends


def _decode_one(match: re.Match[str]) -> str:
    digits, newline, character = match.groups()
    if digits:
        code = int(digits, 16)
        return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"
    if newline:
        return ""  # a string goes on in the next line
    return character or "\ufffd"
