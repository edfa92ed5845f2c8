"""What the app is asked for, so that its answer can be rewritten."""

from __future__ import annotations

import pytest

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.facts import read_facts
from backend_lambda.rewrite.headers import Header
from backend_lambda.rewrite.modes import layers_of
from backend_lambda.rewrite.policy import plan_response
from backend_lambda.rewrite.representation import ask_for_representation

CONTEXT = RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3000")
APP, RAW = layers_of("app", is_spa=False), layers_of("raw", is_spa=False)


def ask(*headers: Header, target: str = "/a", mode: str = "app", context: RewriteContext = CONTEXT) -> list[Header]:
    pairs = list(headers)
    return ask_for_representation(pairs, read_facts("GET", target, pairs), context, layers_of(mode, is_spa=False))


def tag_of(etag: str, *, context: RewriteContext = CONTEXT, mode: str = "app", name: str = "ETag") -> str:
    """The validator that a rewritten page bears."""
    layers = layers_of(mode, is_spa=False)
    plan = plan_response(
        200, [("Content-Type", "text/css"), (name, etag)], context, read_facts("GET", "/a", []), layers
    )
    plan.whole(b"a{}")
    return dict(plan.headers)["ETag"]


def test_rq10_only_codings_that_can_be_undone_are_asked_for() -> None:
    assert ask(("Accept-Encoding", "gzip, dcb")) == [("Accept-Encoding", "gzip")]
    assert ask(("Accept-Encoding", "dcz")) == [("Accept-Encoding", "identity")]
    assert ask(("Accept-Encoding", "gzip, dcb"), mode="raw") == [("Accept-Encoding", "gzip, dcb")]


@pytest.mark.parametrize("etag", ['"v1"', 'W/"v1"', '""', "odd"])
def test_rq11_the_app_gets_its_own_validator_back(etag: str) -> None:
    assert ask(("If-None-Match", tag_of(etag))) == [("If-None-Match", etag)]
    assert ask(("If-Match", tag_of(etag))) == [("If-Match", etag)]


def test_rq11_what_another_rewriting_made_is_not_confirmed() -> None:
    date = ("If-Modified-Since", "Tue, 24 Nov 2026 10:00:00 GMT")
    other = RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3001")
    for stale in (tag_of('"v1"', mode="spa"), tag_of('"v1"', context=other)):
        assert ask(("If-None-Match", stale), date) == []
    assert ask(date) == [date]
    assert ask(("If-None-Match", '"foreign"'), date) == [("If-None-Match", '"foreign"'), date]


def test_rq11_a_page_with_nothing_but_a_date_is_known_by_a_tag_of_ours() -> None:
    date = "Tue, 24 Nov 2026 10:00:00 GMT"
    tag = tag_of(date, name="Last-Modified")
    since = ("If-Modified-Since", date)
    assert ask(("If-None-Match", tag), since) == [since]
    assert ask(("If-None-Match", tag_of(date, name="Last-Modified", mode="spa")), since) == []


def test_rq11_a_copy_from_before_it_was_rewritten_is_not_confirmed() -> None:
    """In mode `raw`, say: then it bears the app's own tag, or none."""
    page = ("Sec-Fetch-Dest", "document")
    date = ("If-Modified-Since", "Tue, 24 Nov 2026 10:00:00 GMT")
    assert ask(page, ("If-None-Match", '"v1"'), date) == [page]
    assert ask(page, date) == [page]
    ours = ("If-None-Match", f'"other", {tag_of(chr(34) + "v1" + chr(34))}')
    assert ask(page, ours, date) == [page, ("If-None-Match", '"v1"'), date]
    assert ask(page, ("If-None-Match", "*")) == [page, ("If-None-Match", "*")]


@pytest.mark.parametrize(
    ("headers", "target", "is_whole"),
    [
        pytest.param([("Sec-Fetch-Dest", "document")], "/a", True, id="RQ12-document"),
        pytest.param([("Sec-Fetch-Dest", "style")], "/a", True, id="RQ12-style"),
        pytest.param([("Sec-Fetch-Dest", "worker")], "/a.js", True, id="RQ12-worker"),
        pytest.param([], "/a.HTML", True, id="RQ12-html"),
        pytest.param([], "/a.css?x", True, id="RQ12-css"),
        pytest.param([], "/live.m3u8", True, id="RQ12-playlist"),
        pytest.param([("Sec-Fetch-Dest", "video")], "/a.mp4", False, id="RQ12-video"),
        pytest.param([("Sec-Fetch-Dest", "script")], "/a.js", False, id="RQ12-script"),
        pytest.param([], "/a?b.html", False, id="RQ12-query"),
    ],
)
def test_ranges_of_what_is_rewritten_are_not_asked_for(headers: list[Header], target: str, is_whole: bool) -> None:
    ranges = [("Range", "bytes=0-9"), ("If-Range", '"v1"')]
    out = ask(*headers, *ranges, target=target)
    assert [pair for pair in out if pair in ranges] == ([] if is_whole else ranges)
    assert ask(*headers, *ranges, target=target, mode="raw") == [*headers, *ranges]


def test_everything_else_stays_in_its_order() -> None:
    headers = [("Host", "a"), ("X", "1"), ("accept", "*/*"), ("X", "2")]
    assert ask(*headers) == headers
