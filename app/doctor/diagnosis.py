"""The whole verdict about a page: what goes wrong only through the tunnel, with advice, and what goes wrong anyway."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.doctor import page_advice as page
from app.doctor import request_advice as request
from app.doctor import stray_advice as stray
from app.doctor.comparison import compare
from app.doctor.situation import Advice, Situation
from app.doctor.symptoms import Symptom, layers_of
from app.doctor.visitor import Visitor
from app.domain.upstream import Upstream

Rule = Callable[[Symptom, Situation], Advice | None]

# The first rule that knows a symptom has the word; the last of each kind knows all.
_RULES: dict[str, tuple[Rule, ...]] = {
    "leak": (stray.leak,),
    "own_service": (stray.own_service,),
    "other_service": (stray.other_service,),
    "request": (
        request.relay_refusal,
        request.blocked_host,
        request.runtime_blocked,
        page.policy,
        page.mixed_content,
        page.cors,
        page.prefix_twice,
        page.chunk,
        request.not_allowed,
        request.failed,
    ),
    "websocket": (request.relay_refusal, page.policy, page.mixed_content, request.websocket),
    "cookie": (request.cookie,),
    "uncaught": (
        page.service_worker,
        page.policy,
        page.mixed_content,
        page.chunk,
        page.page_instead,
        page.router,
        page.error,
    ),
    "console": (
        page.service_worker,
        page.policy,
        page.mixed_content,
        page.cors,
        page.chunk,
        page.page_instead,
        page.router,
        page.error,
    ),
    "shown": (page.shown,),
}
# What errors of scripts, and pages that look different, follow from.
_LOSSES = frozenset({"leak", "own_service", "other_service", "request", "websocket"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that goes wrong through the tunnel only."""

    symptom: Symptom
    advice: Advice


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """findings: what counts; also_direct: what happens without the tunnel as well; unjudged: what may be the app's own
    fault, since there was no direct visit to compare with"""

    situation: Situation
    findings: tuple[Finding, ...]
    also_direct: tuple[Symptom, ...] = ()
    unjudged: tuple[Symptom, ...] = ()


def diagnose(tunnelled: Visitor, directs: Sequence[Visitor], upstream: Upstream | None) -> Diagnosis:
    """Each visitor has seen a `Look`. directs: visits of the service itself; none if there is no way to it.

    upstream: where the tunnel leads, if known
    """
    compared = compare(tunnelled, directs, upstream)
    is_lossy = any(one.kind in _LOSSES and not (one.answer and one.answer.recovered) for one in compared.only_here)
    situation = Situation(tunnelled.base, layers_of(tunnelled), upstream, is_lossy)
    findings = tuple(Finding(symptom, advise(symptom, situation)) for symptom in compared.only_here)
    return Diagnosis(situation, findings, compared.also_direct, compared.unjudged)


def advise(symptom: Symptom, situation: Situation) -> Advice:
    """What it means and what to do about it."""
    advice = (rule(symptom, situation) for rule in _RULES[symptom.kind])
    return next(one for one in advice if one is not None)
