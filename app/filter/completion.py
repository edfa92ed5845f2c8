"""What can be typed next: names of fields, their values, with what they would replace. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.filter.fields import BY_NAME, FIELDS, Field
from app.filter.mitmproxy import OPERATORS

_WORD = re.compile(r"[^\s()]*$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands before the cursor.

    start: where the replaced part begins (it ends at the cursor); field: its values are wanted, None: names of fields
    """

    start: int
    prefix: str
    field: Field | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """text: takes the place of the prefix; hint: a sentence or a count beside it"""

    text: str
    hint: str


def wanted(text: str, cursor: int, *, asked: bool = False) -> Wanted | None:
    """What could be completed at the cursor; None inside quotes, or where nothing was typed unless it is asked for."""
    before = text[:cursor]
    if before.count('"') % 2:
        return None
    found = _WORD.search(before)
    word = found[0] if found is not None else ""
    start = cursor - len(word)
    negation = 1 if word[:1] in ("-", "!") else 0
    word, start = word[negation:], start + negation
    name, colon, value = word.partition(":")
    field = BY_NAME.get(name.lower()) if colon else None
    if field is not None:
        return Wanted(start + len(name) + 1, value, field)
    return Wanted(start, word, None) if not colon and (word or asked) else None


def candidates(what: Wanted, seen: Sequence[tuple[str, int]] = ()) -> list[Candidate]:
    """What fits, the likeliest first. seen: (value, how often) of the field, as `values` of the archive tells them"""
    prefix = what.prefix.lower()
    if what.field is None:
        return _operators(prefix) if prefix.startswith("~") else _names(prefix)
    counts = dict(seen)
    if what.field.choices:
        known = sorted(what.field.choices, key=lambda choice: -counts.get(choice, 0))
        return [_counted(choice, counts) for choice in known if choice.startswith(prefix)]
    values = [Candidate(quoted(value), f"{count}") for value, count in seen if value.lower().startswith(prefix)]
    samples = [Candidate(sample, "") for sample in what.field.samples if sample.startswith(prefix)]
    return values + samples


def quoted(value: str) -> str:
    """The value as it is typed: in quotes if it would not be one word."""
    if re.search(r'[\s()"*]|^[/=<>]', value) and not re.fullmatch(r"/[^\s()\"*]*[^\s()\"*/]", value):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return value


def _names(prefix: str) -> list[Candidate]:
    """Fields that begin so; then those with a part, or a name in another tool, that does."""
    first = [field for field in FIELDS if field.name.startswith(prefix)]
    parts = [field for field in FIELDS if any(name.startswith(prefix) for name in _other_names(field))]
    return [Candidate(f"{field.name}:", field.help) for field in dict.fromkeys(first + parts)]


def _other_names(field: Field) -> list[str]:
    return [*field.name.split(".")[1:], *field.aliases]


def _operators(prefix: str) -> list[Candidate]:
    return [
        Candidate(f"~{name}", meaning if isinstance(meaning, str) else f"{meaning.field}:")
        for name, meaning in OPERATORS.items()
        if f"~{name}".startswith(prefix)
    ]


def _counted(choice: str, counts: dict[str, int]) -> Candidate:
    return Candidate(choice, f"{counts[choice]}" if choice in counts else "")
