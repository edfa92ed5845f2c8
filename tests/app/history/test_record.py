from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Body, Exchange, Headers
from app.history.record import COLUMNS, decode_headers, encode_headers, from_row, to_row, to_running_row

LATIN_1 = st.text(st.characters(max_codepoint=0xFF))


@given(st.lists(st.tuples(LATIN_1, LATIN_1)).map(tuple))
def test_headers_come_back_as_they_were(headers: Headers) -> None:
    assert decode_headers(encode_headers(headers)) == headers


@pytest.mark.parametrize("value", ["\udc80", "a\udc80\udcffb", "Grüße", "\x00"])
def test_even_impossible_header_values_survive(value: str) -> None:
    headers = (("X-Odd", value), ("X-Odd", value))
    assert decode_headers(encode_headers(headers)) == headers


def test_a_running_row_has_heads_only(
    exchange: Callable[..., Exchange], contents: Callable[[Exchange | None], dict[str, Any]]
) -> None:
    seen = exchange()
    row = to_running_row(seen, 1)
    assert len(row) == len(COLUMNS)
    stored = contents(from_row(row))
    expected = contents(seen)
    assert stored["state"].value == "running"
    assert stored["finished_ns"] is None
    assert stored["request_body"] == (b"", 8, 0)
    for name in ("state", "finished_ns", "request_body", "response_body"):
        del stored[name], expected[name]
    assert stored == expected


def test_a_row_without_its_bodies_tells_how_much_of_them_was_kept(exchange: Callable[..., Exchange]) -> None:
    seen = exchange()
    seen.request_body, seen.response_body = Body(b"abc", size=9), Body(b"abcd")
    outline = from_row(to_row(seen, 1, request_body=None, response_body=None))
    bodies = [outline.request_body, outline.response_body]
    assert [(body.data, body.recorded, body.incomplete) for body in bodies] == [(b"", 3, True), (b"", 4, False)]
