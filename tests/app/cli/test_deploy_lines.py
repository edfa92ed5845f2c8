from __future__ import annotations

import pytest

from app.cli.deploy_lines import plan_lines, progress_line
from app.domain.deployment import CostEstimate, DeployOptions, DeployPlan, DeployProgress, Identity, PlannedChange

WHO = Identity("123456789012", "arn:aws:iam::123456789012:user/ada", "eu-central-1", "")
COST = CostEstimate(1.5, 10.0, (("alarms", 0.6),), "little traffic")


def plan(*changes: PlannedChange, destroys: bool = False) -> str:
    return "\n".join(plan_lines(DeployPlan(DeployOptions(), WHO, changes, COST, "f", "", destroys)))


def test_a_plan_without_changes_says_so() -> None:
    assert plan() == "“hatchway” (account 123456789012, eu-central-1) is up to date: nothing to do."


def test_changes_are_counted_by_kind() -> None:
    alarms = [PlannedChange("create", f"aws_cloudwatch_metric_alarm.x[{n}]", "alarm") for n in range(2)]
    text = plan(*alarms, PlannedChange("update", "aws_lambda_function.backend", "function"))
    assert "make   2: 2 × alarm" in text
    assert "change   1: function" in text
    assert "about $1.50 a month (little traffic)" in text


def test_taking_down_says_what_is_lost_and_no_price() -> None:
    text = plan(PlannedChange("destroy", "aws_dynamodb_table.state", "table"), destroys=True)
    assert text.startswith("Take down")
    assert "Tokens and names of tunnels go too." in text
    assert "$" not in text


def progress(line: str, address: str = "", state: str = "") -> DeployProgress:
    return DeployProgress("apply", 3, 38, line, address, state)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (progress("t: Creating...", "t", "started"), ""),
        (progress("t: Still creating... [10s elapsed]", "t", "started"), "        t: Still creating... [10s elapsed]"),
        (progress("t: Creation complete after 1s [id=x]", "t", "done"), "  3/38  t: Creation complete after 1s"),
        (progress("Apply complete!"), ""),
        (DeployProgress("prepare", 0, 0, "Asking AWS \x1b[2J"), "Asking AWS \\x1b[2J"),
    ],
)
def test_progress_is_short_and_harmless(seen: DeployProgress, line: str) -> None:
    assert progress_line(seen) == line
