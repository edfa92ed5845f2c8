from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.byte_search import find_bytes
from app.viewmodels.laid_out import SOFT_BREAK, lay_out
from app.viewmodels.text_search import Match, find_all


def test_places_are_told_as_qt_counts_them() -> None:
    assert find_all(["one 𝄞 two\n", "two 𝄞𝄞two"], "two") == [Match(0, 7, 3), Match(1, 0, 3), Match(1, 8, 3)]


def test_case_counts_only_if_asked_for() -> None:
    assert len(find_all(["Error error ERROR"], "error")) == 3
    assert find_all(["Error error ERROR"], "Error") == [Match(0, 0, 5)]


def test_a_piece_may_end_within_a_match() -> None:
    assert find_all(["xxnee", "dle needle"], "needle") == [Match(0, 2, 6), Match(0, 9, 6)]


def test_signs_of_regular_expressions_are_plain() -> None:
    assert find_all(["a.*b [x]"], ".*b [") == [Match(0, 1, 5)]


def test_nothing_is_found_for_nothing() -> None:
    assert find_all(["abc"], "") == []
    assert find_bytes(b"abc", "") == []


@given(st.lists(st.text("ab\n", max_size=30), max_size=8), st.text("ab", min_size=1, max_size=4))
def test_every_cut_finds_the_same(pieces: list[str], needle: str) -> None:
    whole = "".join(pieces)
    assert find_all(pieces, needle) == find_all([whole], needle)
    assert len(find_all([whole], needle)) == whole.count(needle)


@given(st.integers(0, 4_200), st.text("abc", min_size=1, max_size=6))
def test_soft_breaks_hide_nothing(before: int, needle: str) -> None:
    laid = lay_out(["x" * before + needle + "x" * 3_000])
    (match,) = find_all(laid.pieces, needle)
    lines = laid.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: match.line]) + match.column
    assert laid.text[start : start + match.length].replace(SOFT_BREAK, "") == needle


def test_bytes_are_found_as_text_and_as_hex() -> None:
    data = b"\0" * 20 + b"Needle" + b"\xde\xad\xbe\xef"
    assert find_bytes(data, "needle") == [Match(1, 4, 6)]
    assert find_bytes(data, "NEEDLE") == []
    assert find_bytes(data, "0xDE ad") == [Match(1, 10, 2)]


def test_bytes_are_found_across_the_steps_of_a_long_search() -> None:
    data = b"\0" * (1024 * 1024 - 3) + b"needle" + b"\0" * 10
    assert find_bytes(data, "needle") == [Match(65535, 13, 6)]
