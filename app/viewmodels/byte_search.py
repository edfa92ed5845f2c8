"""Finds bytes in bytes, in a thread."""

from __future__ import annotations

import re
from threading import Event
from typing import Final

from app.content.pretty import ROW, breathe
from app.viewmodels.text_search import MOST_MATCHES, Match

_STEP: Final = 1024 * 1024
_HEX = re.compile(r"0x((?:[0-9a-f]{2}\s*)+)", re.IGNORECASE)


def find_bytes(data: bytes, needle: str, stop: Event | None = None) -> list[Match]:
    """The first MOST_MATCHES places, as (row, byte within it, bytes).

    needle: `0x` and pairs of hex digits, or a text, which is looked for in UTF-8 and, unless it has an upper-case
    letter, in either case of ASCII letters
    """
    digits = _HEX.fullmatch(needle.strip())
    wanted = bytes.fromhex(digits[1]) if digits else needle.encode()
    if not wanted:
        return []
    any_case = not digits and needle == needle.lower()
    pattern = re.compile(re.escape(wanted), re.IGNORECASE if any_case else 0)
    found: list[Match] = []
    at = 0
    while at < len(data):
        end = min(at + _STEP, len(data))
        for hit in pattern.finditer(data, at, min(end + len(wanted) - 1, len(data))):
            found.append(Match(*divmod(hit.start(), ROW), len(wanted)))
            at = hit.end()
            if len(found) == MOST_MATCHES:
                return found
        at = max(at, end)
        if breathe(stop):
            break
    return found
