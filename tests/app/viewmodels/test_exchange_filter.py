from __future__ import annotations

import pytest

from app.filter.parser import FilterError
from app.viewmodels.exchange_filter import Quick, wanted
from tests.app.fake_workspace import an_exchange


def test_the_quick_button_and_the_text_hold_both() -> None:
    failing = an_exchange("POST", "/api/pay", 502)
    assert wanted("pay", Quick.ERRORS).matches(failing)
    assert not wanted("pay", Quick.WEBSOCKET).matches(failing)
    assert not wanted("other", Quick.ERRORS).matches(failing)


def test_nothing_asked_is_no_filter() -> None:
    assert not wanted(" ").active
    assert wanted("", Quick.ERRORS).active


def test_mistakes_have_the_places_of_the_text() -> None:
    with pytest.raises(FilterError) as caught:
        wanted("pay status:x", Quick.ERRORS)
    assert [(problem.start, problem.end) for problem in caught.value.problems] == [(4, 12)]
