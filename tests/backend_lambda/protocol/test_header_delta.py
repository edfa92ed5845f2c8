from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.protocol.header_delta import header_delta, with_delta
from backend_lambda.protocol.limits import MAX_DELTA, MAX_HEADERS
from backend_lambda.protocol.messages import Headers
from tests.backend_lambda.protocol.strategies import field_names, field_values, headers

# Few names and values, so that there are repetitions.
_few = st.lists(st.tuples(st.sampled_from(["A", "a", "B"]), st.sampled_from(["", "1", "2"])), max_size=8)


@given(headers | _few, headers | _few)
def test_a_list_comes_back_whatever_the_base(meant: Headers, base: Headers) -> None:
    delta = header_delta(meant, base)
    assert delta is not None
    assert with_delta(base, delta) == meant


@given(headers, st.permutations(range(4)), st.tuples(field_names, field_values))
def test_what_the_base_has_is_not_spelt_out(base: Headers, order: list[int], new: tuple[str, str]) -> None:
    meant = [base[place] for place in order if place < len(base)]
    delta = header_delta([*meant, new], base)
    assert delta is not None
    assert sum(isinstance(entry, tuple) for entry in delta) == (new not in base)


def test_a_typical_request_is_told_in_few_bytes() -> None:
    base = [("Host", "localhost:3000"), *((f"X-Header-{number}", "v" * 40) for number in range(15))]
    meant = [("Host", "shop.example"), *base[1:]]
    assert len(json.dumps(header_delta(meant, base))) < 100


def test_what_is_too_long_or_cannot_be_sent_is_not_told() -> None:
    assert header_delta([("A", "x" * (MAX_DELTA - 1))], []) is not None
    assert header_delta([("A", "x" * MAX_DELTA)], []) is None
    assert header_delta([("A", "1")] * (MAX_HEADERS + 1), [("A", "1")]) is None
    assert header_delta([("A", "1\r\nB: 2")], []) is None


def test_a_delta_for_another_base_tells_nothing() -> None:
    assert with_delta([("A", "1")], [0, 1]) is None
