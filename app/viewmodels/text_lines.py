"""Any line of a laid-out text, and what is between two places, without joining it all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from typing import Final

from app.viewmodels.laid_out import SOFT_BREAK, LaidOutText
from app.viewmodels.text_search import characters, utf16_units

Place = tuple[int, int]
"""(line, character in it), both from 0."""

_KEPT: Final = 8  # pieces that stay split: what is in view, and around it


class LineIndex:
    """Looks lines up by their numbers."""

    def __init__(self, content: LaidOutText) -> None:
        self._content = content
        self._split: OrderedDict[int, list[str]] = OrderedDict()

    def line(self, number: int) -> str:
        """As displayed, without its line end."""
        piece = bisect_right(self._content.starts, number) - 1
        return self._lines(piece)[number - self._content.starts[piece]]

    def shown(self, number: int) -> str:
        """The line without the sign of its soft break, which no cursor goes into."""
        return self.line(number).removesuffix(SOFT_BREAK[:-1])

    def end_of(self, number: int) -> Place:
        """The place after its last character."""
        return number, len(self.shown(number))

    def further(self, start: Place, units: int) -> Place:
        """The place so many UTF-16 units further, perhaps beyond a soft break."""
        number, column = start
        while True:
            rest = self.line(number)[column:] + "\n"
            if units < (here := utf16_units(rest)):
                return number, column + characters(rest, units)
            number, column, units = number + 1, 0, units - here

    def continues(self, number: int) -> bool:
        """Whether the line is the rest of a softly broken one."""
        position = bisect_left(self._content.continued, number)
        return position < len(self._content.continued) and self._content.continued[position] == number

    def real_number(self, number: int) -> int:
        """The number (from 1) of the line as it was before any was broken."""
        return number + 1 - bisect_right(self._content.continued, number)

    def between(self, start: Place, end: Place) -> str:
        """The text from one place to a later one, without soft breaks."""
        first = bisect_right(self._content.starts, start[0]) - 1
        last = bisect_right(self._content.starts, end[0]) - 1
        begin, stop = self._offset(first, start), self._offset(last, end)
        pieces = self._content.pieces
        if first == last:
            parts = [pieces[first][begin:stop]]
        else:
            parts = [pieces[first][begin:], *pieces[first + 1 : last], pieces[last][:stop]]
        return "".join(parts).replace(SOFT_BREAK, "")

    def _offset(self, piece: int, place: Place) -> int:
        before = self._lines(piece)[: place[0] - self._content.starts[piece]]
        return sum(map(len, before)) + len(before) + place[1]

    def _lines(self, piece: int) -> list[str]:
        lines = self._split.get(piece)
        if lines is None:
            lines = self._split[piece] = self._content.pieces[piece].split("\n")
            if len(self._split) > _KEPT:
                self._split.popitem(last=False)
        else:
            self._split.move_to_end(piece)
        return lines
