"""What a visitor sees when something fails."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from backend_lambda.core.model import header
from backend_lambda.core.pages import failure_response
from backend_lambda.protocol.errors import FAILURES, Failure

BROWSER = [("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
every_failure = pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))


class Text(HTMLParser):
    """The visible words, and whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@every_failure
def test_a_browser_gets_a_page(failure: Failure) -> None:
    answer = failure_response(failure.code, BROWSER)
    assert isinstance(answer.body, bytes)
    page = Text(answer.body.decode("utf-8"))
    assert answer.status == failure.status
    assert not page.open
    assert {failure.title, failure.hint, str(failure.status), failure.code} <= set(page.words)
    assert header(answer.headers, "content-type") == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "accept", [[], [("Accept", "*/*")], [("Accept", "application/json")]], ids=["none", "any", "json"]
)
@every_failure
def test_a_program_gets_json(failure: Failure, accept: list[tuple[str, str]]) -> None:
    answer = failure_response(failure.code, accept)
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body) == {
        "error": {
            "code": failure.code, "status": failure.status, "side": failure.side,
            "title": failure.title, "hint": failure.hint,
        }
    }  # fmt: skip
    assert header(answer.headers, "content-type") == "application/json"


@every_failure
def test_it_is_framed_and_never_cached(failure: Failure) -> None:
    answer = failure_response(failure.code, BROWSER)
    assert header(answer.headers, "content-length") == str(len(answer.body))  # type: ignore[arg-type]
    assert header(answer.headers, "cache-control") == "no-store"
    assert header(answer.headers, "x-hatchway-error") == failure.code


@pytest.mark.parametrize(("code", "seconds"), [("agent_offline", "5"), ("throttled", "1"), ("unknown_tunnel", None)])
def test_retry_after(code: str, seconds: str | None) -> None:
    assert header(failure_response(code, []).headers, "retry-after") == seconds


def test_a_code_nobody_knows_is_our_own_failure() -> None:
    answer = failure_response("<script>", BROWSER)
    assert answer.status == 500
    assert isinstance(answer.body, bytes)
    assert b"<script>" not in answer.body
