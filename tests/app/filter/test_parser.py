from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.filter.fields import FIELDS
from app.filter.parser import FilterError, parse_tree
from app.filter.tree import And, Between, Contains, Equals, JsonTest, Matches, Node, Not, Or, Present, Term

PAY, GET = Term("any", Contains("pay")), Term("method", Equals("get"))

UNDERSTOOD = {
    "": And(()),
    "pay": PAY,
    "PAY": PAY,
    '"two  words"': Term("any", Contains("two  words")),
    r'"a \"b\""': Term("any", Contains('a "b"')),
    "/pay.*x/": Term("any", Matches("pay.*x")),
    "/pay/x": Term("any", Contains("/pay/x")),
    "pay method:GET": And((PAY, GET)),
    "pay AND method:get": And((PAY, GET)),
    "pay & method:get": And((PAY, GET)),
    "pay OR method:get": Or((PAY, GET)),
    "pay | method:get": Or((PAY, GET)),
    "pay or": And((PAY, Term("any", Contains("or")))),
    "pay method:get OR pay": Or((And((PAY, GET)), PAY)),
    "pay (method:get OR pay)": And((PAY, Or((GET, PAY)))),
    "-pay": Not(PAY),
    "!pay": Not(PAY),
    "NOT pay": Not(PAY),
    "NOT -pay": Not(Not(PAY)),
    "-(pay OR method:get)": Not(Or((PAY, GET))),
    "status:404": Term("status", Between(404, 404)),
    "status:5xx": Term("status", Between(500, 599)),
    "status:4**": Term("status", Between(400, 499)),
    "status:400-499": Term("status", Between(400, 499)),
    "status:>=400": Term("status", Between(400, None)),
    "status-code:200": Term("status", Between(200, 200)),
    "size:>1mb": Term("size", Between(1_000_001, None)),
    "size:<=1kib": Term("size", Between(None, 1024)),
    "size:1kb-2kb": Term("size", Between(1000, 2000)),
    "larger-than:1k": Term("size", Between(1000, None)),
    "duration:>500ms": Term("duration", Between(500_000_001, None)),
    "duration:<1.5s": Term("duration", Between(None, 1_499_999_999)),
    "age:<5m": Term("age", Between(None, 299_999_999_999)),
    "path:/api": Term("path", Contains("/api")),
    "path:/api/*": Term("path", Matches("^/api/.*$")),
    "path:=/api": Term("path", Equals("/api")),
    "path:/^.api/": Term("path", Matches("^.api")),
    "path:*": Term("path", Present()),
    "path:a**b*c": Term("path", Matches("^a(?>.*?b).*c$")),
    "body:a*b": Term("body", Matches("a.*b")),
    "body:*a*": Term("body", Contains("a")),
    "body:=a": Term("body", Contains("=a")),
    "/api/*/pay": Term("any", Matches("/api/.*/pay")),
    "domain:shop": Term("host", Contains("shop")),
    "req.header:X-Id": Term("req.header", Present(), "x-id"),
    "req.header:X-Id=7": Term("req.header", Contains("7"), "x-id"),
    'req.header:x-id="a b"': Term("req.header", Contains("a b"), "x-id"),
    "resp.header:x-id=/^7$/": Term("resp.header", Matches("^7$"), "x-id"),
    "header:/cache.*hit/": Term("header", Matches("cache.*hit")),
    "has-response-header:etag": Term("resp.header", Present(), "etag"),
    "json:.a.b=1": Term("json", JsonTest(("a", "b"), "=", 1)),
    'json:.a="1"': Term("json", JsonTest(("a",), "=", "1")),
    "json:.a=x": Term("json", JsonTest(("a",), "=", "x")),
    "json:.a[]": Term("json", JsonTest(("a", None))),
    "json:.a[0].b-c!=true": Term("json", JsonTest(("a", 0, "b-c"), "!=", True)),
    'json:.["x y"]~Z': Term("json", JsonTest(("x y",), "~", "z")),
    "json:.a>=1.5": Term("json", JsonTest(("a",), ">=", 1.5)),
    "json:.=null": Term("json", JsonTest((), "=", None)),
    "is:error": Term("is", Equals("error")),
    "has:leak": Term("has", Equals("leak")),
    "verdict:still-failing": Term("verdict", Equals("still-failing")),
    "verdict:still_failing": Term("verdict", Equals("still-failing")),
    "http://127.0.0.1:4780/x": Term("any", Contains("http://127.0.0.1:4780/x")),
    "localhost:3000": Term("any", Contains("localhost:3000")),
    "~m post": Term("method", Matches("post")),
    "~c 5xx": Term("status", Between(500, 599)),
    "~u a.b": Term("url", Matches("a.b")),
    "~b x & ~m get": And((Term("body", Matches("x")), Term("method", Matches("get")))),
    "~q": Not(Term("has", Equals("response"))),
    "!~replay": Not(Term("is", Equals("replay"))),
    "(pay)": PAY,
    "path:/a(b)": Term("path", Contains("/a(b)")),
    "(path:/a)": Term("path", Contains("/a")),
}

MISTAKES = {
    "status:abc": "status:abc",
    "status:": "status:",
    "staus:500": "staus",
    "foo:bar": "foo",
    "size:>x": "size:>x",
    "pay )": ")",
    "(pay": "(",
    "pay OR": "OR",
    "OR pay": "OR",
    "pay AND": "AND",
    "pay -": None,
    "NOT": "NOT",
    "path:/[a/": "[",
    "path:/(a+)+b/": "(a+)+",
    "json:a": "json:a",
    "json:.a{": "{",
    "json:.a>x": "x",
    "req.header:=x": "req.header:=x",
    "is:funny": "is:funny",
    "~zz": "~zz",
    "~tcp": "~tcp",
    "~c": "~c",
    "~c x": "~c",
    "()": ")",
}


@pytest.mark.parametrize("text", UNDERSTOOD, ids=str)
def test_a_filter_is_understood(text: str) -> None:
    assert parse_tree(text) == UNDERSTOOD[text]


@pytest.mark.parametrize("text", [text for text, place in MISTAKES.items() if place is not None], ids=str)
def test_a_mistake_has_its_place_and_words(text: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_tree(text)
    first = caught.value.problems[0]
    assert text[first.start : first.end] == MISTAKES[text]
    assert len(first.message) > 10


def test_a_dash_alone_is_a_word() -> None:
    assert parse_tree("pay -") == And((PAY, Term("any", Contains("-"))))


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(FilterError) as caught:
        parse_tree("status:x foo:y size:z")
    assert [problem.start for problem in caught.value.problems] == [0, 9, 15]


def test_a_slip_in_a_name_is_told_with_the_right_one() -> None:
    with pytest.raises(FilterError, match="do you mean status"):
        parse_tree("staus:500")


def test_terms_know_where_they_stand() -> None:
    tree = parse_tree("pay  -status:5xx")
    assert isinstance(tree, And)
    assert [part.span for part in tree.parts] == [(0, 3), (5, 16)]


@pytest.mark.parametrize("field", [field.example for field in FIELDS])
def test_every_example_of_the_table_is_a_filter(field: str) -> None:
    parse_tree(field)


@pytest.mark.parametrize("text", ["(" * 5000, "-" * 3000 + "a", "~" * 500, '"' * 501, "a" * 5000, "(a OR " * 500])
def test_absurd_texts_are_refused_or_understood(text: str) -> None:
    with contextlib.suppress(FilterError):
        assert isinstance(parse_tree(text), Node)


PIECES = st.sampled_from(
    [
        "(",
        ")",
        "-",
        "!",
        " ",
        "OR",
        "AND",
        "NOT",
        "status:",
        "5xx",
        "json:.a",
        "=",
        "[",
        "]",
        '"',
        "/",
        "\\",
        "~m",
        "~q",
        "req.header:",
        "x",
        ":",
        "~",
        "*",
        "is:",
        "error",
        ">",
        "|",
        "&",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join)))
def test_any_text_is_a_filter_or_has_mistakes_within_it(text: str) -> None:
    try:
        parse_tree(text)
    except FilterError as error:
        for problem in error.problems:
            assert 0 <= problem.start < problem.end <= len(text)


LEAVES = st.sampled_from([(text, tree) for text, tree in UNDERSTOOD.items() if isinstance(tree, Term)])
Written = tuple[str, Node]


def negated(part: Written, sign: str) -> Written:
    return f"{sign}({part[0]})", Not(part[1])


def either(parts: list[Written], joint: str) -> Written:
    return f"({joint.join(text for text, _ in parts)})", Or(tuple(tree for _, tree in parts))


def both(parts: list[Written], joint: str) -> Written:
    return f"({joint.join(text for text, _ in parts)})", And(tuple(tree for _, tree in parts))


@given(
    st.recursive(
        LEAVES,
        lambda inner: st.one_of(
            st.builds(negated, inner, st.sampled_from(("-", "!", "NOT ", "! "))),
            st.builds(either, st.lists(inner, min_size=2, max_size=4), st.sampled_from((" OR ", " | ", " || "))),
            st.builds(both, st.lists(inner, min_size=2, max_size=4), st.sampled_from((" ", " AND ", " && ", "\n"))),
        ),
        max_leaves=12,
    )
)
def test_whatever_is_put_together_is_read_as_it_was_meant(written: Written) -> None:
    text, tree = written
    assert parse_tree(text) == tree
