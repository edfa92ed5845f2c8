"""Text made ready for a text widget, in a thread: in pieces, long lines broken softly, lines counted.

The widget only inserts the pieces. Whatever goes over the whole of a large text (joining, counting, searching for
breaks) holds the interpreter, and with it the loop, for longer than a frame.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from app.content.pretty import breathe

SOFT_LINE: Final = 2_000
SOFT_BREAK: Final = "\u2060↩\n"
"""Where a long line was split for display; the invisible word joiner makes the mark unmistakable for copying."""

PIECE: Final = 32 * 1024
"""About as many characters has a piece: a few milliseconds of work."""


@dataclass(frozen=True, slots=True)
class LaidOutText:
    """pieces: the text, in order; each begins with a line and is of about PIECE characters
    starts: number (from 0) of the first line of each piece
    continued: numbers of the lines that go on a softly broken one
    lines, size: how many lines (continued ones too) and characters there are
    widest: characters of the longest line, those outside ASCII counted twice
    """

    pieces: tuple[str, ...] = ("",)
    starts: array[int] = field(default_factory=lambda: array("L", [0]))
    continued: array[int] = field(default_factory=lambda: array("L"))
    lines: int = 1
    size: int = 0
    widest: int = 0

    @property
    def text(self) -> str:
        """All of it as displayed. For short texts."""
        return "".join(self.pieces)


def lay_out(texts: Iterable[str], stop: Event | None = None) -> LaidOutText:
    """Lay out a text that comes in parts of any size. Line ends become LF, NUL becomes visible.

    stop: set when the result is no longer wanted, which then is incomplete
    """
    out = _Layout(SOFT_LINE)
    for piece in _pieces(texts):
        out.add(piece)
        if breathe(stop):
            break
    return out.done()


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    """The same text in parts of PIECE characters, or a little more."""
    waiting: list[str] = []
    size = 0
    for text in texts:
        for start in range(0, len(text), PIECE):
            waiting.append(text[start : start + PIECE])
            size += len(waiting[-1])
            if size >= PIECE:
                yield "".join(waiting)
                waiting.clear()
                size = 0
    yield "".join(waiting)


def as_it_is(text: str) -> LaidOutText:
    """A short text that keeps its long lines, to be taken out of the widget again."""
    out = _Layout(len(text))
    for piece in _pieces([text]):
        out.add(piece)
    return out.done()


class _Layout:
    def __init__(self, width: int) -> None:
        self._width = width
        self._pieces: list[str] = []
        self._starts = array("L")
        self._continued = array("L")
        self._line = 0  # number of the line that `_held` is the beginning of
        self._held = ""
        self._size = self._widest = 0

    def add(self, text: str) -> None:
        text = self._held + text
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if "\0" in text:
            text = text.replace("\0", "␀")
        first = self._line
        whole, newline, self._held = text.rpartition("\n")
        piece = self._broken(whole) + newline if newline else ""
        parts = []
        while len(self._held) > self._width + 1:  # its last character may be half of a line end
            parts.append(self._held[: self._width])
            self._held = self._held[self._width :]
            self._next_line(continued=True)
        self._emit(piece + "".join(f"{part}{SOFT_BREAK}" for part in parts), first)

    def done(self) -> LaidOutText:
        first = self._line
        rest = self._broken_line(self._held)
        # With the piece before it: a short text shall be a single one, which is there at once.
        piece, start = (self._pieces.pop(), self._starts.pop()) if self._pieces else ("", first)
        self._size -= len(piece)
        self._emit(piece + rest, start)
        pieces = tuple(self._pieces) or ("",)
        starts = self._starts or array("L", [0])
        return LaidOutText(pieces, starts, self._continued, self._line + 1, self._size, self._widest)

    def _emit(self, piece: str, first: int) -> None:
        if piece:
            self._pieces.append(piece)
            self._starts.append(first)
            self._size += len(piece)
            factor = 1 if piece.isascii() else 2
            self._widest = max(self._widest, factor * max(map(len, piece.split("\n"))))

    def _broken(self, text: str) -> str:
        lines = text.split("\n")
        if max(map(len, lines)) <= self._width:
            self._line += len(lines)
            return text
        done = []
        for line in lines:
            done.append(self._broken_line(line))
            self._next_line(continued=False)
        return "\n".join(done)

    def _broken_line(self, line: str) -> str:
        if len(line) <= self._width:
            return line
        parts = [line[start : start + self._width] for start in range(0, len(line), self._width)]
        for _ in parts[1:]:
            self._next_line(continued=True)
        return SOFT_BREAK.join(parts)

    def _next_line(self, *, continued: bool) -> None:
        self._line += 1
        if continued:
            self._continued.append(self._line)
