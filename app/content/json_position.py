"""Which value of a JSON text stands at a position: its path, and where it begins and ends. Nothing is parsed whole."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.content.pretty import breathe

JsonPath = tuple[str | int, ...]
"""Keys and indices, from the document down; () is the document."""

_BREATHE_AT: Final = 4096  # matches
STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+'
"""Pattern of a string without its closing quote, which may be missing. Possessive: nothing is tried twice."""

_BETWEEN: Final = r'[^{}\[\],"]*+'
_BRACKET: Final = re.compile(rf'{_BETWEEN}(?:{STRING}"?+{_BETWEEN})*+([{{}}\[\],]|\Z)', re.DOTALL)
_ELEMENT: Final = re.compile(rf'\s*(?:({STRING}")\s*:\s*)?', re.DOTALL)
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class JsonPlace:
    """start, end: of the value in the text (end is that of the text, if it breaks off); scalar: no list, no object"""

    path: JsonPath
    start: int
    end: int
    scalar: bool


def path_text(path: JsonPath) -> str:
    """The path as the filter language writes it: `.items[3].id`, `.["a b"]`; `.` is the document."""
    parts = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}")
        else:
            parts.append(f".[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts) or "."


def place_at(text: str, offset: int, stop: threading.Event | None = None) -> JsonPlace | None:
    """The value at that offset of any JSON text, or of one that breaks off; of a key, its value.

    Reads up to the offset, and on to the end of that value: seconds for tens of megabytes. None if nothing is there, or
    `stop` was set.
    """
    around: list[_Around] = []
    closed: tuple[int, int] | None = None  # the list or object that was closed last, if nothing has come since
    wanted: tuple[JsonPath, int, int] | None = None  # a list or object whose end is to be found: path, start, depth
    begin = 0
    for count, match in enumerate(_BRACKET.finditer(text)):
        if count % _BREATHE_AT == 0 and breathe(stop):
            return None
        at, bracket = match.start(1), match[1]
        if not bracket:
            break
        here = wanted is None and offset <= at
        if bracket in "{[":
            if here:
                wanted = (_path(text, around), at, len(around))
            around.append(_Around(bracket == "[", at, at + 1))
            closed = None
        elif bracket == ",":
            if here and (found := _scalar(text, begin, at, around) or _closed(text, closed, around)):
                return found
            if around:
                around[-1].index += 1
                around[-1].element = at + 1
            closed = None
        elif not around:
            return None
        else:
            if here and offset < at and (found := _scalar(text, begin, at, around)):
                return found
            closed = (around.pop().start, at + 1)
            if here or (wanted is not None and wanted[2] == len(around)):
                return _closed(text, closed, around)
        begin = at + 1
    if wanted is not None:
        return JsonPlace(wanted[0], wanted[1], len(text), scalar=False)
    return _scalar(text, begin, len(text), around) or (None if around else _closed(text, closed, around))


@dataclass(slots=True)
class _Around:
    """A list or object around the position. element: where the text of its latest element begins"""

    is_list: bool
    start: int
    element: int
    index: int = 0


def _path(text: str, around: Sequence[_Around]) -> JsonPath:
    return tuple(each.index if each.is_list else _key(text, each.element) for each in around)


def _key(text: str, begin: int) -> str:
    found = _ELEMENT.match(text, begin)
    return key_text(found[1]) if found is not None and found[1] else ""


def _scalar(text: str, begin: int, end: int, around: Sequence[_Around]) -> JsonPlace | None:
    """What stands between two brackets or commas, if it is a value."""
    found = _ELEMENT.match(text, begin, end)
    start = begin if found is None else found.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    return JsonPlace(_path(text, around), start, end, scalar=True) if start < end else None


def _closed(text: str, span: tuple[int, int] | None, around: Sequence[_Around]) -> JsonPlace | None:
    return None if span is None else JsonPlace(_path(text, around), *span, scalar=False)


def key_text(token: str) -> str:
    """What a key in quotes means, as far as it can be read."""
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token.strip('"')
