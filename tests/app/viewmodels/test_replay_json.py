from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.replay_json import format_json, json_problem, looks_like_json, minify_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
def test_laying_out_and_packing_keep_the_values(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=3)
    assert json.loads(format_json(text)) == value
    assert minify_json(text) == json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))


def test_numbers_and_duplicates_stay_as_they_are() -> None:
    assert minify_json('{ "a" : 1.10e+2 , "a" : 12345678901234567890 }') == '{"a":1.10e+2,"a":12345678901234567890}'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1}', ""),
        ('{\n  "a" 1}', "line 2, column 7"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "digits"),
    ],
)
def test_it_is_said_where_it_is_wrong(text: str, problem: str) -> None:
    assert problem in json_problem(text)
    assert bool(json_problem(text)) == bool(problem)


@pytest.mark.parametrize(
    ("text", "kind", "json"),
    [
        ("x", "application/problem+json", True),
        (' {"a', None, True),
        ("[1]", "text/plain", True),
        ("a=1", None, False),
    ],
)
def test_it_is_known_by_its_type_or_beginning(text: str, kind: str | None, json: bool) -> None:
    assert looks_like_json(text, kind) is json
