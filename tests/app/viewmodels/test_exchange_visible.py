from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.viewmodels.exchange_ring import row_key
from app.viewmodels.exchange_row import ExchangeRow
from app.viewmodels.exchange_visible import VisibleRows
from tests.app.fake_workspace import an_exchange

ROWS = [ExchangeRow(an_exchange(started_ns=number + 1), recorded=False) for number in range(30)]
SOME = st.sets(st.integers(0, 29))


def visible(places: set[int]) -> VisibleRows:
    made = VisibleRows()
    made.rows = [ROWS[place] for place in sorted(places)]
    return made


@given(SOME, SOME)
def test_new_rows_go_where_they_belong_in_as_few_groups_as_there_are_gaps(there: set[int], new: set[int]) -> None:
    new -= there
    rows = visible(there)
    groups = 0
    for position, group in rows.gaps([ROWS[place] for place in sorted(new)]):
        rows.rows[position:position] = group
        groups += 1
    assert rows.rows == sorted((ROWS[place] for place in there | new), key=row_key)
    assert groups == len({sum(old < place for old in there) for place in new})


@given(SOME, SOME)
def test_runs_take_out_what_they_were_asked_for(there: set[int], gone: set[int]) -> None:
    rows = visible(there)
    runs = rows.runs(ROWS[place] for place in gone)
    for begin, end in runs:
        del rows.rows[begin:end]
    assert rows.rows == [ROWS[place] for place in sorted(there - gone)]
    assert all(end < begin for (_, end), (begin, _) in zip(runs[1:], runs, strict=False)), "neighbours are one run"


@given(SOME, st.integers(0, 29))
def test_positions(there: set[int], place: int) -> None:
    rows = visible(there)
    assert rows.position(ROWS[place]) == (sorted(there).index(place) if place in there else None)
    assert rows.up_to(ROWS[place].key) == sum(each <= place for each in there)
