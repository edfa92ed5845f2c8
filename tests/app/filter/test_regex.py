from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.filter.regex import PIECE, RegexProblem, check, compiled, searcher

FINE = (
    "a.*b.*c",
    r"\d{1,3}\.\d{1,3}",
    "(foo|bar)+",
    "(?>a+)+",
    r"(?>\w+\.)+com",
    "(a+)?",
    "(?P<x>a+)b(?P=x)",
    "[[]a",
    "[*+]+x",
    r"\(a+\)+",
    "(x{3}){2}",
    "(?=.*x)y+",
    "(https?|ftp)://",
    "a{,3}{",
    "(?#a+*)b",
    r"(a)(b)\1+",
)
ENDLESS = {
    "(a+)+": "(a+)+",
    "x((a)+b?)*": "((a)+b?)*",
    "(a|ab)+": "(a|ab)+",
    r"(\d|\w)+": r"(\d|\w)+",
    "(?:a?b?)*c": "(?:a?b?)*",
    "(a{1,9}){9}": "(a{1,9}){9}",
    "((a|a))+": "((a|a))+",
    ".*.*x": ".*",
}


@pytest.mark.parametrize("pattern", FINE)
def test_a_pattern_that_ends_is_taken(pattern: str) -> None:
    check(pattern)


@pytest.mark.parametrize("pattern", ENDLESS)
def test_a_pattern_that_could_take_for_ever_is_refused_with_its_place(pattern: str) -> None:
    with pytest.raises(RegexProblem) as caught:
        check(pattern)
    assert pattern[caught.value.start : caught.value.end] == ENDLESS[pattern]


def test_what_the_advice_says_is_taken() -> None:
    with pytest.raises(RegexProblem, match=re.escape("(?>…)")):
        check(r"(\w+\.)+")
    check(r"(?>\w+\.)+")


@given(st.text(alphabet="ab.*+?|()[]{},\\^$<>=!:-0123", max_size=16))
def test_any_pattern_is_taken_or_refused(pattern: str) -> None:
    try:
        check(pattern)
    except RegexProblem as problem:
        place = range(problem.start, problem.end)
    else:
        place = range(compiled(pattern).flags)  # it can be used
    assert place
    assert place[0] >= 0


@given(
    pattern=st.sampled_from(("b.*c", "c$", "^a.*c", "a+b", "(?<=a)b", r"\bb\b", "b", "c+", "x.*y", "^c", "(?!a)c")),
    at=st.integers(0, 5 * PIECE),
    length=st.integers(0, 5 * PIECE),
    word=st.sampled_from(("abc", "cab", " b ", "c", "x y", "baac")),
)
def test_pieces_find_what_the_whole_finds(pattern: str, at: int, length: int, word: str) -> None:
    text = ("a" * length)[:at] + word + ("a" * length)[at:]
    assert searcher(pattern)(text) == (compiled(pattern).search(text) is not None)


def test_a_match_may_be_as_long_as_a_piece() -> None:
    filler = "-" * (PIECE - 20)
    for before in range(0, 3 * PIECE, 517):
        assert searcher("<.*>")("-" * before + f"<{filler}>" + "-" * 3 * PIECE)


def test_an_end_is_the_texts_and_not_a_pieces() -> None:
    text = "-" * (2 * PIECE - 1) + "b" + "-" * 10 * PIECE
    assert not searcher("b+$")(text)
    assert searcher("-+$")(text)
