"""The table of failures is fit to be shown: complete, without duplicates, without private detail."""

from __future__ import annotations

import re

import pytest

from backend_lambda.protocol.errors import EXCHANGE_CODES, FAILURES, Failure


@pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))
def test_words_and_status(failure: Failure) -> None:
    assert FAILURES[failure.code] is failure
    assert re.fullmatch(r"[a-z0-9_]{1,64}", failure.code)
    assert 400 <= failure.status <= 599
    assert (failure.side == "visitor") == (failure.status < 500) or failure.code not in EXCHANGE_CODES
    for sentence in (failure.title, failure.hint):
        assert re.fullmatch(r"[A-Z][^.?!]*\.", sentence)


def test_what_promises_to_pass_says_when() -> None:
    assert {code for code, failure in FAILURES.items() if failure.retry_after} == {
        "agent_moved",
        "agent_offline",
        "throttled",
    }
