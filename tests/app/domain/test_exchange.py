from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Body, Exchange, new_exchange_id


def test_ids_are_short_and_rise_even_within_a_millisecond() -> None:
    ids = [new_exchange_id() for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert {len(made) for made in ids} == {12}


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(0, 100))
def test_a_body_counts_every_byte_and_keeps_the_first_ones(chunks: list[bytes], limit: int) -> None:
    whole = b"".join(chunks)
    body = Body(limit=limit)
    for chunk in chunks:
        body.append(chunk)
    assert body.size == len(whole)
    assert body.data == whole[:limit]
    assert body.kept == len(body.data)
    assert body.truncated is (len(whole) > limit)


@given(st.binary(max_size=20), st.integers(0, 20))
def test_an_outline_knows_what_was_captured_without_having_it(data: bytes, limit: int) -> None:
    body = Body(limit=limit)
    body.append(data)
    for outline in (body.outline(), body.outline().outline()):
        assert (outline.data, outline.kept) == (b"", 0)
        assert (outline.size, outline.recorded) == (len(data), min(len(data), limit))
        assert outline.incomplete == body.incomplete == body.truncated == (len(data) > limit)


def test_headers_are_found_in_any_case_and_the_first_counts() -> None:
    exchange = Exchange("shop", "id", "GET", "/a?b=1", "http://localhost:1", (("X-A", "1"), ("x-a", "2")))
    assert exchange.request_header("x-A") == "1"
    assert exchange.response_header("x-a") is None
    assert exchange.path == "/a"


def test_the_duration_is_known_when_it_is_over() -> None:
    exchange = Exchange("shop", "id", "GET", "/", "http://localhost:1", started_ns=1_000_000)
    assert exchange.duration_ms is None
    exchange.finished_ns = 3_500_000
    assert exchange.duration_ms == 2.5
