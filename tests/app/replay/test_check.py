from __future__ import annotations

import pytest

from app.domain.problems import HatchwayError
from app.domain.replay import EditedRequest
from app.replay.check import check

GOOD = {
    "plain": EditedRequest("GET", "/", (("Host", "localhost"),), b""),
    "own method": EditedRequest("PURGE", "/a?b=%20&c", (), b""),
    "latin-1": EditedRequest("POST", "/\xe4", (("X-Name", "J\xfcrgen\tM"),), b"\x00\xff"),
    "empty value": EditedRequest("GET", "//x", (("X", ""),), b""),
}
BAD = {
    "no method": (EditedRequest("", "/", (), b""), "is not an HTTP method"),
    "method with a space": (EditedRequest("GET /", "/", (), b""), "is not an HTTP method"),
    "method with a line break": (EditedRequest("GET\r\nX: y", "/", (), b""), "is not an HTTP method"),
    "no path": (EditedRequest("GET", "", (), b""), "not a path"),
    "a whole URL": (EditedRequest("GET", "http://elsewhere/", (), b""), "not a path"),
    "space in the target": (EditedRequest("GET", "/a b", (), b""), "not a path"),
    "line break in the target": (EditedRequest("GET", "/a\r\nX: y", (), b""), "not a path"),
    "target beyond latin-1": (EditedRequest("GET", "/ł", (), b""), "not a path"),
    "no header name": (EditedRequest("GET", "/", (("", "x"),), b""), "is not a header name"),
    "colon in a name": (EditedRequest("GET", "/", (("X:", "x"),), b""), "is not a header name"),
    "line break in a value": (EditedRequest("GET", "/", (("X", "a\r\nY: b"),), b""), "The value of X"),
    "zero in a value": (EditedRequest("GET", "/", (("X", "\0"),), b""), "The value of X"),
    "value beyond latin-1": (EditedRequest("GET", "/", (("X", "“"),), b""), "The value of X"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_http_can_say_passes(name: str) -> None:
    check(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_what_would_break_http_is_refused_with_the_reason(name: str) -> None:
    request, reason = BAD[name]
    with pytest.raises(HatchwayError) as caught:
        check(request)
    assert caught.value.problem.code == "bad_request_edit"
    assert reason in caught.value.problem.title
    assert caught.value.problem.hint
