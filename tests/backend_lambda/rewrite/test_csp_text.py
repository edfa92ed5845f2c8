from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.csp_text import Directive, Policy


@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        (" Img-Src\t a\n b ", "img-src", ["a", "b"]),
        ("sandbox", "sandbox", []),
        ("", "", []),
        (" ", "", []),
        ("img-src é", "", ["é"]),
        ("img-src\u00a0a", "", []),
    ],
)
def test_directives_are_read_as_browsers_do(text: str, name: str, values: list[str]) -> None:
    directive = Directive(text)
    assert (directive.name, directive.values, directive.text) == (name, values, text)


@pytest.mark.parametrize(
    ("text", "is_none", "appended"),
    [
        (" a  x\ty ", False, " a  x\ty n m "),
        ("a 'None'\t", True, "a n m\t"),
        ("a", True, "a n m"),
        ("a 'none' x", False, "a 'none' x n m"),
    ],
)
def test_appending_keeps_what_is_written(text: str, is_none: bool, appended: str) -> None:
    directive = Directive(text)
    assert directive.is_none is is_none
    directive.append(["n", "m"])
    assert directive.text == appended
    assert directive.values[-2:] == ["n", "m"]


def test_replacing_keeps_the_blanks() -> None:
    directive = Directive(" img-src  img-src\tb ")
    directive.replace(["x y", "b"])
    assert directive.text == " img-src  x y\tb "
    assert directive.values == ["x", "y", "b"]


@pytest.mark.parametrize(
    ("text", "added"),
    [("a", "a; n v"), ("a;", "a; n v"), ("a; ", "a; n v"), ("", " n v"), ("a;é", "a;é; n v"), ("a ", "a ; n v")],
)
def test_adding_a_directive(text: str, added: str) -> None:
    policy = Policy(text)
    policy.add("n", ["v"])
    assert policy.text == added
    assert policy.directives["n"].values == ["v"]
    assert policy.first_of(["x", "n", "a"]) is policy.directives["n"]


def test_the_first_of_a_name_counts_and_all_of_it_can_go() -> None:
    policy = Policy("A 1; b; a 2")
    assert policy.directives["a"].values == ["1"]
    policy.remove("a")
    policy.remove("c")
    assert policy.text == " b"
    policy.remove("b")
    assert policy.text == ""
    policy.add("n", ["v"])
    assert policy.text == " n v"


@given(st.text(alphabet="aB-'; \t\n,é\u00a0", max_size=30))
def test_what_is_not_changed_is_copied(text: str) -> None:
    policy = Policy(text)
    for directive in policy.directives.values():
        directive.replace(directive.values)
    assert policy.text == text
