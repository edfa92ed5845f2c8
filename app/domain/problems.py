"""What went wrong, whose side it is and what to do: the one shape in which the app shows every error.

Foreign exceptions are translated once, at the edge where they appear (agent, relay launcher, history,
replay); everything further in raises or carries `HatchwayError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["your service", "relay", "network", "AWS", "visitor", "you", "Hatchway"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One error as a person reads it.

    code: stable machine name (`upstream_refused`), also in JSON output
    title: a few words ("Port 3000 refuses connections")
    side: whose side it is
    hint: what to do next; may be empty
    """

    code: str
    title: str
    side: Side
    hint: str = ""

    def __str__(self) -> str:
        # The hint says what to do; only somebody else's side has to be named.
        side = "" if self.side == "you" else f" ({self.side})"
        return f"{self.title}{side}. {self.hint}".rstrip()


class HatchwayError(Exception):
    """Carries a `Problem`; the only exception type that crosses the boundary of a package on purpose."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def fail(code: str, title: str, side: Side, hint: str = "") -> HatchwayError:
    """Short form to build the error to raise."""
    return HatchwayError(Problem(code, title, side, hint))
