"""Failures that AWS has now and then, produced on demand."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Literal, get_args

Fault = Literal[
    "callback-410",  # the post is refused as if the connection were gone
    "callback-429",  # "too many requests or the client side buffer is full"
    "callback-403",
    "callback-duplicate",  # one post arrives twice, as after a retry whose first attempt did get through
    "callback-lost-answer",  # the post is delivered, and the caller's connection breaks before the answer
    "disconnect-lost",  # `$disconnect` never comes
    "table-throttled",  # DynamoDB: ThrottlingException
    "table-500",  # DynamoDB: InternalServerError
    "direct-route-throttled",  # the PutItem of the direct route fails; nobody is told
    "http-429",  # the visitor's request is throttled by the stage
    "message-429",  # the agent's message is throttled
    "lambda-throttled",
    "lambda-killed",  # the environment dies in mid-event
    "s3-503",  # SlowDown
]


@dataclass(slots=True)
class _Plan:
    times: int | None
    rate: float
    match: str
    hit: int = 0


class Faults:
    """What to inject. Thread-safe; the same seed gives the same choices for the same sequence of calls."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._plans: dict[str, list[_Plan]] = {}
        self._lock = threading.Lock()

    def inject(self, fault: Fault, *, times: int | None = 1, rate: float = 1.0, match: str = "") -> None:
        """times: how often at most (None: until cleared); rate: share of the calls that it hits; match: only where
        the subject (connection id, `Operation pk`, path …) contains it."""
        if fault not in get_args(Fault):
            raise ValueError(f"no such fault: {fault}")
        with self._lock:
            self._plans.setdefault(fault, []).append(_Plan(times, rate, match))

    def clear(self, fault: Fault | None = None) -> None:
        with self._lock:
            for name in [fault] if fault else list(self._plans):
                self._plans.pop(name, None)

    def hits(self, fault: Fault) -> int:
        """How often the plans for it that were not cleared have struck."""
        with self._lock:
            return sum(plan.hit for plan in self._plans.get(fault, []))

    def strikes(self, fault: Fault, subject: str = "") -> bool:
        """Whether it happens this time."""
        with self._lock:
            for plan in self._plans.get(fault, []):
                if plan.match not in subject or (plan.times is not None and plan.hit >= plan.times):
                    continue
                if plan.rate >= 1 or self._random.random() < plan.rate:
                    plan.hit += 1
                    return True
        return False
