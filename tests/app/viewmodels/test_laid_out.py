from __future__ import annotations

from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.laid_out import PIECE, SOFT_BREAK, SOFT_LINE, as_it_is, lay_out
from app.viewmodels.text_lines import LineIndex


def test_long_lines_are_split_visibly() -> None:
    laid = lay_out(["a" * 4_500 + "\nb"])
    assert laid.text == "a" * 2_000 + SOFT_BREAK + "a" * 2_000 + SOFT_BREAK + "a" * 500 + "\nb"
    assert (list(laid.continued), laid.lines) == ([1, 2], 4)


def test_a_line_that_comes_in_parts_is_split_as_one() -> None:
    laid = lay_out(["a" * 1_500, "a" * 1_500, "\nb"])
    assert laid.text == "a" * 2_000 + SOFT_BREAK + "a" * 1_000 + "\nb"


@pytest.mark.parametrize(
    ("texts", "shown"), [(["a\r\nb"], "a\nb"), (["a\r", "\nb"], "a\nb"), (["a\r"], "a\r"), (["\0"], "␀"), ([], "")]
)
def test_line_ends_and_nul_are_made_plain_wherever_a_part_ends(texts: list[str], shown: str) -> None:
    assert lay_out(texts).text == shown


_TEXT = st.text(st.sampled_from("a\n\r\0é𝄞"), max_size=40).map(lambda text: text.replace("a", "a" * 700))


@given(st.lists(_TEXT, max_size=6))
def test_whatever_comes_is_the_same_text_with_the_lines_counted(texts: list[str]) -> None:
    laid = lay_out(texts)
    whole = "".join(texts)
    assert laid.text.replace(SOFT_BREAK, "") == whole.replace("\r\n", "\n").replace("\0", "␀")
    lines = laid.text.split("\n")
    assert len(lines) == laid.lines
    assert max(map(len, lines)) <= SOFT_LINE + len(SOFT_BREAK)
    broken = [number for number, line in enumerate(lines[:-1], 1) if line.endswith(SOFT_BREAK[:-1])]
    assert list(laid.continued) == broken
    assert laid.text == lay_out([whole]).text
    assert laid.size == len(laid.text)
    assert laid.widest >= max(map(len, lines))
    index = LineIndex(laid)
    assert [index.line(number) for number in range(laid.lines)] == lines
    assert index.between((0, 0), (laid.lines - 1, len(lines[-1]))) == laid.text.replace(SOFT_BREAK, "")


@given(st.lists(_TEXT, max_size=6), st.data())
def test_what_is_between_two_places_is_what_a_copy_gives(texts: list[str], data: st.DataObject) -> None:
    laid = lay_out(texts)
    lines = laid.text.split("\n")
    places = sorted(
        (line, data.draw(st.integers(0, len(lines[line].removesuffix(SOFT_BREAK[:-1])))))
        for line in (data.draw(st.integers(0, laid.lines - 1)) for _ in range(2))
    )
    offsets = [sum(len(text) + 1 for text in lines[:line]) + column for line, column in places]
    assert LineIndex(laid).between(*places) == laid.text[offsets[0] : offsets[1]].replace(SOFT_BREAK, "")


def test_pieces_are_small_enough_for_one_turn_of_the_loop() -> None:
    laid = lay_out(["a line\n" * 50_000])
    assert len(laid.pieces) > 5
    assert max(map(len, laid.pieces)) <= 2 * PIECE + SOFT_LINE


def test_it_stops_when_nobody_wants_it() -> None:
    stop = Event()
    stop.set()
    assert lay_out(["a\n" * PIECE * 10], stop).size <= 2 * PIECE


def test_a_text_to_take_out_again_keeps_its_lines() -> None:
    text = "x" * (3 * PIECE) + "\nend"
    laid = as_it_is(text)
    assert (laid.text, laid.lines, len(laid.continued)) == (text, 2, 0)
