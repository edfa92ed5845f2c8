"""Filters that the user keeps: adding, renaming, removing; names are unique, the order is that of saving."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.settings import SavedFilter
from app.filter.filter import parse
from app.filter.parser import FilterError

LONGEST_NAME = 40

Saved = tuple[SavedFilter, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """saved: all filters afterwards; problem: why nothing changed, empty if something did"""

    saved: Saved
    problem: str = ""


def keepable(text: str, saved: Saved) -> bool:
    """Whether it is a filter that asks for something and is not kept yet."""
    try:
        return parse(text).active and all(each.text != text.strip() for each in saved)
    except FilterError:
        return False


def with_filter(saved: Saved, name: str, text: str) -> Change:
    """One more at the end; a name that is in use gets the new text."""
    name = _name(name)
    if not name:
        return Change(saved, "A saved filter needs a name")
    new = SavedFilter(name, text.strip())
    if any(each.name == name for each in saved):
        return Change(tuple(new if each.name == name else each for each in saved))
    return Change((*saved, new))


def renamed(saved: Saved, old: str, new: str) -> Change:
    """The same place and text under another name."""
    new = _name(new)
    if not new:
        return Change(saved, "A saved filter needs a name")
    if new != old and any(each.name == new for each in saved):
        return Change(saved, f"There is a filter “{new}” already")
    return Change(tuple(SavedFilter(new, each.text) if each.name == old else each for each in saved))


def without(saved: Saved, name: str) -> Change:
    """All but that one."""
    return Change(tuple(each for each in saved if each.name != name))


def suggested_name(text: str) -> str:
    """What the filter might be called: its own words, as far as they fit."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1] + "…"


def _name(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME]
