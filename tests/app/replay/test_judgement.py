from __future__ import annotations

import pytest

from app.domain.exchange import Exchange, ExchangeState
from app.domain.verdict import Verdict
from app.replay.judgement import judge
from tests.app.replay.answers import answer

FAILED = {"error": "boom"}
PAID = {"paid": True, "id": 1, "at": "2026-11-26T10:00:00Z"}
LATER = {"paid": True, "id": 2, "at": "2026-11-26T10:10:00Z"}


@pytest.mark.parametrize(
    ("original", "again", "verdict"),
    [
        (answer(PAID), answer(LATER), Verdict.SAME),
        (answer(PAID), answer({**LATER, "paid": False}), Verdict.CHANGED),
        (answer(PAID), answer(PAID, 201), Verdict.CHANGED),
        (answer(FAILED, 500), answer(PAID), Verdict.FIXED),
        (answer(b"", 404), answer(PAID), Verdict.FIXED),
        (answer(b"", None), answer(PAID), Verdict.FIXED),
        (answer(FAILED, 500), answer(FAILED, 500), Verdict.STILL_FAILING),
        (answer(FAILED, 500), answer(b"", 404), Verdict.STILL_FAILING),
        (answer(FAILED, 500), answer(b"", None), Verdict.STILL_FAILING),
        (answer(PAID), answer(FAILED, 500), Verdict.REGRESSED),
        (answer(PAID), answer(b"", None), Verdict.REGRESSED),
    ],
)
def test_the_verdict(original: Exchange, again: Exchange, verdict: Verdict) -> None:
    found = judge(original, again)
    assert found is not None
    assert found.verdict is verdict
    assert found.explanation


def test_failing_again_after_an_attempt_that_succeeded_is_a_regression() -> None:
    found = judge(answer(FAILED, 500), answer(FAILED, 500), [answer(FAILED, 500), answer(PAID)])
    assert found is not None
    assert found.verdict is Verdict.REGRESSED
    assert "after an attempt that succeeded" in found.explanation


def test_a_repaired_answer_that_stays_is_not_taken_for_noise() -> None:
    repaired = answer({"total": 2})
    found = judge(answer({"total": 1}), answer({"total": 2}), [repaired])
    assert found is not None
    assert found.verdict is Verdict.CHANGED


def test_what_changes_with_every_answer_is_learnt() -> None:
    earlier = [answer({"motto": word}) for word in ("one", "two")]
    found = judge(answer({"motto": "zero"}), answer({"motto": "three"}), earlier)
    assert found is not None
    assert (found.verdict, [each.ignored for each in found.differences]) == (Verdict.SAME, ["learnt"])


def test_nothing_is_said_of_what_runs_or_was_cancelled() -> None:
    running, cancelled = answer(), answer()
    running.state, cancelled.state = ExchangeState.RUNNING, ExchangeState.CANCELLED
    assert judge(answer(), running) is None
    assert judge(answer(), cancelled) is None


def test_the_explanation_names_what_counts() -> None:
    found = judge(answer(FAILED, 500), answer(PAID))
    assert found is not None
    assert found.explanation == "500 → 200; $.error is gone, $.paid is new, $.id is new and 1 more"
    found = judge(answer(PAID), answer(LATER))
    assert found is not None
    assert found.explanation == "2 differences ignored (times, ids, tokens)"
