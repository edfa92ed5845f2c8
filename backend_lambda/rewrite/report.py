"""What rewriting did to one response: counted while it happens, shown with the exchange (prefix doctor)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """edits: kind of edit → how many, e.g. `{"url": 12, "srcset": 1, "runtime": 1, "cookie": 2}`
    notes: why something was left as it came, e.g. `content-coding`, `charset`, `failed`, in the order it happened
    """

    edits: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, kind: str, number: int = 1) -> None:
        """Count edits of that kind."""
        self.edits[kind] = self.edits.get(kind, 0) + number

    def note(self, reason: str) -> None:
        """Remember, once, why something passed untouched."""
        if reason not in self.notes:
            self.notes.append(reason)
