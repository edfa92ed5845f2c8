"""What is known of a request that was repaired: how it failed, how it is answered now, and what of that stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from app.domain.exchange import Exchange
from app.domain.verdict import Verdict
from app.replay import volatile
from app.replay.comparison import Masks, compare

_LAST_STEP = re.compile(r"(\.[^.\[\]]+|\[[^\[\]]*\])$")


@dataclass(frozen=True, slots=True)
class Repair:
    """original: as it failed; good: its latest answer since the repair; both with their bodies

    unsteady: places that were not the same in all good answers; masks: the user's word
    """

    original: Exchange
    good: Exchange
    unsteady: frozenset[str]
    masks: Masks

    def steady(self, place: str, name: str, value: object) -> bool:
        """Whether the next good answer has that value at that place (as in `Difference`); of an object or a list,
        whether it has the same names or length.

        name: the last key of the path
        """
        if place in self.unsteady:
            return False
        if isinstance(value, dict | list) or place in self.masks.compared:
            return True
        return place not in self.masks.ignored and not _looks_volatile(name, value)


def find_repair(original: Exchange, attempts: Sequence[Exchange], masks: Masks) -> Repair | None:
    """The repair that the attempts show; None if none of them that sent the same request succeeded.

    Compares bodies: use a thread.

    attempts: with their bodies, oldest first; those that were edited are another request
    """
    fixed = [each for each in attempts if each.verdict is Verdict.FIXED and _same_request(original, each)]
    if not fixed:
        return None
    good = fixed[-1]
    alike = [each for each in fixed if each.status == good.status]
    unsteady: set[str] = set()
    for one, other in combinations(alike, 2):
        for difference in compare(one, other):
            unsteady.add(difference.place)
            if difference.place.startswith("line "):
                unsteady.add("body")
            elif difference.kind != "changed":
                unsteady.add(_LAST_STEP.sub("", difference.place))
    return Repair(original, good, frozenset(unsteady), masks)


def _same_request(original: Exchange, again: Exchange) -> bool:
    """Headers may differ: a signature is made anew."""
    return (original.method, original.target, original.request_body.data) == (
        again.method,
        again.target,
        again.request_body.data,
    )


def _looks_volatile(name: str, value: object) -> bool:
    """Whether a single value is a time, an identifier or a token, by its name or its looks."""
    if isinstance(value, str):
        return volatile.masked(value) != value or bool(volatile.reason(name, "a", "b"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bool(volatile.reason(name, value, value + 1))
    return False
