from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.column_choice import NARROWEST, WIDEST, ColumnChoice, from_text, to_text
from app.viewmodels.exchange_columns import ALWAYS, OPTIONAL, Column

_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from([c.name for c in Column]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["wanted", "order", "widths", *Column.__members__]), inner, max_size=4)
    ),
)


@given(
    wanted=st.frozensets(st.sampled_from(Column)),
    moved=st.permutations(list(Column)[1:]),
    widths=st.dictionaries(st.sampled_from(Column), st.integers(3, 200)),
)
def test_a_choice_survives_the_settings(
    wanted: frozenset[Column], moved: list[Column], widths: dict[Column, int]
) -> None:
    choice = ColumnChoice(wanted | frozenset(ALWAYS), (Column.STATUS, *moved), widths)
    assert from_text(to_text(choice)) == choice


@given(st.text() | _JSON.map(json.dumps))
def test_whatever_the_settings_hold_there_is_a_usable_choice(text: str) -> None:
    choice = from_text(text)
    assert sorted(choice.order) == list(Column)
    assert choice.order[0] is Column.STATUS
    assert choice.wanted >= set(ALWAYS)
    assert all(NARROWEST <= width <= WIDEST for width in choice.widths.values())


def test_by_default_the_optional_ones_are_hidden() -> None:
    assert from_text("") == ColumnChoice()
    assert not ColumnChoice().wanted & set(OPTIONAL)


def test_a_column_that_settings_do_not_know_yet_stands_where_it_does_by_default() -> None:
    order = from_text('{"order": ["NOTE", "PATH", "TYPE", "METHOD", "GONE", "PATH"]}').order
    assert order.index(Column.NOTE) < order.index(Column.PATH) < order.index(Column.METHOD)
    assert order.index(Column.REQUEST_SIZE) == order.index(Column.TYPE) + 1


def test_widths_are_bounded_and_taken_back() -> None:
    choice = ColumnChoice().with_width(Column.NOTE, 1.0).with_width(Column.HOST, 1e9)
    assert choice.widths == {Column.NOTE: NARROWEST, Column.HOST: WIDEST}
    assert choice.with_width(Column.NOTE, None).widths == {Column.HOST: WIDEST}
