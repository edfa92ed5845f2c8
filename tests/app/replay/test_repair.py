from __future__ import annotations

import json
from typing import Any

from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.verdict import Verdict
from app.replay.comparison import Masks
from app.replay.repair import Repair, find_repair


def exchange(answer: object, status: int = 200, verdict: Verdict | None = Verdict.FIXED, **changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "tunnel": "shop", "tunnel_id": "t1", "method": "POST", "target": "/pay", "upstream": "http://localhost:3000",
        "request_body": Body(b"{}"), "response_headers": (("Content-Type", "application/json"),),
        "response_body": Body(answer if isinstance(answer, bytes) else json.dumps(answer).encode()),
        "state": ExchangeState.DONE, "status": status, "verdict": verdict,
    }  # fmt: skip
    return Exchange(**values | changes)


FAULT = exchange({"error": "boom"}, 500, None)


def repair(*answers: object, masks: Masks | None = None) -> Repair:
    found = find_repair(FAULT, [exchange(answer) for answer in answers], masks or Masks())
    assert found is not None
    return found


def test_the_latest_answer_since_the_repair_is_the_good_one() -> None:
    attempts = [exchange({"n": 1}), exchange({"n": 2}), exchange({"error": 1}, 500, Verdict.REGRESSED)]
    found = find_repair(FAULT, attempts, Masks())
    assert found is not None
    assert found.good is attempts[1]
    assert found.original is FAULT


def test_nothing_is_repaired_by_failures_or_by_other_requests() -> None:
    for attempt in (
        exchange({}, 500, Verdict.STILL_FAILING),
        exchange({}, verdict=None),
        exchange({}, request_body=Body(b'{"edited": 1}')),
        exchange({}, target="/pay?edited"),
        exchange({}, method="PUT"),
    ):
        assert find_repair(FAULT, [attempt], Masks()) is None
    signed_anew = exchange({}, request_headers=(("X-Signature", "new"),))
    assert find_repair(FAULT, [signed_anew], Masks()) is not None


def test_times_ids_and_tokens_change() -> None:
    found = repair({"paid": True})
    for name, value in (
        ("id", 7),
        ("order_id", "a1"),
        ("created_at", "2026-11-26T10:00:00Z"),
        ("when", 1_764_150_000),
        ("x", "5f0c9a5e-8f5c-4d1a-9d3e-0a2b7c9d1e2f"),
        ("took", 3.5),
    ):
        assert not found.steady(f"$.{name}", name, value), name
    for name, value in (("paid", True), ("name", "Größe"), ("total", 12.5), ("count", 3), ("note", None)):
        assert found.steady(f"$.{name}", name, value), name


def test_what_differed_between_good_answers_changes() -> None:
    found = repair({"visits": 1, "a": [1], "only": 1, "name": "x"}, {"visits": 2, "a": [1, 2], "name": "x"})
    assert not found.steady("$.visits", "visits", 2)
    assert not found.steady("$.a", "a", [1, 2]), "its length"
    assert not found.steady("$", "", {}), "its names"
    assert not found.steady("$.only", "only", 1)
    assert found.steady("$.name", "name", "x")
    assert not repair(b"a\nb\n", b"a\nc\n").steady("body", "", "a\nc\n")


def test_the_users_word_counts() -> None:
    found = repair({"id": 7, "name": "x"}, masks=Masks(ignored=frozenset({"$.name"}), compared=frozenset({"$.id"})))
    assert found.steady("$.id", "id", 7)
    assert not found.steady("$.name", "name", "x")
