from __future__ import annotations

import pytest

from app.domain.exchange import ExchangeState
from app.domain.problems import Problem
from app.viewmodels.exchange_cells import (
    StatusClass,
    format_duration,
    format_size,
    readable,
    short_type,
    signed_by_text,
    spoken,
    status_class,
    status_text,
    unescaped,
)
from tests.app.fake_workspace import an_exchange


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, StatusClass.PENDING),
        (103, StatusClass.INFORMATION),
        (204, StatusClass.OK),
        (302, StatusClass.REDIRECT),
        (404, StatusClass.CLIENT_ERROR),
        (502, StatusClass.SERVER_ERROR),
        (999, StatusClass.INFORMATION),
    ],
)
def test_status_class(status: int | None, expected: StatusClass) -> None:
    assert status_class(an_exchange(status=status)) is expected


def test_a_failed_exchange_is_a_network_error_even_with_a_status() -> None:
    exchange = an_exchange(status=200)
    exchange.state = ExchangeState.FAILED
    assert status_class(exchange) is StatusClass.NETWORK_ERROR
    assert status_text(exchange) == "200"


def test_an_open_websocket_has_its_own_class() -> None:
    exchange = an_exchange(status=101)
    exchange.kind = "websocket"
    assert status_class(exchange) is StatusClass.WEBSOCKET


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0.0, "<0.1 ms"),
        (0.44, "0.4 ms"),
        (9.94, "9.9 ms"),
        (9.96, "10 ms"),
        (31.4, "31 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (59_994, "59.99 s"),
        (59_996, "1 m 00 s"),
        (125_000, "2 m 05 s"),
        (3_599_600, "1 h 00 m"),
        (11_220_000, "3 h 07 m"),
    ],
)
def test_format_duration(ms: float, text: str) -> None:
    assert format_duration(ms) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4_100_000, "4.1 MB"),
        (2_000_000_000_000, "2000 GB"),
    ],
)
def test_format_size(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        (None, ""),
        ("application/json; charset=utf-8", "json"),
        ("application/problem+json", "json"),
        ("text/javascript", "js"),
        ("image/svg+xml", "svg"),
        ("application/x-www-form-urlencoded", "form"),
        ("application/x-tar", "tar"),
    ],
)
def test_short_type(content_type: str | None, text: str) -> None:
    assert short_type(content_type) == text


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"/a%C3%BC?x=1", "/a%C3%BC?x=1"),
        ("/ü/€".encode(), "/ü/€"),
        (b"/caf\xe9", "/café"),
        ("/safe\u202egpj.exe".encode(), "/safe\u00e2\u0080\u00aegpj.exe"),
    ],
    ids=["ascii", "utf-8", "latin-1", "bidi-override-stays-visible"],
)
def test_raw_bytes_of_a_target_read_as_utf_8(sent: bytes, text: str) -> None:
    assert readable(sent.decode("latin-1")) == text


def test_spoken_row() -> None:
    assert spoken(an_exchange("POST", "/pay", 502), 0) == "POST /pay, 502, 31 ms"
    assert spoken(an_exchange(status=None), 0) == "GET /, waiting for the answer"
    failed = an_exchange()
    failed.state = ExchangeState.FAILED
    failed.problem = Problem("upstream_refused", "Port 3000 refuses connections", "your service")
    failed.replay_of = "x"
    assert spoken(failed, 0) == "GET /, Port 3000 refuses connections, 31 ms, replay"


def test_leaks_are_spoken() -> None:
    exchange = an_exchange()
    exchange.leak = "/cart"
    assert spoken(exchange, 0) == "GET /, 200, 31 ms, came without the prefix"


def test_the_provider_that_signed_a_request_is_named() -> None:
    signed = an_exchange(request_headers=(("x-hub-signature-256", "sha256=0"),))
    assert (signed_by_text(signed), signed_by_text(an_exchange())) == ("GitHub", "")


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/api/%E8%8C%B6%e6%9d%af?q=%E8%8C%B6", "/api/茶杯?q=茶"),
        ("/a%2Fb%20c%25?x=%41", "/a%2Fb%20c%25?x=%41"),
        ("/%E8%8C", "/%E8%8C"),
        ("/%FF%E8%8C%B6", "/%FF%E8%8C%B6"),
        ("/%E2%80%AEevil", "/%E2%80%AEevil"),
        ("/%C2%A0%E3%80%80", "/%C2%A0%E3%80%80"),
    ],
)
def test_a_target_reads_as_it_was_meant_and_hides_nothing(target: str, shown: str) -> None:
    assert unescaped(target) == shown
