"""What a request says about the answer that it wants."""

from __future__ import annotations

import pytest

from backend_lambda.rewrite.facts import read_facts, takes, without_marks


def test_the_fields_that_decide_are_read() -> None:
    facts = read_facts(
        "GET",
        "/a/b?c=/d",
        [
            ("Host", "t.example"),
            ("SEC-FETCH-DEST", "document"),
            ("Sec-Fetch-Mode", "navigate"),
            ("sec-fetch-site", "same-origin"),
            ("Referer", "https://t.example/x"),
            ("Accept", "text/html"),
            ("Accept-Encoding", "gzip"),
            ("If-None-Match", '"1"'),
            ("Sec-Fetch-Dest", "script"),
        ],
    )
    assert (facts.method, facts.path, facts.destination, facts.mode) == ("GET", "/a/b", "document", "navigate")
    assert (facts.site, facts.referer, facts.accept) == ("same-origin", "https://t.example/x", "text/html")
    assert (facts.takes_gzip, facts.if_none_match, facts.is_off) == (True, '"1"', False)


@pytest.mark.parametrize(
    ("destination", "accept", "is_page", "may_be_page"),
    [
        pytest.param("document", "*/*", True, True, id="H28-document"),
        pytest.param("iframe", "", True, True, id="H28-iframe"),
        pytest.param("frame", "", True, True, id="H28-frame"),
        pytest.param("empty", "text/html", False, False, id="H28-fetch"),
        pytest.param("script", "*/*", False, False, id="H28-script"),
        pytest.param("", "text/html,application/xhtml+xml,*/*", False, True, id="H28-browser-on-plain-http"),
        pytest.param("", "text/html, */*", False, False, id="H28-fragment-on-plain-http"),
        pytest.param("", "*/*", False, False, id="H28-curl"),
    ],
)
def test_pages_are_told_from_what_scripts_fetch(
    destination: str, accept: str, is_page: bool, may_be_page: bool
) -> None:
    facts = read_facts("GET", "/", [("Sec-Fetch-Dest", destination), ("Accept", accept)])
    assert (facts.is_page, facts.may_be_page) == (is_page, may_be_page)


@pytest.mark.parametrize(
    ("target", "cookie", "is_off"),
    [
        pytest.param("/?__hw_off", "", True, id="R24-parameter"),
        pytest.param("/?a=1&__hw_off=1&b", "", True, id="R24-parameter-among-others"),
        pytest.param("/", "a=1; hw_off=1", True, id="R24-cookie"),
        pytest.param("/?x=__hw_off", "", False, id="R24-a-value-that-looks-like-it"),
        pytest.param("/__hw_off", "", False, id="R24-a-path"),
        pytest.param("/", "xhw_off=1; hw_off=0", False, id="R24-other-cookies"),
    ],
)
def test_a_visitor_can_ask_for_the_page_without_the_runtime(target: str, cookie: str, is_off: bool) -> None:
    assert read_facts("GET", target, [("Cookie", cookie)]).is_off is is_off


@pytest.mark.parametrize(
    ("target", "sent", "destination"),
    [
        pytest.param("/w.js?__hw_worker", "", "worker", id="R5-no-destination"),
        pytest.param("/w.js?a=1&__hw_worker", "", "worker", id="R5-no-destination-behind-others"),
        pytest.param("/w.js?__hw_worker", "script", "script", id="R5-what-the-browser-says-counts"),
        pytest.param("/w.js?a=__hw_worker", "", "", id="R5-a-value-that-looks-like-it"),
    ],
)
def test_the_runtime_says_what_a_script_is_for(target: str, sent: str, destination: str) -> None:
    assert read_facts("GET", target, [("Sec-Fetch-Dest", sent)]).destination == destination


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("gzip, br", True),
        ("br", False),
        ("", False),
        ("*", True),
        ("*;q=0", False),
        ("GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("identity;q=0, *;q=0.1", True),
    ],
)
def test_acceptable_codings(accept_encoding: str, expected: bool) -> None:
    assert takes(accept_encoding, "gzip") is expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param("/a?__hw_off", "/a", id="R24-alone"),
        pytest.param("/a?x=1&__hw_off=1&x=2&y", "/a?x=1&x=2&y", id="R24-among-others"),
        pytest.param("/w.js?__hw_worker", "/w.js", id="R5-worker"),
        pytest.param("/w.js?v=1&__hw_worker", "/w.js?v=1", id="R5-worker-with-a-version"),
        pytest.param("/a?x=__hw_off&&a=b?c", "/a?x=__hw_off&&a=b?c", id="RQ1-a-value"),
        pytest.param("/__hw_off?", "/__hw_off?", id="RQ1-a-path"),
        pytest.param("/a%2Fb//c?x=1&x=2", "/a%2Fb//c?x=1&x=2", id="RQ1-nothing-of-ours"),
    ],
)
def test_the_app_does_not_see_our_marks(target: str, expected: str) -> None:
    assert without_marks(target) == expected
