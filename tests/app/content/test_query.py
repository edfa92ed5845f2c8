from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.query import query_parameters


@pytest.mark.parametrize(
    ("target", "parameters"),
    [
        ("/", []),
        ("/?", []),
        ("/a?x=1&y=2", [("x", "1"), ("y", "2")]),
        ("/a?x=1&x=2&x", [("x", "1"), ("x", "2"), ("x", "")]),
        ("/a?a+b=c%20d%2Be", [("a b", "c d+e")]),
        ("/a?&&x==1&", [("x", "=1")]),
        ("/a?q=%E5%8C%97", [("q", "北")]),
        ("/a?q=" + "北".encode().decode("latin-1"), [("q", "北")]),
        ("/a?q=北", [("q", "北")]),
        ("/a?q=%FF%zz%4", [("q", "�%zz%4")]),
        ("/a?x=1#y=2", [("x", "1")]),
        ("/a?x=1?y=2", [("x", "1?y=2")]),
    ],
)
def test_parameters_are_decoded_in_order(target: str, parameters: list[tuple[str, str]]) -> None:
    assert query_parameters(target) == (parameters, len(parameters))


def test_long_queries_are_counted_but_not_read() -> None:
    parameters, count = query_parameters("/?" + "&".join(f"n={number}" for number in range(1000)), 3)
    assert parameters == [("n", "0"), ("n", "1"), ("n", "2")]
    assert count == 1000


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
def test_what_was_encoded_comes_back(pairs: list[tuple[str, str]]) -> None:
    assert query_parameters("/?" + urlencode(pairs)) == (pairs, len(pairs))


@given(st.text(st.characters(max_codepoint=127)))
def test_it_agrees_with_the_standard_library(query: str) -> None:
    query = query.replace("#", "")
    parsed = parse_qsl(query, keep_blank_values=True, errors="replace")
    assert query_parameters("/?" + query)[0] == parsed
