"""What is different between two texts, line by line, with the changed part of each line. Bounded; for a thread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MAX_LINES = 5_000
"""Of each text; what is behind them is not compared."""

_CONTEXT = 3  # equal lines around a change
_MARKED = 400  # characters of a line that is looked at word by word
_LONG = 300  # characters; longer lines that differ are parted where markup, lists and statements end
_LONGEST = 2_000  # characters; longer ones are parted always, since no view likes them
_PART = re.compile(r"[^>,;{}]*[>,;{}]+|[^>,;{}]+")
_WORD = re.compile(r"\w+|\s+|.")

RowKind = Literal["equal", "changed", "removed", "added", "gap"]
Span = tuple[int, int]
"""(start, end) in characters."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of both texts beside each other; "" where a side has none. gap: `left` tells how many equal ones are
    left out. left_marks, right_marks: what differs inside a changed line."""

    kind: RowKind
    left: str = ""
    right: str = ""
    left_marks: tuple[Span, ...] = ()
    right_marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class LineDiff:
    """rows: with a few equal lines around each change; changes: how many; cut: only the beginnings were compared"""

    rows: tuple[Row, ...]
    changes: int = 0
    cut: bool = False

    @property
    def identical(self) -> bool:
        return not self.changes and not self.cut


def split_lines(text: str) -> list[str]:
    """Lines as people compare them: very long ones (minified code) are parted where their content suggests it, so
    that one change does not differ in all of them."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += _PART.findall(line) if len(line) > _LONGEST else [line]
    return lines


def diff_lines(left: Sequence[str], right: Sequence[str]) -> LineDiff:
    """Compare. Equal texts have no rows."""
    cut = max(len(left), len(right)) > MAX_LINES
    left, right = left[:MAX_LINES], right[:MAX_LINES]
    start = 0
    shorter = min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    end = 0
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    if start == len(left) == len(right):
        return LineDiff((), cut=cut)
    # What is equal on both ends need not be searched.
    matcher = SequenceMatcher(None, left[start : len(left) - end], right[start : len(right) - end])
    rows = [Row("equal", line, line) for line in left[:start]]
    changes = 0
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            rows += [Row("equal", line, line) for line in left[start + a : start + b]]
        else:
            block = list(_block(left[start + a : start + b], right[start + c : start + d]))
            changes += _changes(block)
            rows += block
    rows += [Row("equal", line, line) for line in left[len(left) - end :]] if end else []
    return LineDiff(tuple(_folded(rows)), changes, cut)


def _block(removed: Sequence[str], added: Sequence[str]) -> Iterator[Row]:
    """What differs. Where one side is a long line, as our own script in a page is, both are looked at in parts."""
    if not any(len(line) > _LONG for lines in (removed, added) for line in lines):
        yield from _paired(removed, added)
        return
    one, other = _parts(removed), _parts(added)
    if one == other:  # nothing but the line breaks differ, and that is a difference
        yield from _paired(removed, added)
        return
    for tag, a, b, c, d in SequenceMatcher(None, one, other).get_opcodes():
        if tag == "equal":
            yield from (Row("equal", line, line) for line in one[a:b])
        else:
            yield from _paired(one[a:b], other[c:d])


def _parts(lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in _PART.findall(line) or [line]]


def _changes(rows: Sequence[Row]) -> int:
    """How many blocks of changes there are."""
    return sum(row.kind != "equal" and (not at or rows[at - 1].kind == "equal") for at, row in enumerate(rows))


def _paired(removed: Sequence[str], added: Sequence[str]) -> Iterator[Row]:
    for before, after in zip(removed, added, strict=False):
        yield Row("changed", before, after, *_marks(before, after))
    for before in removed[len(added) :]:
        yield Row("removed", before)
    for after in added[len(removed) :]:
        yield Row("added", right=after)


def _marks(before: str, after: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """By words; nothing is marked where hardly anything is common, since all would be."""
    if max(len(before), len(after)) > _MARKED:
        return (), ()
    one, other = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < 0.3:
        return (), ()
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        tuple((_length(one[:a]), _length(one[:b])) for _, a, b, _, _ in codes if a < b),
        tuple((_length(other[:c]), _length(other[:d])) for _, _, _, c, d in codes if c < d),
    )


def _length(words: Sequence[str]) -> int:
    return sum(map(len, words))


def _folded(rows: Sequence[Row]) -> Iterator[Row]:
    """Leaves out equal lines that are far from any change."""
    near = bytearray(len(rows))
    for place, row in enumerate(rows):
        if row.kind != "equal":
            first = max(0, place - _CONTEXT)
            last = min(len(rows), place + _CONTEXT + 1)
            near[first:last] = b"\x01" * (last - first)
    skipped = 0
    for place, row in enumerate(rows):
        if not near[place]:
            skipped += 1
            continue
        if skipped:
            yield Row("gap", str(skipped))
            skipped = 0
        yield row
    if skipped:
        yield Row("gap", str(skipped))
