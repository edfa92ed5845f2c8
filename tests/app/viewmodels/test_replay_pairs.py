from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.replay_pairs import join_pairs, query_pairs, split_pairs, with_query

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PAIRS = st.lists(st.tuples(TEXT, TEXT).filter(lambda pair: pair != ("", "")), max_size=5)


@given(st.text("ab=&%+2fé;", max_size=30), st.booleans())
def test_what_is_not_edited_keeps_its_spelling(raw: str, form: bool) -> None:
    assert join_pairs(split_pairs(raw), raw, form=form) == raw


@given(PAIRS, st.text("ab=&%+2f", max_size=12), st.booleans())
def test_what_is_written_is_read_again(pairs: list[tuple[str, str]], raw: str, form: bool) -> None:
    assert split_pairs(join_pairs(pairs, raw, form=form)) == tuple(pairs)


@pytest.mark.parametrize(
    ("target", "pairs", "expected"),
    [
        ("/x", [("a", "1 2")], "/x?a=1%202"),
        ("/x?a&a=&b=%7E", [("a", ""), ("b", "~"), ("c", "+")], "/x?a&b=%7E&c=%2B"),
        ("/x?a=1", [], "/x"),
        ("/x?", [], "/x?"),
        ("/x?a=b?c", [("a", "b?c"), ("", "")], "/x?a=b?c"),
    ],
)
def test_a_query_is_replaced(target: str, pairs: list[tuple[str, str]], expected: str) -> None:
    assert with_query(target, pairs) == expected


def test_a_query_is_read() -> None:
    assert query_pairs("/x?a=1&b&a=%C3%BC+%20") == (("a", "1"), ("b", ""), ("a", "ü  "))
    assert query_pairs("/x") == ()
