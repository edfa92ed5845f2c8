"""Character references in attribute values: read for decisions, kept byte for byte wherever nothing changes (H22)."""

from __future__ import annotations

import re
from bisect import bisect_left
from html.entities import html5

_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9A-Fa-f]++)|([0-9]++));?+|([A-Za-z][A-Za-z0-9]*+;?+))")
_LONGEST_NAME = max(map(len, html5))
# A reference that is not ASCII becomes one of these. In the latin-1 view of a body the character itself would stand
# for a byte, and every reference being one character keeps the arithmetic simple.
_PLACEHOLDERS = 0xF0000
_PLACEHOLDER = re.compile("[\U000f0000-\U000fffff]")
_UNSAFE = {
    '"': re.compile(r'[&"]'),
    "'": re.compile(r"[&']"),
    "": re.compile(r"[&\"'<>=`\x00-\x20]"),
    # In XML; and `<` alone: for text.
    '<"': re.compile(r'[&<"]'),
    "<'": re.compile(r"[&<']"),
    "<": re.compile(r"[&<]"),
}
_RECOGNISED = (16, 4, 1)  # characters by which text is found again in front of something put in
_LONGEST_INSERTION = 4096
_NAMED = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"}


class Decoded:
    """The value of an attribute together with what was written for it.

    value: as the browser reads it, but with placeholders for references that are not ASCII
    """

    __slots__ = ("_at", "_ends", "_raw", "_starts", "value")

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._starts: list[int] = []  # of the references, in the raw text
        self._ends: list[int] = []
        self._at: list[int] = []  # in the value
        self.value = raw if _PLACEHOLDER.search(raw) else self._decode()

    def splice(self, value: str, quote: str = "") -> str:
        """What to write for another value: only what differs from the old one is written anew.

        quote: see `escape`
        """
        old = self.value
        out: list[str] = []
        copied = 0
        for start, end, new in _differences(old, value):
            written = escape(new, quote)
            if self._starts:
                written = _PLACEHOLDER.sub(self.reference, written)
            out += (self._raw[self._offset(copied) : self._offset(start)], written)
            copied = end
        out.append(self._raw[self._offset(copied) :])
        return "".join(out)

    def reference(self, match: re.Match[str]) -> str:
        """What was written for a placeholder."""
        index = ord(match[0]) - _PLACEHOLDERS
        return self._raw[self._starts[index] : self._ends[index]] if index < len(self._starts) else match[0]

    def _decode(self) -> str:
        raw = self._raw
        out: list[str] = []
        copied = size = 0
        for match in _REFERENCE.finditer(raw):
            start, end = match.span()
            hexadecimal, decimal, name = match.groups()
            if name is None:
                digits = (hexadecimal or decimal).lstrip("0")
                # More digits than any character has need no conversion, which would take quadratic time.
                code = int(digits or "0", 16 if hexadecimal else 10) if len(digits) < 8 else 0x110000
                text = chr(code) if 0 < code < 0x80 else ""
            else:
                found = _named(raw, name, start + 1)
                if found is None:
                    continue
                text, end = found
            index = len(self._starts)
            if index > 0xFFFF:
                break
            out += (raw[copied:start], text if len(text) == 1 and text < "\x80" else chr(_PLACEHOLDERS + index))
            size += start - copied
            copied = end
            self._starts.append(start)
            self._ends.append(end)
            self._at.append(size)
            size += 1
        out.append(raw[copied:])
        return "".join(out)

    def _offset(self, index: int) -> int:
        """Where in the raw text the character of the value begins."""
        before = bisect_left(self._at, index)
        return index if not before else self._ends[before - 1] + index - self._at[before - 1] - 1


def escape(text: str, quote: str = "") -> str:
    """Text as the inside of an attribute value.

    quote: `"` or `'` around it, with `<` in front in XML; `<` alone: as text; nothing: fit for all, unquoted values too
    """
    return _UNSAFE[quote].sub(_escape_one, text)


def _escape_one(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or f"&#{ord(match[0])};"


def _named(raw: str, name: str, at: int) -> tuple[str, int] | None:
    """(characters, where the reference ends) as in attributes: without `;` and before `=` or a letter it is none."""
    if name in html5:
        text, end = html5[name], at + len(name)
    else:
        for size in range(min(len(name), _LONGEST_NAME), 1, -1):
            if name[:size] in html5:
                text, end = html5[name[:size]], at + size
                break
        else:
            return None
    if raw[end - 1] != ";":
        following = raw[end : end + 1]
        if following == "=" or (following.isascii() and following.isalnum()):
            return None
    return text, end


def _differences(old: str, new: str) -> list[tuple[int, int, str]]:
    """(start, end, what is there instead) for each, in order; nearly always all of them are insertions.

    From the end on, since what is put in goes in front of what stays.
    """
    out: list[tuple[int, int, str]] = []
    end, at = len(old), len(new)
    while True:
        same = _common_suffix(old, end, new, at)
        end, at = end - same, at - same
        if not end or not at:
            break
        for size in _RECOGNISED:
            piece = old[max(0, end - size) : end]
            found = new.rfind(piece, max(0, at - _LONGEST_INSERTION), at)
            if found >= 0:
                break
        else:
            break
        found += len(piece)
        out.append((end, end, new[found:at]))
        at = found
    if end or at:
        same = _common_prefix(old, end, new, at)
        out.append((same, end, new[same:at]))
    out.reverse()
    return out


def _common_suffix(one: str, end: int, other: str, at: int) -> int:
    size = 0
    step = 32
    while step:
        start = end - size - step
        if start >= 0 and other.endswith(one[start : end - size], 0, at - size):
            size += step
            step *= 2
        else:
            step //= 2
    return size


def _common_prefix(one: str, end: int, other: str, at: int) -> int:
    low, high = 0, min(end, at)
    while low < high:
        middle = (low + high + 1) // 2
        if other.startswith(one[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low
