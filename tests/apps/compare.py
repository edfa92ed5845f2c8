"""What is different through the tunnel: nothing may be new that the app does not do when it is reached directly."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.apps.visit import Visitor


def differences(direct: Visitor, tunnelled: Visitor) -> list[str]:
    """One line each for a request that left the prefix, a new failure, a new complaint, and what was seen otherwise.

    Data is never rewritten, so what an app shows of it may hold its own address by both ways.
    """
    return [
        *(f"without the prefix: {asked}" for asked in tunnelled.leaks),
        *(f"failed request: {text}" for text in _new(direct.failures, tunnelled.failures)),
        *(f"complaint: {text}" for text in _new(direct.complaints, tunnelled.complaints)),
        *_otherwise("seen", _plain(direct, direct.seen), _plain(direct, _plain(tunnelled, tunnelled.seen))),
    ]


def _new(before: list[str], after: list[str]) -> list[str]:
    # Retries make the same thing fail more or less often; what counts is what fails.
    known = set(before)
    return [f"{text} ({count}×)" for text, count in Counter(after).items() if text not in known]


def _plain(visitor: Visitor, value: Any) -> Any:
    match value:
        case str():
            return visitor.plain(value)
        case dict():
            return {key: _plain(visitor, item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(visitor, item) for item in value]
    return value


def _otherwise(name: str, expected: Any, actual: Any) -> list[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        names = [*expected, *(key for key in actual if key not in expected)]
        return [line for key in names for line in _otherwise(f"{name}.{key}", expected.get(key), actual.get(key))]
    if expected == actual:
        return []
    return [f"{name}: directly {json.dumps(expected)[:400]}, through the tunnel {json.dumps(actual)[:400]}"]
