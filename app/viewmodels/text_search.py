"""Finds a text in a laid-out one, in a thread, across soft breaks and pieces."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from threading import Event
from typing import Final, NamedTuple

from app.content.pretty import breathe
from app.viewmodels.laid_out import SOFT_BREAK

MOST_MATCHES: Final = 10_000


class Match(NamedTuple):
    """line: from 0, soft breaks counted; column, length: in UTF-16 units, as Qt counts"""

    line: int
    column: int
    length: int


def find_all(pieces: Sequence[str], needle: str, stop: Event | None = None) -> list[Match]:
    """The first MOST_MATCHES places, none overlapping another one. Upper and lower case count only if the needle
    has an upper-case letter."""
    if not needle:
        return []
    # A soft break may fall anywhere into what is looked for.
    pattern = re.compile(
        f"(?:{re.escape(SOFT_BREAK)})?".join(map(re.escape, needle)),
        re.IGNORECASE if needle == needle.lower() else 0,
    )
    reach = len(needle) * (len(SOFT_BREAK) + 1)
    found: list[Match] = []
    line = 0  # of the beginning of `text`
    before = ""  # what precedes `text` in that line
    text = ""
    for number, piece in enumerate(pieces):
        text += piece
        is_last = number == len(pieces) - 1
        # A match that begins in the last few characters may go on in the next piece.
        done = len(text) if is_last else max(0, len(text) - reach)
        at = 0
        for hit in pattern.finditer(text):
            if hit.start() >= done:
                break
            line, before = _advance(line, before, text[at : hit.start()])
            found.append(Match(line, utf16_units(before), utf16_units(hit[0])))
            if len(found) == MOST_MATCHES:
                return found
            line, before = _advance(line, before, hit[0])
            at = hit.end()
        done = max(done, at)
        line, before = _advance(line, before, text[at:done])
        text = text[done:]
        if breathe(stop):
            break
    return found


def _advance(line: int, before: str, text: str) -> tuple[int, str]:
    breaks = text.count("\n")
    return line + breaks, text[text.rfind("\n") + 1 :] if breaks else before + text


def utf16_units(text: str) -> int:
    """How many UTF-16 units the text is."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def matches_in(matches: Sequence[Match], line: int) -> Sequence[Match]:
    """Those that begin in that line; the matches are in order."""
    first = bisect_left(matches, line, key=lambda match: match.line)
    return matches[first : bisect_left(matches, line + 1, lo=first, key=lambda match: match.line)]


def characters(text: str, units: int) -> int:
    """How many characters the first so many UTF-16 units of the text are."""
    if text.isascii():
        return min(units, len(text))
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "replace"))
