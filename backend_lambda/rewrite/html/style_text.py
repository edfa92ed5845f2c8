"""A style sheet inside markup where its characters may be written as references: SVG's `<style>`, XHTML's (H7, H18)."""

from __future__ import annotations

import re
from bisect import bisect_left
from html.entities import html5

from backend_lambda.rewrite.css import CssRewriter
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.html.entities import escape

_REFERENCE = re.compile(r"&(?:#[xX]([0-9A-Fa-f]{1,8})|#([0-9]{1,8})|([A-Za-z][A-Za-z0-9]{0,31}));")
_CUT = re.compile(r"&[#A-Za-z0-9]{0,33}\Z")
_OTHER = "\ufffd"  # stands for what a reference to no ASCII character means; CSS takes it for a letter


class StyleText:
    """Incremental, as `CssRewriter`; one run of text between tags, comments and sections."""

    def __init__(self, document: Document) -> None:
        self._css = _EditedCss(document)
        self._cut = ""  # perhaps the beginning of a reference
        self._decoded = ""  # what the style sheet holds back
        self._start = 0  # of that, in the style sheet
        self._references: list[tuple[int, str]] = []  # where in the style sheet, and as written

    @property
    def pending(self) -> str:
        """Input received and not yet given out, as it came."""
        return self._written(self._start, self._start + len(self._decoded)) + self._cut

    def feed(self, text: str) -> str:
        """What can go out now."""
        text = self._cut + text
        cut = _CUT.search(text, max(0, len(text) - 40))
        end = len(text) if cut is None else cut.start()
        self._cut = text[end:]
        decoded = self._decode(text[:end])
        return self._taken(decoded, self._css.feed(decoded))

    def close(self) -> str:
        """The rest."""
        rest, self._cut = self._cut, ""
        return self._taken(rest, self._css.feed(rest)) + self._taken("", self._css.close())

    def _decode(self, text: str) -> str:
        if "&" not in text:
            return text
        out: list[str] = []
        copied = 0
        at = self._start + len(self._decoded)
        for match in _REFERENCE.finditer(text):
            character = _meaning(match)
            if character is None:
                continue
            start = match.start()
            out += (text[copied:start], character)
            at += start - copied
            copied = match.end()
            self._references.append((at, match[0]))
            at += 1
        out.append(text[copied:])
        return "".join(out)

    def _taken(self, new: str, out: str) -> str:
        """The style sheet has taken `new` and given `out`: the same as it is to be written."""
        edits, self._css.edits = self._css.edits, []
        self._decoded += new
        end = self._start + len(self._decoded) - len(self._css.pending)
        if self._references:
            out = "".join(self._edited(edits, end))
            del self._references[: bisect_left(self._references, (end, ""))]
        self._decoded = self._decoded[end - self._start :]
        self._start = end
        return out

    def _edited(self, edits: list[tuple[int, int, str]], end: int) -> list[str]:
        out: list[str] = []
        at = self._start
        for start, stop, new in edits:
            old = self._decoded[start - self._start : stop - self._start]
            same = _common_suffix(old, new)
            if _OTHER in old[: len(old) - same]:
                continue  # cannot be told what to write for it
            out += (self._written(at, start), escape(new[: len(new) - same], "<"))
            at = stop - same
        out.append(self._written(at, end))
        return out

    def _written(self, start: int, end: int) -> str:
        out: list[str] = []
        for index in range(bisect_left(self._references, (start, "")), len(self._references)):
            at, reference = self._references[index]
            if at >= end:
                break
            out += (self._decoded[start - self._start : at - self._start], reference)
            start = at + 1
        out.append(self._decoded[start - self._start : end - self._start])
        return "".join(out)


class _EditedCss(CssRewriter):
    """Tells its edits: (start and end in the style sheet, what is there now)."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.edits: list[tuple[int, int, str]] = []

    def _put(self, text: str, start: int, end: int, new: str) -> None:
        super()._put(text, start, end, new)
        if new != text[start:end]:
            self.edits.append((self._offset + start, self._offset + end, new))


def _meaning(match: re.Match[str]) -> str | None:
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        text = html5.get(name + ";")
        if text is None:
            return None
        return text if len(text) == 1 and text < "\x80" else _OTHER
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x80 else _OTHER


def _common_suffix(one: str, other: str) -> int:
    size = 0
    for old, new in zip(reversed(one), reversed(other), strict=False):
        if old != new:
            break
        size += 1
    return size
