"""What a filter is once it is understood: a small tree, every node with its place in the text.

Everything is normalised: fields by their canonical names (`fields.py`), sizes in bytes, durations and ages in
nanoseconds, needles in lower case, wildcards as regular expressions. SQL (`app.history.query`) and `match.py` read the
same tree.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

Span = tuple[int, int]
"""(first character, one after the last) in the text of the filter."""

JsonPath = tuple[str | int | None, ...]
"""Keys and indexes; None stands for any element."""


@dataclass(frozen=True, slots=True)
class Contains:
    """The text is somewhere in the value; A to Z in any case, everything else exactly. needle: ASCII lower case"""

    needle: str


@dataclass(frozen=True, slots=True)
class Equals:
    """The whole value; A to Z in any case."""

    value: str


@dataclass(frozen=True, slots=True)
class Matches:
    """A regular expression (Python's syntax, any case) finds something."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Between:
    """A number; both ends belong to it, None is open."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Present:
    """There is one, whatever it is."""


@dataclass(frozen=True, slots=True)
class JsonTest:
    """The value at the path: there is one (`?`), or it compares so. value: a JSON scalar"""

    path: JsonPath
    operator: Literal["?", "=", "!=", "<", "<=", ">", ">=", "~"] = "?"
    value: str | int | float | bool | None = None


Test = Contains | Equals | Matches | Between | Present | JsonTest


@dataclass(frozen=True, slots=True)
class Term:
    """One question. name: of a header, in lower case; empty tests every `name: value` line"""

    field: str
    test: Test
    name: str = ""
    span: Span = dataclasses.field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    part: Node
    span: Span = dataclasses.field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts; none: everything matches."""

    parts: tuple[Node, ...]
    span: Span = dataclasses.field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]
    span: Span = dataclasses.field(default=(0, 0), compare=False)


Node = Term | Not | And | Or


def terms(node: Node) -> list[Term]:
    """All questions of the tree, from left to right."""
    match node:
        case Term():
            return [node]
        case Not(part=part):
            return terms(part)
    return [term for part in node.parts for term in terms(part)]
