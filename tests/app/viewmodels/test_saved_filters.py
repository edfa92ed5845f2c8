from __future__ import annotations

import pytest

from app.domain.settings import SavedFilter
from app.viewmodels.saved_filters import keepable, renamed, suggested_name, with_filter, without

ERRORS, SLOW = SavedFilter("errors", "status:5xx"), SavedFilter("slow", "duration:>1s")
BOTH = (ERRORS, SLOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", False), ("  ", False), ("pay", True), ("status:x", False), (" status:5xx ", False), ("status:4xx", True)],
)
def test_only_a_filter_that_is_new_can_be_kept(text: str, expected: bool) -> None:
    assert keepable(text, BOTH) is expected


def test_a_new_one_comes_last_and_a_known_name_gets_the_new_text() -> None:
    assert with_filter(BOTH, "  my \n pay ", " pay ").saved == (*BOTH, SavedFilter("my pay", "pay"))
    assert with_filter(BOTH, "errors", "is:error").saved == (SavedFilter("errors", "is:error"), SLOW)


def test_a_name_is_needed_and_belongs_to_one() -> None:
    assert with_filter(BOTH, " ", "pay").problem
    assert renamed(BOTH, "errors", " ").problem
    taken = renamed(BOTH, "errors", "slow")
    assert taken.saved == BOTH
    assert "slow" in taken.problem


def test_renaming_keeps_place_and_text() -> None:
    assert renamed(BOTH, "errors", "server").saved == (SavedFilter("server", "status:5xx"), SLOW)
    assert renamed(BOTH, "slow", "slow").saved == BOTH


def test_removing() -> None:
    assert without(BOTH, "errors").saved == (SLOW,)


def test_a_long_filter_is_called_by_its_beginning() -> None:
    assert suggested_name(" pay  status:5xx ") == "pay status:5xx"
    assert len(suggested_name("x" * 100)) == 40
