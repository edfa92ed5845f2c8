from __future__ import annotations

import pytest

from app.agent.ends import delivered, visitor_request
from app.domain.exchange import Delivered, VisitorRequest
from backend_lambda.protocol.messages import Delivered as Told
from backend_lambda.protocol.messages import Delta, Report, Request, Visitor

RAW = (("Content-Type", "text/html"), ("Server", "x"))


def asked(url: str, headers: Delta | None) -> VisitorRequest | None:
    request = Request(
        "r1", "GET", "/a?b", [("Host", "localhost"), ("Accept", "*/*")], visitor=Visitor("::1", url, headers)
    )
    return visitor_request(request)


def test_the_request_as_it_was_is_put_together() -> None:
    assert asked("http://h:1/shop/a?b=%2F", [("Host", "h:1"), 1]) == VisitorRequest(
        "GET", "/shop/a?b=%2F", (("Host", "h:1"), ("Accept", "*/*"))
    )


@pytest.mark.parametrize(("url", "headers"), [("http://h/a", None), ("http://h/a", [2]), ("", [0]), ("words", [0])])
def test_what_is_not_told_or_makes_no_sense_is_unknown(url: str, headers: Delta | None) -> None:
    assert asked(url, headers) is None


def test_the_target_may_be_an_asterisk() -> None:
    found = asked("http://h*", [])
    assert found is not None
    assert found.target == "*"


def test_a_body_that_passed_has_the_size_of_the_raw_one() -> None:
    report = Report("r1", delivered=Told(302, [1, ("Location", "/shop/")]))
    assert delivered(report, RAW, 7) == Delivered(302, (("Server", "x"), ("Location", "/shop/")), 7)


def test_a_body_that_was_rewritten_has_its_own() -> None:
    report = Report("r1", "html", delivered=Told(200, [0], 9, "ab" * 32))
    assert delivered(report, RAW, 7) == Delivered(200, (("Content-Type", "text/html"),), 9, "ab" * 32)


@pytest.mark.parametrize("told", [None, Told(200, [2])])
def test_a_report_without_it_tells_nothing(told: Told | None) -> None:
    assert delivered(Report("r1", delivered=told), RAW, 7) is None
