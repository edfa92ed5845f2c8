"""What Terraform says with `-json`: one object a line (Terraform's "Machine-Readable UI", version 1.x). Sans I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.backends.resource_kinds import kind_of
from app.domain.deployment import Action, DeployProgress, PlannedChange, Step

_ACTIONS: dict[str, Action] = {
    "create": "create",
    "update": "update",
    "replace": "replace",
    "delete": "destroy",
}
_STATES: dict[str, Literal["started", "done", "failed"]] = {
    "apply_start": "started",
    "apply_progress": "started",
    "apply_complete": "done",
    "apply_errored": "failed",
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or a warning. address: of the resource that it is about, "" if none"""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""

    def __str__(self) -> str:
        return f"{self.summary}: {self.detail}" if self.detail else self.summary


@dataclass(frozen=True, slots=True)
class TerraformEvent:
    """One line. text: as a person reads it; the others only where the line is about them.

    change: a resource that the plan wants changed, or that was found changed outside (drift)
    address, state: a resource that is worked on; reading data is not work
    total: of a summary, how many changes there are in the plan (a replacement is two)
    outputs: of the module, those that have a value
    """

    text: str
    kind: str
    change: PlannedChange | None = None
    address: str = ""
    state: Literal["", "started", "done", "failed"] = ""
    total: int | None = None
    diagnostic: Diagnostic | None = None
    outputs: Mapping[str, object] = field(default_factory=dict)


def parse_line(line: str) -> TerraformEvent | None:
    """None for an empty line. What is no JSON of Terraform's is text, as before it knows of `-json`, or in a crash."""
    stripped = line.strip()
    if not stripped:
        return None
    try:
        message = json.loads(stripped)
    except (ValueError, RecursionError):
        return TerraformEvent(stripped, "text")
    if not isinstance(message, dict):
        return TerraformEvent(stripped, "text")
    text, kind = _text(message.get("@message")), _text(message.get("type"))
    match kind:
        case "planned_change" | "resource_drift":
            return TerraformEvent(text, kind, change=_change(_table(message.get("change"))))
        case "apply_start" | "apply_progress" | "apply_complete" | "apply_errored":
            hook = _table(message.get("hook"))
            if _text(hook.get("action")) not in ("create", "update", "delete"):
                return TerraformEvent(text, kind)
            return TerraformEvent(
                text, kind, address=_text(_table(hook.get("resource")).get("addr")), state=_STATES[kind]
            )  # fmt: skip
        case "change_summary":
            changes = _table(message.get("changes"))
            total = sum(_count(changes.get(name)) for name in ("add", "change", "remove"))
            return TerraformEvent(text, kind, total=total)
        case "diagnostic":
            found = _table(message.get("diagnostic"))
            diagnostic = Diagnostic(
                _text(found.get("severity")),
                _text(found.get("summary")),
                _text(found.get("detail")).strip(),
                _text(found.get("address")),
            )
            return TerraformEvent(text, kind, diagnostic=diagnostic)
        case "outputs":
            found = _table(message.get("outputs"))
            outputs = {name: _table(output)["value"] for name, output in found.items() if "value" in _table(output)}
            return TerraformEvent(text, kind, outputs=outputs)
    return TerraformEvent(text, kind)


class Tally:
    """Counts how far a run is. total: changes of its plan, 0 for not known yet"""

    def __init__(self, step: Step, total: int = 0) -> None:
        self._step: Step = step
        self._total = total
        self._done = 0
        self.changes: list[PlannedChange] = []
        self.diagnostics: list[Diagnostic] = []
        self.outputs: dict[str, object] = {}

    @property
    def errors(self) -> list[Diagnostic]:
        return [each for each in self.diagnostics if each.severity == "error"]

    def take(self, event: TerraformEvent, text: str) -> DeployProgress:
        """text: the event's, secrets masked"""
        if event.change is not None and event.kind == "planned_change":
            self.changes.append(event.change)
        if event.diagnostic is not None:
            self.diagnostics.append(event.diagnostic)
        self.outputs.update(event.outputs)
        if event.total is not None and self._step == "plan":
            self._total = event.total
        if event.state == "done":
            self._done += 1
        return DeployProgress(
            self._step, self._done, max(self._total, self._done), text, event.address, event.state
        )  # fmt: skip


def _change(change: dict[str, Any]) -> PlannedChange | None:
    action = _ACTIONS.get(_text(change.get("action")))
    resource = _table(change.get("resource"))
    address, type_ = _text(resource.get("addr")), _text(resource.get("resource_type"))
    return PlannedChange(action, address, kind_of(type_)) if action is not None and address else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
