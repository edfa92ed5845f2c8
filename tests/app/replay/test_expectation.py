from __future__ import annotations

import pytest

from app.domain.problems import HatchwayError
from app.replay.expectation import check_expectations, parse_expectations
from tests.app.replay.answers import answer

OK = answer({"ok": True, "error": None, "items": [{"id": 7}], "empty": []}, 201, (("ETag", '"x"'), ("X-Cache", "Hit")))


@pytest.mark.parametrize(
    "text",
    ["status=201", "status=2xx", "status<300", "json=.ok", "json=.items[0].id=7", "json=.error=null", "json=.ok!=false",
     "header=etag", "header=x-cache:hit", "body~items", "body~/it.ms/", "time<500ms", "time>1ms",
     "status=201,json=.ok,header=etag"],
)  # fmt: skip
def test_it_is_met(text: str) -> None:
    results = check_expectations(parse_expectations(text), OK)
    assert results
    assert all(result.passed for result in results)


@pytest.mark.parametrize(
    ("text", "actual"),
    [("status=200", "201"), ("json=.error", "None"), ("json=.gone", "missing"), ("json=.empty", "[]"),
     ("json=.ok=false", "True"), ("header=x-none", "missing"), ("header=x-cache:miss", "Hit"), ("time<1ms", "31ms"),
     ("body~gone", "62 bytes without it")],
)  # fmt: skip
def test_it_is_not_met_and_what_was_found_is_told(text: str, actual: str) -> None:
    (result,) = check_expectations(parse_expectations(text), OK)
    assert (result.passed, result.actual) == (False, actual)


def test_commas_within_a_value_stay() -> None:
    assert [each.text for each in parse_expectations("body~a, b, status=200")] == ["body~a, b", "status=200"]


def test_no_answer_meets_nothing() -> None:
    (result,) = check_expectations(parse_expectations("status<600"), answer(b"", None))
    assert (result.passed, result.actual) == (False, "no answer")


@pytest.mark.parametrize("text", ["", "  ,", "foo=1", "status", "status=abc", "json=ok", "time<x", "body~/[/"])
def test_mistakes_are_explained(text: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        parse_expectations(text)
    assert caught.value.problem.code == "bad_expectation"
    assert "status=200" in caught.value.problem.hint
