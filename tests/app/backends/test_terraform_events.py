from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.resource_kinds import KINDS, kind_of
from app.backends.terraform_events import Tally, TerraformEvent, parse_line
from app.domain.deployment import DeployProgress, PlannedChange
from tests.app.backends import lines
from tests.terraform.program import MODULE

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS_OF_LINES = [
    "planned_change",
    "resource_drift",
    "apply_start",
    "change_summary",
    "diagnostic",
    "outputs",
    "version",
]


@given(
    st.text()
    | json_values.map(json.dumps)
    | st.fixed_dictionaries(
        {"type": st.sampled_from(KINDS_OF_LINES)},
        optional={name: json_values for name in ("@message", "change", "hook", "changes", "diagnostic", "outputs")},
    ).map(json.dumps)
)
def test_no_line_is_too_strange(line: str) -> None:
    event = parse_line(line)
    assert (event is None) == (not line.strip())
    if event is not None:
        progress = Tally("plan").take(event, event.text)
        assert progress.done <= progress.total


@pytest.mark.parametrize("action", ["create", "update", "replace"])
def test_planned_changes(action: str) -> None:
    event = parse_line(lines.planned("aws_dynamodb_table.state", action))
    assert event is not None
    assert event.change == PlannedChange(action, "aws_dynamodb_table.state", "table")  # type: ignore[arg-type]


def test_deleting_is_called_destroying_and_doing_nothing_is_no_change() -> None:
    address = 'aws_lambda_permission.socket["$connect"]'
    deleted, kept = (parse_line(lines.planned(address, action)) for action in ("delete", "noop"))
    assert deleted is not None
    assert kept is not None
    assert deleted.change == PlannedChange("destroy", address, "right")
    assert kept.change is None


def test_reading_data_is_no_work() -> None:
    event = parse_line(lines.READING)
    assert event == TerraformEvent("data.aws_region.current: Refreshing...", "apply_start")


def test_a_run_is_counted() -> None:
    tally = Tally("apply", total=2)
    seen = [tally.take(event, event.text) for each in RUN if (event := parse_line(each)) is not None]
    bucket = "aws_s3_bucket.bodies"
    assert [(each.done, each.total, each.address, each.state) for each in seen] == [
        (0, 2, "", ""),
        (0, 2, bucket, "started"),
        (0, 2, bucket, "started"),
        (1, 2, bucket, "done"),
        (1, 2, "aws_iam_role.socket", "failed"),
        (1, 2, "", ""),
        (1, 2, "", ""),
    ]
    assert [each.summary.partition(":")[0] for each in tally.errors] == ["creating IAM Role (hatchway-socket)"]
    assert tally.outputs == {"socket_url": "wss://x.execute-api.eu-central-1.test/live"}


RUN = [lines.VERSION, "", lines.STARTED, lines.GOING_ON, lines.DONE, lines.FAILED, lines.ROLE_TAKEN, lines.OUTPUTS]


def test_a_plan_tells_how_much_there_is_to_do() -> None:
    tally = Tally("plan")
    event = parse_line(lines.SUMMARY)
    assert event is not None
    assert tally.take(event, "x") == DeployProgress("plan", 0, 6, "x")


def test_drift_is_no_change_of_the_plan() -> None:
    tally = Tally("plan")
    drift = lines.planned("aws_dynamodb_table.state", "update").replace("planned_change", "resource_drift")
    for each in (drift, lines.planned("aws_iam_role.socket", "create")):
        event = parse_line(each)
        assert event is not None
        tally.take(event, event.text)
    assert [change.address for change in tally.changes] == ["aws_iam_role.socket"]


def test_every_type_of_the_module_has_a_word() -> None:
    types = {
        found for file in MODULE.glob("*.tf") for found in re.findall(r'^resource "(\w+)"', file.read_text(), re.M)
    }
    assert types
    assert types <= KINDS.keys()


def test_an_unknown_type_is_called_by_its_name() -> None:
    assert kind_of("aws_wafv2_web_acl") == "wafv2 web acl"
