"""Regular expressions that end: Python's engine has no time limit, and holds up the whole process while it searches.

What can take for ever is refused (`check`). What can only take long is searched in pieces (`searcher`), so that its
time grows with the length of the text and not with a power of it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

MAX_PATTERN = 500
"""Characters of a regular expression."""

SEARCHED = 4_000_000
"""Bytes of one text that are looked at."""

PIECE = 4096
"""Characters: a match that is no longer is always found; in texts of up to two pieces any is."""

_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d*)(,?)(\d*)\})([+?]?)")
_HEAD = re.compile(r"\((?:\?(?:P<\w+>|P=\w+\)|<?[=!]|[aiLmsux]*(?:-[imsx]+)?[:)]|:|>|#[^)]*\)|\([^)]*\)))?")
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)
_LITERAL = re.compile(r"(?:\w|\\[^\w]|[^\\\[\](){}|*+?.^$])+")
_ADVICE = "write (?>…) in place of (…), which never goes back"


class RegexProblem(Exception):
    """start, end: the characters of the pattern that are wrong"""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def check(pattern: str) -> None:
    """Raises RegexProblem for what is no regular expression, and for one that could take for ever."""
    if len(pattern) > MAX_PATTERN:
        raise RegexProblem(f"A regular expression may have {MAX_PATTERN} characters", MAX_PATTERN, len(pattern))
    try:
        compiled(pattern)
    except re.error as error:
        at = min(error.pos or 0, len(pattern) - 1)
        raise RegexProblem(f"The regular expression is wrong: {error.msg}", at, at + 1) from None
    except (OverflowError, RecursionError):
        raise RegexProblem("The regular expression is too complex", 0, len(pattern)) from None
    _Scan(pattern).run()


@lru_cache(maxsize=128)
def compiled(pattern: str) -> re.Pattern[str]:
    """In any case; a dot is any character. Raises re.error, OverflowError, RecursionError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # [[ means something else in a Python that is to come
        return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def searcher(pattern: str) -> Callable[[str], bool]:
    """Whether the pattern, which was checked, is found in a text."""
    expression = compiled(pattern)
    search = expression.search
    # These take no longer than the text is long, or begin in one place only.
    if not re.search(r"[*+]|,\}", pattern) or (pattern.startswith("^") and "|" not in pattern):
        return lambda text: search(text) is not None

    def in_pieces(text: str) -> bool:
        length = len(text)
        if length <= 2 * PIECE:
            return search(text) is not None
        for start in range(0, length, PIECE):
            end = start + 2 * PIECE
            found = search(text, start, end)
            if found is None or found.start() >= start + PIECE:
                continue  # the next piece sees it with what follows
            # At a piece's end `$` means nothing.
            if found.end() < end or end >= length or expression.match(text, found.start()) is not None:
                return True
        return False

    return in_pieces


@dataclass(slots=True)
class _Group:
    """varies: something in it may be given back; ways: how its alternatives begin, None for what is not plain"""

    start: int
    atomic: bool = False
    varies: bool = False
    ways: list[str | None] = field(default_factory=list)

    @property
    def ambiguous(self) -> bool:
        return len(self.ways) > 1 and (None in self.ways or len(set(self.ways)) < len(self.ways))

    @property
    def returns(self) -> bool:
        """Whether the engine may come back and try another way through it."""
        return not self.atomic and (self.varies or self.ambiguous)


class _Scan:
    """Looks for repetitions of what varies in itself: (a+)+, (a|ab)*, and for the same one twice: .*.*"""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._groups = [_Group(0)]
        self._repeated = ""  # the atom before, if it was repeated without a limit

    def run(self) -> None:
        self._first()
        while self._at < len(self._pattern):
            start, group = self._at, self._atom()
            if group is not None:
                self._after(start, group)

    def _atom(self) -> _Group | None:
        """Step over one piece of the pattern; a group if it can be repeated (a character is one, too)."""
        pattern, at = self._pattern, self._at
        char = pattern[at]
        if char == "(":
            head = _HEAD.match(pattern, at)
            assert head is not None
            self._at = head.end()
            if len(head[0]) > 1 and head[0].endswith(")"):
                return _Group(at) if head[0].startswith("(?P=") else None  # flags, comments
            self._groups.append(_Group(at, atomic=head[0] == "(?>"))
            self._repeated = ""
            self._first()
            return None
        if char == "|":
            self._at += 1
            self._repeated = ""
            self._first()
            return None
        if char == ")":
            self._at += 1
            return self._groups.pop() if len(self._groups) > 1 else None
        cls = _CLASS.match(pattern, at) if char == "[" else None
        self._at = cls.end() if cls is not None else at + (2 if char == "\\" else 1)
        return _Group(at)

    def _first(self) -> None:
        """Note how the alternative that begins here begins."""
        plain = _LITERAL.match(self._pattern, self._at)
        follows = self._pattern[plain.end() : plain.end() + 1] if plain is not None else ""
        one = plain is not None and len(plain[0]) == 1
        way = None if plain is None or (one and follows in tuple("*+?{")) else plain[0][:2].lower()
        self._groups[-1].ways.append(way if way is None or way[0] == "\\" else way[0])

    def _after(self, start: int, group: _Group) -> None:
        atom = self._pattern[start : self._at] if group.start == start else ""
        quantifier = _QUANTIFIER.match(self._pattern, self._at)
        holder = self._groups[-1]
        if quantifier is None or (quantifier[1] is None and not (quantifier[2] or quantifier[4])):
            self._repeated = ""
            holder.varies |= group.returns
            return
        self._at = quantifier.end()
        sign, least, comma, most, mode = quantifier.groups()
        fixed = sign is None and not comma
        endless = sign in ("*", "+") or bool(comma and not most)
        many = endless or (sign is None and int(most or least) > 1)
        if many and mode != "+" and group.returns:
            what = "A repetition" if group.varies else "A choice between what begins alike"
            raise RegexProblem(f"{what} inside a repetition can take for ever; {_ADVICE}", group.start, self._at)
        if endless and atom and atom == self._repeated:
            raise RegexProblem(f"{atom} is repeated twice in a row; once is enough", start, self._at)
        self._repeated = atom if endless else ""
        holder.varies |= mode != "+" and (not fixed or group.returns)
