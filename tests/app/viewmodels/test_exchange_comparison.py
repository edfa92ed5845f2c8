from __future__ import annotations

from app.domain.exchange import Body
from app.replay.comparison import Difference
from app.viewmodels.exchange_comparison import compare_exchanges
from tests.app.fake_workspace import an_exchange


def test_equal_exchanges_have_no_differences() -> None:
    one = an_exchange("POST", "/pay?a=1", body=b'{"a": 1}', answer=b"{}")
    other = an_exchange("POST", "/pay?a=1", body=b'{"a": 1}', answer=b"{}")
    found = compare_exchanges(one, other)
    assert found.differences == ()
    assert found.request.identical
    assert found.answer.identical
    assert found.notes == ""


def test_requests_differ_in_method_path_query_headers_and_body() -> None:
    one = an_exchange(
        "POST", "/pay?a=1&b=2&b=3&d=", body=b'{"amount": 100}', request_headers=(("Content-Type", "application/json"),)
    )
    other = an_exchange(
        "PUT",
        "/buy?a=2&c=4&d=",
        body=b'{"amount": 250}',
        request_headers=(("content-type", "application/json"), ("X-Shop", "b")),
    )
    found = compare_exchanges(one, other)
    assert found.differences == (
        ("request", Difference("method", "changed", "POST", "PUT")),
        ("request", Difference("path", "changed", "/pay", "/buy")),
        ("request", Difference("query a", "changed", "1", "2")),
        ("request", Difference("query b", "removed", "2, 3")),
        ("request", Difference("query c", "added", after="4")),
        ("request", Difference("header x-shop", "added", after="b")),
        ("request", Difference("$.amount", "changed", "100", "250")),
    )
    assert found.counted == 7
    assert any('"amount": 250' in row.right for row in found.request.rows)
    assert found.answer.identical


def test_answers_differ_in_status_and_body_but_times_mean_nothing() -> None:
    one = an_exchange(status=200, answer=b'{"ok": true, "at": "2026-01-01T10:00:00Z"}')
    other = an_exchange(status=502, answer=b'{"ok": false, "at": "2026-01-01T10:00:09Z"}')
    found = compare_exchanges(one, other)
    places = {difference.place: difference.ignored for _, difference in found.differences}
    assert places == {"status": "", "$.ok": "", "$.at": "a time"}
    assert found.counted == 2
    assert {side for side, _ in found.differences} == {"answer"}


def test_binary_bodies_are_told_apart() -> None:
    one, other = an_exchange("PUT", body=b"\xff\x00a"), an_exchange("PUT", body=b"\xff\x00b")
    assert compare_exchanges(one, other).request.changes == 1
    assert compare_exchanges(one, one).request.identical


def test_what_was_not_kept_is_said() -> None:
    one, other = an_exchange(), an_exchange()
    other.request_body = Body(b"abc", size=9)
    other.response_body = Body(size=7)
    assert compare_exchanges(one, other).notes.splitlines() == [
        "After: Kept of the request's body: the first 3 B of 9 B",
        "After: Not kept: the body of the answer (7 B)",
    ]
