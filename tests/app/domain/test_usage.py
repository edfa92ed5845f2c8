from __future__ import annotations

from dataclasses import fields

import pytest

from app.domain.usage import Usage, UsageReport

ALL = Usage(*range(1, 1 + len(fields(Usage))))


def test_everything_is_added() -> None:
    usage = Usage()
    usage.add(ALL)
    usage.add(ALL)
    assert usage.to_dict() == {name: 2 * count for name, count in ALL.to_dict().items()}


def test_what_is_taken_is_gone() -> None:
    usage = Usage()
    usage.add(ALL)
    assert usage.take() == ALL
    assert not usage
    assert usage == Usage()


@pytest.mark.parametrize("name", [each.name for each in fields(Usage)])
def test_any_counter_makes_it_something(name: str) -> None:
    assert Usage(**{name: 1})
    assert Usage.from_dict({name: 3}) == Usage(**{name: 3})


def test_what_is_no_count_is_left_out() -> None:
    assert Usage.from_dict({"requests": True, "calls": -1, "reads": 2.5, "writes": 3, "busy_ms": "4"}) == Usage()
    assert Usage.from_dict(ALL.to_dict()) == ALL


def test_reports_do_not_share_counters() -> None:
    report = UsageReport()
    report.month.add(ALL)
    assert not report.today
    assert report
    assert not UsageReport()
