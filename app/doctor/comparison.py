"""What goes wrong through the tunnel only: one visit through it against one or more directly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.doctor.look import Look, Sight
from app.doctor.symptoms import Symptom, symptoms
from app.doctor.visitor import Visitor
from app.domain.upstream import Upstream

ABSOLUTE = frozenset({"leak", "own_service", "other_service"})
"""Kinds that are wrong whatever the page does when it is reached directly."""

_MISSING_SHARE = 0.2  # of the lines; less is what pages tell about their visitor
_MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """only_here: through the tunnel only; also_direct: without it as well; unjudged: nothing to compare with"""

    only_here: tuple[Symptom, ...] = ()
    also_direct: tuple[Symptom, ...] = ()
    unjudged: tuple[Symptom, ...] = ()


def compare(tunnelled: Visitor, directs: Sequence[Visitor], upstream: Upstream | None) -> Comparison:
    """Each visitor has seen a Look. Without a direct visit only what is wrong in any case is told as such."""
    here = [_with_body(one, tunnelled.seen) for one in symptoms(tunnelled, tunnelled=True, upstream=upstream)]
    if not directs:
        absolute = tuple(one for one in here if one.kind in ABSOLUTE)
        return Comparison(absolute, unjudged=tuple(one for one in here if one.kind not in ABSOLUTE))
    known = {(one.kind, one.key) for direct in directs for one in symptoms(direct, tunnelled=False)}
    only_here = [one for one in here if one.kind in ABSOLUTE or (one.kind, one.key) not in known]
    also_direct = [one for one in here if one not in only_here]
    shown = _shown_otherwise(tunnelled.seen, [direct.seen for direct in directs])
    return Comparison((*only_here, *shown), tuple(also_direct))


def _with_body(symptom: Symptom, look: Look) -> Symptom:
    """A page that was refused often says why."""
    if symptom.asked is None or symptom.asked.kind != "document":
        return symptom
    refused = next((sight.refusal for sight in look.sights if sight.refusal), "")
    return replace(symptom, body=refused)


def _shown_otherwise(tunnelled: Look, directs: Sequence[Look]) -> list[Symptom]:
    found = []
    for number, sight in enumerate(tunnelled.sights):
        others = [direct.sights[number] for direct in directs if number < len(direct.sights)]
        # A page that is refused is a failed request already; nothing else can be said of it.
        if others and sight.status < 400 and all(other.asked == sight.asked for other in others):
            details = _differences(sight, others)
            if details:
                what = f"{sight.asked} shows something else"
                found.append(Symptom("shown", what, what, sight.reached, details=tuple(details)))
    return found


def _differences(sight: Sight, others: Sequence[Sight]) -> list[str]:
    """What all direct visits agree about and this one does not show."""
    told = []
    reached = {other.reached for other in others}
    if sight.reached not in reached and len(reached) == 1:
        told.append(f"it ends at {sight.reached or '/'} instead of {others[0].reached or '/'}")
    titles = {other.title for other in others}
    if sight.title not in titles and len(titles) == 1:
        told.append(f"the title is “{sight.title}” instead of “{others[0].title}”")
    headings = [heading for heading in _common([other.headings for other in others]) if heading not in sight.headings]
    told += [f"the heading “{heading}” is missing" for heading in headings[:_MOST_LINES] if heading]
    lines = _common([other.lines for other in others])
    missing = [line for line in lines if line not in sight.lines]
    if lines and not sight.lines:
        told.append("it is blank")
    elif not headings and len(missing) > _MISSING_SHARE * len(lines):
        told += [f"“{line}” is missing" for line in missing[:_MOST_LINES]]
    return told


def _common(texts: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines that are in all of them, in the order of the first."""
    first, *rest = texts
    return [line for line in dict.fromkeys(first) if all(line in other for other in rest)]
