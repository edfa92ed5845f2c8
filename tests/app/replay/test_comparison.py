from __future__ import annotations

import gzip
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Body
from app.replay.comparison import MAX_DIFFERENCES, Difference, Masks, compare, learn
from tests.app.replay.answers import answer


def counted(before: Any, after: Any, masks: Masks | None = None) -> list[str]:
    """Places of the differences that count."""
    return [each.place for each in compare(answer(before), answer(after), masks) if not each.ignored]


def test_equal_answers_have_no_differences() -> None:
    assert compare(answer({"a": [1, {"b": None}]}), answer({"a": [1, {"b": None}]})) == []


def test_json_is_compared_by_path() -> None:
    before = {"error": "declined", "items": [{"n": 1}, {"n": 2}], "same": True, "x y": 1}
    after = {"paid": True, "items": [{"n": 1}, {"n": 3}, {"n": 4}], "same": True, "x y": 2}
    assert [(each.place, each.kind) for each in compare(answer(before), answer(after))] == [
        ("$.error", "removed"), ("$.items[1].n", "changed"), ("$.items[2]", "added"), ('$["x y"]', "changed"),
        ("$.paid", "added"),
    ]  # fmt: skip


def test_formatting_and_order_of_keys_mean_nothing() -> None:
    assert compare(answer(b'{"a": 1, "b": 2}'), answer(b'{ "b":2,"a":1 }')) == []


def test_true_is_not_one_and_text_is_not_a_number() -> None:
    assert counted({"a": 1, "b": "1"}, {"a": True, "b": 1}) == ["$.a", "$.b"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"time": "2026-11-26T10:00:00Z"}, {"time": "2026-11-26T10:05:13.123Z"}),
        ({"x": "Thu, 26 Nov 2026 10:00:00 GMT"}, {"x": "Thu, 26 Nov 2026 10:00:01 GMT"}),
        ({"x": 1764150000}, {"x": 1764150300}),
        ({"x": 1764150000.25}, {"x": 1764150300.5}),
        ({"x": 1764150000123}, {"x": 1764150300456}),
        ({"id": 17}, {"id": 18}),
        ({"order_id": "A-1"}, {"order_id": "A-2"}),
        ({"requestId": "a"}, {"requestId": "b"}),
        ({"x": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, {"x": "7ca7b810-9dad-41d1-80b4-00c04fd430c9"}),
        ({"x": "ch_3MmlLrLkdIwHu7ix0snN0B15"}, {"x": "ch_3MtwBwLkdIwHu7ix28a3tqPa"}),
        ({"x": "see 2026-11-26 for 9f86d081884c7d65"}, {"x": "see 2026-11-27 for 60303ae22b998861"}),
        ({"took": 3.25}, {"took": 12.5}),
        (b"generated 10:00 on 2026-11-26\nsame", b"generated 10:00 on 2026-11-27\nsame"),
    ],
    ids=str,
)  # fmt: skip
def test_times_and_identifiers_are_ignored(before: Any, after: Any) -> None:
    assert counted(before, after) == []
    assert compare(answer(before), answer(after)), "but they are told"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"total": 100}, {"total": 200}),
        ({"name": "Anna"}, {"name": "Berta"}),
        ({"status": "paid"}, {"status": "declined"}),
        ({"id": 17}, {"id": None}),
        ({"id": "x"}, {"id": ""}),
        ({"time": "2026-11-26T10:00:00Z"}, {"time": "never"}),
        ({"x": "on 2026-11-26: ok"}, {"x": "on 2026-11-26: failed"}),
        ({"ratio": 1.5}, {"ratio": 2.5}),
    ],
    ids=str,
)
def test_what_means_something_counts(before: Any, after: Any) -> None:
    assert len(counted(before, after)) == 1


def test_headers_by_name_without_those_that_always_change() -> None:
    before = answer(headers=(("Date", "a"), ("X-Cache", "hit"), ("ETag", "1"), ("X-Old", "1")))
    after = answer(headers=(("date", "b"), ("x-cache", "miss"), ("ETag", "2"), ("X-New", "1")))
    assert [(each.place, each.kind) for each in compare(before, after)] == [
        ("header x-cache", "changed"), ("header x-new", "added"), ("header x-old", "removed"),
    ]  # fmt: skip


def test_cookies_are_compared_by_their_names() -> None:
    one = answer(headers=(("Set-Cookie", "s=1; Path=/"), ("Set-Cookie", "t=1")))
    other = answer(headers=(("Set-Cookie", "t=5"), ("Set-Cookie", "s=2; Path=/")))
    third = answer(headers=(("Set-Cookie", "s=1; Path=/"),))
    assert [each.ignored for each in compare(one, other)] == ["a token"]
    assert [each.ignored for each in compare(one, third)] == [""]


def test_text_by_line_and_binary_by_bytes() -> None:
    assert counted(b"a\nb\nc", b"a\nB\nc\nd") == ["line 2", "line 4"]
    assert counted(b"\xff\x00", b"\xff\x01\x02") == ["body"]


def test_long_texts_are_bounded() -> None:
    long, longer = b"x\n" * 50_000, b"x\n" * 49_999 + b"y\nz\n"
    assert counted(long, longer) == ["line 50000"]
    assert len(compare(answer(list(range(9000))), answer(list(range(1, 9001))))) == MAX_DIFFERENCES


def test_codings_are_removed_first() -> None:
    zipped = answer(
        gzip.compress(b'{"a": 1}'), headers=(("Content-Encoding", "gzip"),), content_type="application/json"
    )
    assert [each.place for each in compare(zipped, answer({"a": 2}))] == ["$.a"]
    assert compare(zipped, answer({"a": 1})) == []


def test_a_cut_capture_is_compared_by_size_and_by_what_there_is() -> None:
    cut, other = answer(b"abc"), answer(b"abc")
    cut.response_body, other.response_body = Body(b"abc", size=9), Body(b"abc", size=9)
    assert compare(cut, other) == []
    other.response_body = Body(b"abc", size=10)
    assert compare(cut, other) == [Difference("body", "changed", "9 bytes", "10 bytes")]


def test_the_users_word_counts_more() -> None:
    masks = Masks(ignored=frozenset({"$.total"}), compared=frozenset({"$.id"}), learnt=frozenset({"$.x", "$.id"}))
    assert counted({"total": 1, "id": 1, "x": "a"}, {"total": 2, "id": 2, "x": "b"}, masks) == ["$.id"]


def test_what_differs_every_time_is_learnt_and_what_changed_once_is_not() -> None:
    answers = [answer({"seed": word, "price": price}) for word, price in (("a", 1), ("b", 1), ("c", 2))]
    assert learn(answers) == {"$.seed"}
    assert learn(answers[:2]) == frozenset()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, JSON)
def test_json_values_differ_exactly_if_a_difference_is_told(before: Any, after: Any) -> None:
    same = repr(_ordered(before)) == repr(_ordered(after))
    assert (compare(answer(before), answer(after)) == []) == same


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(inner) for inner in value] if isinstance(value, list) else value


@given(st.binary(max_size=40), st.binary(max_size=40), st.text(max_size=10))
def test_arbitrary_bodies_never_raise(before: bytes, after: bytes, coding: str) -> None:
    one = answer(before, headers=(("Content-Encoding", coding),))
    assert compare(one, one) == []
    compare(one, answer(after))
