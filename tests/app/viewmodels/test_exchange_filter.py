from __future__ import annotations

import pytest

from app.domain.exchange import ExchangeState
from app.viewmodels.exchange_filter import ExchangeFilter, Quick
from tests.app.fake_workspace import an_exchange


@pytest.mark.parametrize(
    ("text", "matches"),
    [("", True), ("pay", True), ("PAY", True), ("post 50", True), ("/api", True), ("404", False), ("post get", False)],
)
def test_every_word_must_occur_in_method_target_or_status(text: str, matches: bool) -> None:
    assert ExchangeFilter(text).matches(an_exchange("POST", "/api/pay?x=1", 502)) is matches


def test_errors_are_failures_and_status_400_and_above() -> None:
    errors = ExchangeFilter(quick=Quick.ERRORS)
    assert errors.matches(an_exchange(status=400))
    assert not errors.matches(an_exchange(status=399))
    assert not errors.matches(an_exchange(status=None))
    failed = an_exchange(status=None)
    failed.state = ExchangeState.FAILED
    assert errors.matches(failed)


def test_websockets() -> None:
    socket = an_exchange(status=101)
    socket.kind = "websocket"
    assert ExchangeFilter(quick=Quick.WEBSOCKET).matches(socket)
    assert not ExchangeFilter(quick=Quick.WEBSOCKET).matches(an_exchange())


def test_description_quotes_what_was_asked_for() -> None:
    assert not ExchangeFilter(" ").active
    assert ExchangeFilter("pay", Quick.ERRORS).description == "Errors pay"


@pytest.mark.parametrize(
    ("text", "leaked", "ordinary"),
    [("has:leak", True, False), ("HAS:LEAK /api", True, False), ("has:leak 404", False, False), ("leak", False, False)],
)
def test_leaks(text: str, leaked: bool, ordinary: bool) -> None:
    exchange = an_exchange(target="/api/pay")
    assert ExchangeFilter(text).matches(exchange) is ordinary
    exchange.leak = "/cart"
    assert ExchangeFilter(text).matches(exchange) is leaked
