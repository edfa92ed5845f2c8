from __future__ import annotations

import json

import pytest

from app.cli.cost_lines import cost_fields, cost_words, tell_cost
from app.cli.output import Output
from app.domain.usage import Usage, UsageReport

USED = Usage(requests=1204, ws_messages=6000)


def told(report: UsageReport, capfd: pytest.CaptureFixture[str], *, as_json: bool) -> str:
    output = Output(as_json=as_json)
    tell_cost("shop", report, output)
    output.close()
    return capfd.readouterr().out


def test_a_tunnel_elsewhere_has_no_cost(capfd: pytest.CaptureFixture[str]) -> None:
    assert cost_words(UsageReport()) == ""
    assert cost_fields(UsageReport()) is None
    assert told(UsageReport(month=USED), capfd, as_json=False) == "", "an earlier run is not this one's"


def test_today_and_the_month_are_told() -> None:
    report = UsageReport(Usage(ws_messages=3100), Usage(ws_messages=1_234_500_000))
    assert cost_words(report) == "$0.0031 today, $1 234.50 in 30 days"
    assert cost_words(report).isprintable()
    assert cost_fields(report) == {"today": 0.0031, "month": 1234.5}


def test_the_end_of_a_run_says_what_it_cost(capfd: pytest.CaptureFixture[str]) -> None:
    report = UsageReport(start=USED)
    assert told(report, capfd, as_json=False) == "1 204 requests · about $0.0060 on AWS\n"
    assert told(UsageReport(start=Usage(requests=1, calls=1)), capfd, as_json=False).startswith("1 request · about < $")
    line = json.loads(told(report, capfd, as_json=True))
    assert (line["event"], line["tunnel"], line["requests"], line["dollars"]) == ("tunnel.cost", "shop", 1204, 0.006)
    assert line["used"] == USED.to_dict()
