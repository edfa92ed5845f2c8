from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.filter.completion import candidates, quoted, wanted
from app.filter.parser import FilterError, parse_tree
from app.filter.tree import Contains, Term


@pytest.mark.parametrize(
    ("text", "start", "prefix", "field"),
    [("st", 0, "st", None), ("pay -st", 5, "st", None), ("(me", 1, "me", None), ("status:4", 7, "4", "status"),
     ("-is:", 4, "", "is"), ("status-code:", 12, "", "status")],
)  # fmt: skip
def test_it_knows_what_is_being_typed(text: str, start: int, prefix: str, field: str | None) -> None:
    found = wanted(text, len(text))
    assert found is not None
    assert (found.start, found.prefix, found.field and found.field.name) == (start, prefix, field)


@pytest.mark.parametrize("text", ["", "pay ", '"st', "http://x"])
def test_there_is_nothing_to_complete(text: str) -> None:
    assert wanted(text, len(text)) is None


def test_names_of_fields_come_with_their_help() -> None:
    found = wanted("stat", 4)
    assert found is not None
    assert [(each.text, bool(each.hint)) for each in candidates(found)] == [("status:", True)]


def test_values_come_with_their_counts_and_choices_without() -> None:
    found = wanted("method:p", 8)
    assert found is not None
    seen = [("POST", 7), ("GET", 3), ("PUT", 1)]
    assert [(each.text, each.hint) for each in candidates(found, seen)] == [("POST", "7"), ("PUT", "1")]
    found = wanted("verdict:s", 9)
    assert found is not None
    assert [each.text for each in candidates(found)] == ["same", "still-failing"]


@given(st.text(max_size=20))
def test_a_completed_value_is_read_as_that_value(value: str) -> None:
    try:
        tree = parse_tree(f"note:{quoted(value)}")
    except FilterError:
        assert not value.strip() or not quoted(value)
        return
    if value.isalnum() and value.isascii():
        assert tree == Term("note", Contains(value.lower()))


def test_paths_need_no_quotes() -> None:
    assert quoted("/api/pay") == "/api/pay"
    assert quoted("/a b") == '"/a b"'
    assert quoted("/regex/") == '"/regex/"'
