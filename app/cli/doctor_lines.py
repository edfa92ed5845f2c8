"""What `hatchway doctor` says: each visit, each finding with its advice, and the verdict."""

from __future__ import annotations

import itertools
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping

from app.cli.output import Output, printable
from app.doctor.diagnosis import Diagnosis, Finding
from app.doctor.examination import Way
from app.doctor.look import Look
from app.doctor.symptoms import Symptom, layers_of
from app.doctor.visitor import Visitor
from app.domain.events import Event, ExchangeRewritten, Notice

_WIDTH = 110  # characters of a line, as far as words allow
_LABELS = {
    "leak": "leak",
    "own_service": "past it",
    "other_service": "other",
    "request": "failed",
    "websocket": "socket",
    "cookie": "cookie",
    "uncaught": "error",
    "console": "console",
    "shown": "page",
}
_WAYS: dict[Way, str] = {"direct": "directly", "tunnel": "through the tunnel"}
_INDENT = " " * 9
_MOST_ALIKE = 10


class Report:
    """Prints while the pages are visited. wait: seconds for which each page is watched."""

    def __init__(self, output: Output, wait: float) -> None:
        self._output = output
        self._wait = wait
        self._edits: Counter[str] = Counter()

    def listener(self, event: Event) -> None:
        """Takes in what the tunnels of this process do."""
        if isinstance(event, ExchangeRewritten):
            self._edits.update(event.rewriting.edits)
        elif isinstance(event, Notice):
            self._output.notice(event.problem)

    def begin(self) -> None:
        """The command has found what it needs."""
        self._output.text(f"\nWatching the page for {self._wait:g} s each way …\n")

    def visited(self, way: Way, visitor: Visitor) -> None:
        """A visit that counts is over."""
        self._output.event({"event": "page.visited", **visit_fields(way, visitor, self._edits)})
        sight = _look(visitor).sights[0]
        sockets = sum(asked.kind == "websocket" for asked in visitor.asked)
        numbers = [_counted(len(visitor.asked) - sockets, "request")]
        if sockets:
            numbers.append(_counted(sockets, "WebSocket"))
        if way == "tunnel" and self._edits:
            numbers.append(_counted(self._edits.total(), "edit"))
        layers = f"   {' '.join(layers_of(visitor))}" if way == "tunnel" else ""
        self._output.text(f"  {_WAYS[way]:<19} {printable(visitor.base + sight.asked)}")
        self._output.text(f"  {'':<19} {', '.join(numbers)}{printable(layers)}")

    def finish(self, verdict: Diagnosis) -> None:
        """All visits are over."""
        output = self._output
        output.text()
        for finding in verdict.findings:
            output.event({"event": "finding", **symptom_fields(finding.symptom), **advice_fields(finding)})
        for line in finding_lines(verdict.findings, colour=output.colour):
            output.text(line)
        for words, also_direct, symptoms in (
            ("Also without the tunnel:", True, verdict.also_direct),
            ("Not known whether this happens without the tunnel, too:", None, verdict.unjudged),
        ):
            for symptom in symptoms:
                output.event({"event": "observation", "also_direct": also_direct, **symptom_fields(symptom)})
            if symptoms:
                output.text("\n".join([words, *(f"  {_LABELS[one.kind]:<8} {_headline(one)}" for one in symptoms), ""]))
        output.event({"event": "doctor.finished", **verdict_fields(verdict)})
        output.text(_verdict(verdict))


def visit_fields(way: Way, visitor: Visitor, edits: Mapping[str, int]) -> dict[str, object]:
    """`page.visited`."""
    sight = _look(visitor).sights[0]
    is_tunnel = way == "tunnel"
    return {
        "way": way,
        "url": visitor.base + sight.asked,
        "status": sight.status or None,
        "reached": sight.reached,
        "layers": list(layers_of(visitor)) if is_tunnel else [],
        "requests": sum(asked.kind != "websocket" for asked in visitor.asked),
        "websockets": sum(asked.kind == "websocket" for asked in visitor.asked),
        "edits": dict(edits) if is_tunnel else {},
    }


def symptom_fields(symptom: Symptom) -> dict[str, object]:
    """What went wrong, as JSON has it."""
    answer = symptom.answer
    return {
        "kind": symptom.kind,
        "what": symptom.what,
        "page": symptom.page or None,
        "code": list(symptom.code),
        "details": list(symptom.details),
        "url": None if symptom.asked is None else symptom.asked.url,
        "resource": None if symptom.asked is None else symptom.asked.kind,
        "status": None if answer is None else answer.status,
        "recovered": answer is not None and answer.recovered,
        "times": symptom.times,
    }


def advice_fields(finding: Finding) -> dict[str, object]:
    """What a `finding` has besides."""
    return {"why": finding.advice.why, "suggestion": finding.advice.suggestion}


def verdict_fields(verdict: Diagnosis) -> dict[str, object]:
    """`doctor.finished`."""
    return {
        "findings": len(verdict.findings),
        "also_direct": len(verdict.also_direct),
        "unjudged": len(verdict.unjudged),
        "compared": verdict.situation.upstream is not None,
    }


def finding_lines(findings: Iterable[Finding], *, colour: bool) -> list[str]:
    """Findings for people; those with the same advice get it once."""
    lines = []
    for advice, group in itertools.groupby(findings, key=lambda finding: finding.advice):
        symptoms = [finding.symptom for finding in group]
        for symptom in symptoms[:_MOST_ALIKE]:
            label = f"{_LABELS[symptom.kind]:<8}"
            lines.append(f"{f'{chr(27)}[33m{label}{chr(27)}[0m' if colour else label} {_headline(symptom)}")
            for detail in symptom.details if symptom.kind == "shown" else (_asked_by(symptom),):
                lines += _wrapped(detail)
        if len(symptoms) > _MOST_ALIKE:
            lines += _wrapped(f"… and {len(symptoms) - _MOST_ALIKE} more of the same; --json names all.")
        lines += [*_wrapped(advice.why), *_wrapped(f"→ {advice.suggestion}"), ""]
    return lines


def _headline(symptom: Symptom) -> str:
    text = symptom.what
    if symptom.kind not in ("console", "uncaught", "shown"):
        if symptom.answer is not None and symptom.answer.recovered:
            text += "  (sent back)"
        elif symptom.details and symptom.kind != "cookie":
            text += f"  → {symptom.details[0]}"
    if symptom.times > 1:
        text += f"  ({symptom.times}×)"
    return textwrap.shorten(printable(text), 400, placeholder=" …")


def _asked_by(symptom: Symptom) -> str:
    words = []
    if symptom.page:
        words += ["asked by" if symptom.asked is not None else "on", symptom.page]
        if symptom.asked is not None and symptom.asked.kind != "other":
            words.append(f"({symptom.asked.kind})")
    if symptom.code:
        words += ["in", " ← ".join(symptom.code[:3])]
    return " ".join(words)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        printable(text), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT + ("  " if text[:1] == "→" else ""),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _verdict(verdict: Diagnosis) -> str:
    unknown = "" if verdict.situation.upstream is not None else (
        " The service behind this tunnel is not known here, so there is nothing to compare with."
    )  # fmt: skip
    if not verdict.findings:
        return f"Nothing goes wrong through the tunnel that does not go wrong without it.{unknown}"
    return f"{_counted(len(verdict.findings), 'finding')}.{unknown}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _look(visitor: Visitor) -> Look:
    seen = visitor.seen
    assert isinstance(seen, Look)
    return seen
