"""A multipart body taken apart so that it can be put together again byte by byte, but for the parts that were changed.

Names are written as browsers do (WHATWG HTML, multipart form data): UTF-8, with `"` and line ends percent-encoded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.content.multipart import MOST_PARTS, Part

_DISPOSITION = re.compile(rb"(?im)^(content-disposition[ \t]*:)([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)")
_TYPE = re.compile(rb"(?im)^(content-type[ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)")
_PARAMETER = re.compile(rb"[ \t]*;[ \t]*([^\s;=\"]+)[ \t]*=[ \t]*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;]*)")
_AFTER = re.compile(rb"(--)?[ \t]*(?=\r?\n|\Z)")  # a boundary
_QUOTED = {'"': "%22", "\r": "%0D", "\n": "%0A", "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class RawPart:
    """mark: the boundary before it, with the line end before that; head: all up to the content; data: the content"""

    mark: bytes
    head: bytes
    data: bytes

    @property
    def part(self) -> Part:
        """As it is read."""
        text = self.head.decode("utf-8", "replace")
        unfolded = re.sub(r"\r?\n[ \t]+", " ", text)
        return Part(tuple(line for line in re.split(r"\r?\n", unfolded) if line.strip()), self.data)

    def renamed(self, name: str) -> RawPart:
        """With another field name; all else of the head stays."""
        return self._with_parameter(b"name", name)

    def refiled(self, file_name: str) -> RawPart:
        """With another file name; an empty one makes it a plain field."""
        return self._with_parameter(b"filename", file_name)

    def retyped(self, content_type: str) -> RawPart:
        """With another Content-Type; an empty one removes the line."""
        value = re.sub(r"[\r\n]+", " ", content_type).strip().encode()
        found = _TYPE.search(self.head)
        if found is None:
            return replace(self, head=self._with_line(b"Content-Type: " + value)) if value else self
        if value:
            return replace(self, head=self.head[: found.start(2)] + value + self.head[found.end() :])
        after = re.match(rb"\r?\n", self.head[found.end() :])
        end = found.end() + (len(after[0]) if after is not None else 0)
        return replace(self, head=self.head[: found.start()] + self.head[end:])

    def _with_parameter(self, key: bytes, value: str) -> RawPart:
        quoted = "".join(_QUOTED.get(character, character) for character in value).encode("utf-8", "replace")
        new = b"; " + key + b'="' + quoted + b'"'
        found = _DISPOSITION.search(self.head)
        if found is None:
            return replace(self, head=self._with_line(b"Content-Disposition: form-data" + new)) if value else self
        # The extended spelling of a file name would count more (RFC 6266 section 4.3).
        gone = (key, b"filename*") if key == b"filename" else (key,)
        keep = new if value or key == b"name" else b""
        line, at = b"", 0
        for each in _PARAMETER.finditer(found[2]):
            line += found[2][at : each.start()]
            if each[1].lower() not in gone:
                line += each[0]
            elif keep:
                line, keep = line + keep, b""
            at = each.end()
        line += found[2][at:] + keep
        return replace(self, head=self.head[: found.start(2)] + line + self.head[found.end() :])

    def _with_line(self, line: bytes) -> bytes:
        """The head with one more line: its last one, before the blank one."""
        end = b"\r\n" if self.head.endswith(b"\r\n") else b"\n"
        return self.head[: -len(end)] + line + end + end


@dataclass(frozen=True, slots=True)
class Layout:
    """`bytes(layout)` is the body. opening: what stands before the first boundary; closing: the last boundary and all
    after it
    """

    boundary: bytes
    opening: bytes
    parts: tuple[RawPart, ...]
    closing: bytes

    def __bytes__(self) -> bytes:
        pieces = [self.opening]
        for part in self.parts:
            pieces += (part.mark, part.head, part.data)
        return b"".join((*pieces, self.closing))

    def with_parts(self, parts: Sequence[RawPart]) -> Layout:
        """Those instead of its own. The first boundary keeps its place: there may be no line end before it."""
        first, other = self.parts[0].mark, self._other_mark
        later = [each.mark if each.mark.startswith((b"\r", b"\n")) else other for each in parts[1:]]
        fitted = tuple(replace(each, mark=mark) for each, mark in zip(parts, (first, *later), strict=False))
        closing = self.closing
        if not parts:  # then the boundary of the end comes first
            closing = first[: len(first) - len(first.lstrip(b"\r\n"))] + closing.lstrip(b"\r\n")
        return replace(self, parts=fitted, closing=closing)

    def field(self, name: str, data: bytes = b"") -> RawPart:
        """A new part, to be added."""
        end = b"\r\n" if b"\r\n" in self.parts[0].head else b"\n"
        empty = RawPart(self._other_mark, end + b"Content-Disposition: form-data" + end + end, data)
        return empty.renamed(name)

    def breaks(self, data: bytes) -> bool:
        """Whether the content would be cut, because the boundary is in it."""
        return re.search(rb"(?:\A|\n)--" + re.escape(self.boundary), data) is not None

    @property
    def _other_mark(self) -> bytes:
        """A boundary within the body, with its line end."""
        if len(self.parts) > 1:
            return self.parts[1].mark
        end = b"\r\n" if b"\r\n" in self.parts[0].head else b"\n"
        return end + b"--" + self.boundary


def layout_of(data: bytes, boundary: bytes) -> Layout | None:
    """The body taken apart; None unless it is whole: at least one part, every head with its blank line, and an end."""
    if not boundary:
        return None
    marks = _marks(data, boundary)
    if len(marks) < 2 or len(marks) > MOST_PARTS + 1 or not marks[-1][2] or any(last for *_, last in marks[:-1]):
        return None
    parts = []
    for (start, end, _), (following, *_) in itertools.pairwise(marks):
        head = _head(data[end:following])
        if head is None:
            return None
        parts.append(RawPart(data[start:end], data[end : end + head], data[end + head : following]))
    return Layout(boundary, data[: marks[0][0]], tuple(parts), data[marks[-1][0] :])


def _marks(data: bytes, boundary: bytes) -> list[tuple[int, int, bool]]:
    """(start with the line end before it, end, whether it is the last) of the boundaries; nothing after the last."""
    found: list[tuple[int, int, bool]] = []
    needle = b"--" + boundary
    at = data.find(needle)  # as quick as memory, whatever is in between; a pattern is not
    while at >= 0 and len(found) <= MOST_PARTS:
        rest = _AFTER.match(data, at + len(needle))
        if rest is not None and (at == 0 or data[at - 1] == 0x0A):
            start = at - (2 if data[at - 2 : at] == b"\r\n" else 1) if at else 0
            found.append((start, rest.end(), bool(rest[1])))
            if rest[1]:
                break
        at = data.find(needle, at + 1)
    return found


def _head(raw: bytes) -> int | None:
    """The length of the head with its blank line; `raw` begins with the line end after the boundary."""
    blank = re.search(rb"\r?\n\r?\n", raw)
    return None if blank is None else blank.end()
