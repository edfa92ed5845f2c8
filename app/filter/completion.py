"""What can be typed next: names of fields, their values, with what they would replace. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.filter.fields import BY_NAME, FIELDS, Field

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


def wanted(text: str, cursor: int) -> Wanted | None:
    """What could be completed at the cursor; None inside quotes, or where nothing has been typed."""
    before = text[:cursor]
    if before.count('"') % 2:
        return None
    found = _WORD.search(before)
    word = found[0] if found is not None else ""
    start = cursor - len(word)
    negation = 1 if word[:1] in "-!" and len(word) > 1 else 0
    word, start = word[negation:], start + negation
    name, colon, value = word.partition(":")
    field = BY_NAME.get(name.lower()) if colon else None
    if field is not None:
        return Wanted(start + len(name) + 1, value, field)
    return Wanted(start, word, None) if word and not colon else None


def candidates(what: Wanted, seen: Sequence[tuple[str, int]] = ()) -> list[Candidate]:
    """What fits, the likeliest first. seen: (value, how often) of the field, as `values` of the archive tells them"""
    prefix = what.prefix.lower()
    if what.field is None:
        names = [field for field in FIELDS if field.name.startswith(prefix)]
        return [Candidate(f"{field.name}:", field.help) for field in names]
    if what.field.choices:
        return [Candidate(choice, "") for choice in what.field.choices if choice.startswith(prefix)]
    return [Candidate(quoted(value), f"{count}") for value, count in seen if value.lower().startswith(prefix)]


def quoted(value: str) -> str:
    """The value as it is typed: in quotes if it would not be one word."""
    if re.search(r'[\s()"*]|^[/=<>]', value) and not re.fullmatch(r"/[^\s()\"*]*[^\s()\"*/]", value):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return value
