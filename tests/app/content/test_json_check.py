from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.json_check import JsonProblem, json_lines_problem, json_problem, looks_like_json_lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": }', "line 1, column 7: a value is missing here"),
        ('{\n  "a": 1\n  "b": 2\n}', "line 3, column 3: a comma or a closing bracket is missing here"),
        ("{a: 1}", "line 1, column 2: a key in double quotes is missing here"),
        ('{"a" 1}', "line 1, column 6: a colon is missing here"),
        ('["a', "line 1, column 2: this text has no closing quote"),
        ('["a\n"]', "line 1, column 4: a control character (a line break, perhaps) within a text"),
        (r'["\x"]', "line 1, column 3: a backslash before a character that needs none"),
        (r'["\u12"]', "line 1, column 4: \\u without four hex digits"),
        ("[1] 2", "line 1, column 5: the JSON has ended before this"),
        ("", "line 1, column 1: a value is missing here"),
    ],
)
def test_problems_are_told_with_their_place(text: str, words: str) -> None:
    assert str(json_problem(text)) == words


def test_a_comma_too_many_is_told() -> None:
    found = json_problem("[1,]")
    assert found is not None
    assert found.words in ("a value is missing here", "this comma is one too many"), "Python 3.13 is more precise"


@pytest.mark.parametrize("text", ["[1, {}]", "1", '"a"', "[" * 100_000, "1" * 10_000, "x" * 300_000])
def test_no_problem_is_claimed_where_there_is_none_or_nobody_knows(text: str) -> None:
    assert json_problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", None),
        ('{"a": 1}\n{"b": 2}', None),
        ('{"a": 1}\r\n\r\n[2]\r\n', None),
        ('{"a": 1}\n\n{"b": }\nx', JsonProblem(3, 7, "a value is missing here")),
        ('{"a":\n1}', JsonProblem(1, 6, "a value is missing here")),
        ("x" * 300_000 + "\n[", JsonProblem(2, 2, "a value is missing here")),
    ],
)
def test_lines_are_checked_one_by_one(text: str, problem: JsonProblem | None) -> None:
    assert json_lines_problem(text) == problem


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{"a": 1}\n{"b": 2}\n', True),
        ('{"a": 1}\r\n\r\n[2]', True),
        ('{"a": 1}\n' * 9 + "x", True),
        ('{"a": 1}', False),
        ('{"a": 1}\nx', False),
        ("1\n2", False),
        ('{\n"a": 1}', False),
        ("", False),
    ],
)
def test_json_lines_are_known_by_their_first_lines(text: str, lines: bool) -> None:
    assert looks_like_json_lines(text) is lines


VALUES = st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(st.lists(VALUES, min_size=1))
def test_what_is_json_has_no_problem(values: list[Any]) -> None:
    assert json_problem(json.dumps(values, indent=1)) is None
    assert json_lines_problem("\n".join(map(json.dumps, values))) is None


@given(st.text('{}[]",: \n\\a1'))
def test_places_are_within_the_text(text: str) -> None:
    for problem in (json_problem(text), json_lines_problem(text)):
        if problem is not None:
            assert 1 <= problem.line <= text.count("\n") + 1
            assert 1 <= problem.column <= len(text) + 1
