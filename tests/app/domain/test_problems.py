from __future__ import annotations

import pytest

from app.domain.problems import Problem, fail


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem("x", "Port 3000 refuses connections", "your service", "Start it."),
         "Port 3000 refuses connections (your service). Start it."),
        (Problem("x", "“a b” cannot be a name", "you", "Use letters."), "“a b” cannot be a name. Use letters."),
        (Problem("x", "The relay was lost", "network"), "The relay was lost (network)."),
    ],
    ids=["somebody else's side is named", "the reader's own is not", "without a hint"],
)  # fmt: skip
def test_a_problem_reads_as_a_sentence(problem: Problem, words: str) -> None:
    assert str(problem) == words


def test_an_error_carries_its_problem() -> None:
    error = fail("code", "Title", "relay", "Hint.")
    assert (error.problem.code, str(error)) == ("code", str(error.problem))
