"""Which value stands in a line of pretty JSON: the way up is read off the indentation.

Of 20 MB, little more than the lines of the same lists are looked at.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Final

from app.content.json_position import STRING, JsonPath, JsonPlace, key_text
from app.content.pretty import MAX_INDENT, breathe

_WINDOW: Final = 64 * 1024  # characters searched at a time, upwards
_BREATHE_AT: Final = 4096  # lines
_HEAD: Final = re.compile(rf'( *)(?:({STRING}"): )?', re.DOTALL)


def pretty_place(text: str, offset: int, mark: str = "", stop: threading.Event | None = None) -> JsonPlace | None:
    """The value in the line at that offset; that of a closing bracket is the whole list or object.

    text: as `pretty_json` writes it, which may break off. mark: stands at the end of a line that goes on in the next
    None if the line is none of valid JSON, or deeper than indentation goes, or `stop` was set.
    """
    lines = _PrettyLines(text, mark, stop)
    begin = lines.begin(offset)
    place = _line_of(text, begin)
    if not place.first:
        return None
    if place.first in "}]":
        opener = lines.previous(begin, place.indent)
        if opener is None:
            return None
        begin, place = opener, _line_of(text, opener)
    path = lines.path(begin, place)
    if path is None:
        return None
    if place.first in "{[" and place.value + 1 == lines.end(begin):
        return JsonPlace(path, place.value, lines.closed(place), scalar=False)
    end = lines.end(begin)
    end -= text[end - 1 : end] == ","
    return JsonPlace(path, place.value, end, scalar=place.first not in "{[")


@dataclass(frozen=True, slots=True)
class _Line:
    """indent: spaces; value: where it begins; first: its first character"""

    indent: int
    key: str | None
    value: int
    first: str


def _line_of(text: str, begin: int) -> _Line:
    head = _HEAD.match(text, begin)
    assert head is not None  # it matches nothing, too
    return _Line(len(head[1]), head[2], head.end(), text[head.end() : head.end() + 1].strip())


class _PrettyLines:
    """Finds lines by their indentation; one that goes on in the next is one line with it."""

    def __init__(self, text: str, mark: str, stop: threading.Event | None) -> None:
        self._text = text
        self._mark = mark
        self._stop = stop

    def begin(self, offset: int) -> int:
        at = self._text.rfind("\n", 0, offset)
        while at >= 0 and self._continued(at):
            at = self._text.rfind("\n", 0, at)
        return at + 1

    def end(self, offset: int) -> int:
        at = self._text.find("\n", offset)
        while at >= 0 and self._continued(at):
            at = self._text.find("\n", at + 1)
        return len(self._text) if at < 0 else at

    def previous(self, before: int, indent: int) -> int | None:
        """The begin of the nearest earlier line with that indentation that opens something, or has a key."""
        starts = ["\n" + " " * indent + first for first in '"{[']
        longest = indent + 2
        high = before
        while high > 0:
            if self._stop is not None and self._stop.is_set():
                return None
            low = max(0, high - _WINDOW)
            found = max(self._text.rfind(start, low, min(high + longest, before)) for start in starts)
            if found < 0:
                high = low
            elif self._continued(found):
                high, before = found, found + longest - 1
            else:
                return found + 1
        return 0 if indent == 0 and self._text[:1] in ('"', "{", "[") else None

    def path(self, begin: int, line: _Line) -> JsonPath | None:
        steps: list[str | int] = []
        while line.indent:
            if line.indent >= 2 * MAX_INDENT:
                return None
            parent = self.previous(begin, line.indent - 2)
            if parent is None:
                return None
            above = _line_of(self._text, parent)
            if above.first == "[":
                index = self._count(above.value, begin, line.indent)
                if index is None:
                    return None
                steps.append(index)
            elif above.first == "{" and line.key is not None:
                steps.append(key_text(line.key.replace(f"{self._mark}\n", "")))
            else:
                return None
            begin, line = parent, above
        return tuple(reversed(steps))

    def closed(self, line: _Line) -> int:
        """Where the list or object that begins in the line is over."""
        closer = "\n" + " " * line.indent + ("}" if line.first == "{" else "]")
        at = self._text.find(closer, line.value)
        while at >= 0 and self._continued(at):
            at = self._text.find(closer, at + 1)
        return len(self._text) if at < 0 else at + len(closer)

    def _count(self, low: int, high: int, indent: int) -> int | None:
        """How many lines with that indentation begin an element in between."""
        whole = rf"(?<!{re.escape(self._mark)}\n)" if self._mark else ""
        begins = re.compile(rf"\n{whole} {{{indent}}}(?=[^ }}\]])")
        count = 0
        for _ in begins.finditer(self._text, low, high):
            count += 1
            if count % _BREATHE_AT == 0 and breathe(self._stop):
                return None
        return count

    def _continued(self, newline: int) -> bool:
        return bool(self._mark) and self._text.endswith(self._mark, 0, newline)
