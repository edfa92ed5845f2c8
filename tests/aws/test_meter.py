from __future__ import annotations

import pytest

from tests.aws.emulator.faults import Faults
from tests.aws.emulator.meter import Meter


@pytest.mark.parametrize(("size", "steps"), [(0, 1), (1, 1), (32_768, 1), (32_769, 2), (131_072, 4)])
def test_messages_are_billed_in_steps_of_32_kb(size: int, steps: int) -> None:
    meter = Meter()
    meter.message(size)
    assert meter.bill()["ws_messages"] == steps


def test_the_fact_sheets_lean_design_costs_what_it_says() -> None:
    """B-ddb, 1 KB at 50 ms: $5.21 per million requests."""
    meter = Meter()
    meter.add("http_requests")
    meter.message(1300)
    meter.message(1900)
    meter.add("lambda_requests")
    meter.add("lambda_gb_seconds", 0.5 * 0.095)
    meter.add("write_units", 2)
    meter.add("read_units", 1)
    assert meter.bill().per_million(1) == pytest.approx(5.21, abs=0.01)


def test_a_bill_can_be_taken_from_another_and_leave_parts_out() -> None:
    meter = Meter()
    meter.egress(1_000_000_000)
    before = meter.bill()
    meter.add("s3_puts", 2)
    meter.egress(1_000_000_000)
    bill = meter.bill() - before
    assert bill["s3_puts"] == 2
    assert bill.dollars() == pytest.approx(0.09001)
    assert bill.per_million(2, without=("egress_gb",)) == pytest.approx(5)
    with pytest.raises(ValueError, match="no such unit"):
        meter.add("lambda_request")


def test_faults_strike_where_and_as_often_as_asked() -> None:
    faults = Faults()
    faults.inject("table-throttled", times=2, match="GetItem")
    assert [faults.strikes("table-throttled", "PutItem x"), faults.strikes("callback-410")] == [False, False]
    assert [faults.strikes("table-throttled", "GetItem x") for _ in range(3)] == [True, True, False]
    assert faults.hits("table-throttled") == 2
    faults.inject("callback-410", times=None, rate=0.5)
    share = sum(faults.strikes("callback-410") for _ in range(1000))
    assert 400 < share < 600
    with pytest.raises(ValueError, match="no such fault"):
        faults.inject("callback-411")  # type: ignore[arg-type]
    faults.clear()
    assert not faults.strikes("callback-410")
