from __future__ import annotations

import pytest

from app.domain.cost import US_EAST_1, cost, dollars
from app.domain.cost_model import idle_month, per_million
from app.domain.usage import Usage
from tests.aws.cost_model import lean, lean_s3


def test_a_million_of_each_costs_its_price() -> None:
    million = Usage(
        http_steps=10**6, ws_messages=10**6, connected_ms=60_000 * 10**6, write_units=10**6, s3_puts=10**6,
        s3_gets=10**6, calls=10**6, busy_ms=2_000 * 10**6, reads=2 * 10**6,
    )  # fmt: skip
    found = {(line.service, line.unit): round(line.dollars, 4) for line in cost(million).lines}
    assert found == {
        ("HTTP API", "requests of 512 KB"): 1.0,
        ("WebSocket API", "messages of 32 KB"): 1.0,
        ("WebSocket API", "minutes connected"): 0.25,
        ("Lambda", "calls"): 0.2,
        ("Lambda", "GB-seconds"): 13.3334,
        ("DynamoDB", "write units"): 0.625,
        ("DynamoDB", "read units"): 0.125,
        ("S3", "uploads"): 5.0,
        ("S3", "downloads"): 0.4,
    }
    assert cost(million).dollars == pytest.approx(sum(found.values()))


def test_only_time_and_looks_are_estimated() -> None:
    lines = cost(Usage(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)).lines
    assert {line.unit for line in lines if not line.counted} == {"GB-seconds", "read units"}


def test_what_was_not_used_has_no_line() -> None:
    assert cost(Usage()).lines == ()
    assert [line.unit for line in cost(Usage(s3_gets=3)).lines] == ["downloads"]


@pytest.mark.parametrize("kilobytes", [1, 8, 20, 100, 1024, 5000])
@pytest.mark.parametrize("service_ms", [5, 50, 500])
def test_the_estimate_is_that_of_the_independent_model(kilobytes: int, service_ms: int) -> None:
    size = kilobytes * 1024
    assert per_million(size, service_ms) == pytest.approx(min(lean(size, service_ms), lean_s3(size, service_ms)))


def test_an_idle_tunnel_costs_its_connection() -> None:
    assert idle_month(10) == pytest.approx(10 * 30 * 24 * 60 * US_EAST_1.ws_minute)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "$0"),
        (0.00001, "< $0.0001"),
        (0.00005, "$0.0001"),
        (0.0031, "$0.0031"),
        (0.00994, "$0.0099"),
        (0.00999, "$0.01"),
        (0.414, "$0.41"),
        (12.3, "$12.30"),
        (1234.5, "$1\u202f234.50"),
    ],
)
def test_dollars_are_as_precise_as_they_need_to_be(value: float, words: str) -> None:
    assert dollars(value) == words
