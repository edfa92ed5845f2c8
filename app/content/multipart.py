"""Parts of a multipart body (RFC 2046, section 5.1; RFC 7578 for forms), also of one that was cut off."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;\"]+))", re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(r";\s*(name|filename)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;]+))", re.IGNORECASE)
MOST_PARTS = 1000
"""More are counted as the content of the last one; a body of boundaries alone must not become a million objects."""


@dataclass(frozen=True, slots=True)
class Part:
    """head: its header lines as text, in order; whole: False if the capture ends within it."""

    head: tuple[str, ...]
    data: bytes
    whole: bool = True

    @property
    def name(self) -> str:
        """Of the form field, empty if there is none."""
        return self._disposition("name")

    @property
    def file_name(self) -> str:
        """As the sender gave it: never a path to write to without a look at it."""
        return self._disposition("filename")

    @property
    def content_type(self) -> str:
        return self._field("content-type")

    def _field(self, wanted: str) -> str:
        for line in self.head:
            name, _, value = line.partition(":")
            if name.strip().lower() == wanted:
                return value.strip()
        return ""

    def _disposition(self, wanted: str) -> str:
        for found in _FIELD.finditer(self._field("content-disposition")):
            if found[1].lower() == wanted:
                return re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
        return ""


def boundary_of(content_type: str | None) -> bytes:
    """The boundary of a multipart type, empty if it names none."""
    found = _BOUNDARY.search(content_type or "")
    return b"" if found is None else (found[1] or found[2]).encode("latin-1", "replace")


def parts_of(data: bytes, boundary: bytes) -> list[Part]:
    """The parts in order; empty if the boundary does not occur. Never raises for bad data."""
    if not boundary:
        return []
    mark = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    parts: list[Part] = []
    start: int | None = None
    for found in mark.finditer(data):
        if start is not None:
            if len(parts) == MOST_PARTS - 1 and not found[1]:
                continue
            parts.append(_part(data[start : found.start()], whole=True))
        start = found.end()
        if found[1]:
            return parts
    if start is not None and start < len(data):
        parts.append(_part(data[start:], whole=False))
    return parts


def _part(raw: bytes, *, whole: bool) -> Part:
    # `raw` begins with the line end after the boundary, which may at once be the blank line of an empty head.
    blank = _BLANK.search(raw)
    if blank is None:
        return Part(_lines(raw), b"", whole=False)
    return Part(_lines(raw[: blank.start()]), raw[blank.end() :], whole)


def _lines(head: bytes) -> tuple[str, ...]:
    text = head.decode("utf-8", "replace")
    return tuple(line for line in re.split(r"\r?\n", text) if line.strip())
