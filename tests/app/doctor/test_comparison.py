from __future__ import annotations

import pytest

from app.doctor.comparison import compare
from app.domain.upstream import parse_upstream
from tests.app.doctor.visits import TUNNEL, UPSTREAM, MadeUp

SERVICE = parse_upstream(UPSTREAM)
ORIGIN = "http://127.0.0.1:4780"


def test_only_what_does_not_happen_directly_counts() -> None:
    tunnelled = MadeUp().asks(TUNNEL + "/logo.png", 404).asks(ORIGIN + "/api", 404).asks("http://localhost:3001/x")
    tunnelled.complains("in any case").complains("only here").complains("undefined", kind="uncaught")
    direct = MadeUp(UPSTREAM).asks(UPSTREAM + "/logo.png", 404).asks("http://localhost:3001/x")
    direct.complains("in any case").complains("undefined")
    compared = compare(tunnelled.visitor, [direct.visitor], SERVICE)
    assert [(one.kind, one.what) for one in compared.only_here] == [
        ("leak", "GET /api"),
        ("other_service", "GET http://localhost:3001/x"),
        ("uncaught", "undefined"),
        ("console", "only here"),
    ]
    assert [one.what for one in compared.also_direct] == ["GET /logo.png", "in any case"]
    assert compared.unjudged == ()


def test_what_happens_directly_now_and_then_does_not_count() -> None:
    tunnelled = MadeUp().complains("by chance")
    quiet, loud = MadeUp(UPSTREAM), MadeUp(UPSTREAM).complains("by chance")
    assert [one.what for one in compare(tunnelled.visitor, [quiet.visitor], SERVICE).only_here] == ["by chance"]
    assert compare(tunnelled.visitor, [quiet.visitor, loud.visitor], SERVICE).only_here == ()


def test_without_a_direct_visit_only_what_is_wrong_in_any_case_counts() -> None:
    tunnelled = MadeUp().asks(ORIGIN + "/api", 307, recovered=True).asks(TUNNEL + "/x", 500).complains("who knows")
    compared = compare(tunnelled.visitor, [], None)
    assert [one.kind for one in compared.only_here] == ["leak"]
    assert [one.what for one in compared.unjudged] == ["GET /x", "who knows"]
    assert compared.also_direct == ()


def test_a_refused_page_keeps_what_it_said() -> None:
    tunnelled = MadeUp().shows(status=403, refusal="Blocked request. This host is not allowed.")
    tunnelled.asks(tunnelled.page + "?again", 403, kind="document")
    (refused,) = compare(tunnelled.visitor, [MadeUp(UPSTREAM).visitor], SERVICE).only_here
    assert refused.body.startswith("Blocked request")


LINES = [f"line {word}" for word in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")]


@pytest.mark.parametrize(
    ("shown", "details"),
    [
        pytest.param({"reached": "/login"}, ["it ends at /login instead of /page"], id="elsewhere"),
        pytest.param({"title": "Sign in"}, ["the title is “Sign in” instead of “Shop”"], id="title"),
        pytest.param({"headings": ("Not found",)}, ["the heading “Goods” is missing"], id="heading"),
        pytest.param({"lines": ()}, ["it is blank"], id="blank"),
        pytest.param(
            {"lines": tuple(LINES[:7])},
            ["“line eight” is missing", "“line nine” is missing", "“line ten” is missing"],
            id="much-of-it",
        ),
        pytest.param({"lines": tuple(LINES[:8])}, [], id="little-of-it"),
        pytest.param({"lines": (*LINES, "your address is 10.0.0.1")}, [], id="more-of-it"),
        pytest.param({"status": 500, "lines": (), "title": "Oops"}, [], id="refused"),
    ],
)
def test_pages_that_show_something_else(shown: dict[str, object], details: list[str]) -> None:
    usual = {"title": "Shop", "headings": ("Goods",), "lines": tuple(LINES)}
    direct, tunnelled = MadeUp(UPSTREAM), MadeUp()
    for visit, fields in ((direct, usual), (tunnelled, {**usual, **shown})):
        lines = fields.pop("lines")
        assert isinstance(lines, tuple)
        visit.shows(*lines, **fields)
    found = compare(tunnelled.visitor, [direct.visitor], SERVICE).only_here
    assert [list(one.details) for one in found if one.kind == "shown"] == ([details] if details else [])


def test_what_is_different_each_time_is_no_difference() -> None:
    first = MadeUp(UPSTREAM).shows("a poem", "the same", title="One", headings=("one",), reached="/page?1")
    second = MadeUp(UPSTREAM).shows("a riddle", "the same", title="Two", headings=("two",), reached="/page?2")
    tunnelled = MadeUp().shows("a joke", "the same", title="Three", headings=("three",), reached="/page?3")
    assert compare(tunnelled.visitor, [first.visitor, second.visitor], SERVICE).only_here == ()
    assert len(compare(tunnelled.visitor, [first.visitor], SERVICE).only_here) == 1
