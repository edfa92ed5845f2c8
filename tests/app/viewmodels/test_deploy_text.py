from __future__ import annotations

from dataclasses import replace

from app.domain.backend import BackendProfile
from app.domain.deployment import DeployOptions, DeployPlan, Identity, PlannedChange
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.viewmodels.deploy_text import (
    account_words,
    backend_words,
    change_lines,
    cost_lines,
    cost_title,
    deployment_words,
    elapsed,
    money,
    place_words,
    plan_title,
    progress_words,
    tunnels_words,
)
from tests.app.fake_deployer import ACCOUNT, CHANGES, COST, a_deployment

WHO = Identity(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/ada", "eu-west-1", "dev")


def a_plan(*changes: PlannedChange) -> DeployPlan:
    return DeployPlan(DeployOptions(), WHO, changes, COST, "plan.bin", "")


def test_who_and_what() -> None:
    assert account_words(WHO) == "Account 1234 5678 9012 · assumed-role/Admin/ada · eu-west-1"
    assert deployment_words(a_deployment()) == "hatchway · eu-west-1 · https://hatchway.example.com"
    assert deployment_words(a_deployment(complete=False)) == "hatchway · eu-west-1 · not finished"


def test_a_plan_in_words() -> None:
    gone = PlannedChange("destroy", "aws_sns_topic.a", "alarm")
    changed = PlannedChange("update", "aws_lambda_function.f", "function")
    assert plan_title(a_plan(*CHANGES)) == "4 resources to create"
    assert plan_title(a_plan(gone)) == "1 resource to delete"
    assert plan_title(a_plan(gone, changed, changed)) == "2 to change, 1 to delete"
    assert plan_title(a_plan()) == "Nothing to do: “hatchway” stands as you want it"
    assert change_lines([gone, *CHANGES]) == ["create: 2 × API, function, table", "delete: alarm"]


def test_what_it_costs() -> None:
    assert cost_title(COST) == "About $1.75 a month, $4.60 for each further million requests"
    assert cost_lines(COST)[0] == "Requests of visitors: $1.20"
    assert cost_lines(COST)[-1].startswith("For: 250 000 requests a month")
    assert [money(usd) for usd in (0, 0.001, 0.005, 1234.5)] == ["$0.00", "less than $0.01", "$0.01", "$1,234.50"]


def test_how_far_it_is() -> None:
    assert [elapsed(seconds) for seconds in (0, 72.9, 3600)] == ["0:00", "1:12", "60:00"]
    assert (progress_words(0, 0), progress_words(7, 18)) == ("Starting", "7 of 18")


def test_where_a_tunnel_runs() -> None:
    relay = BackendProfile("r", "Office", "relay", "wss://relay.example.com/__hw/agent")
    cloud = BackendProfile("a", "Cloud", "aws", "wss://x", region="eu-west-1", account=ACCOUNT)
    assert backend_words(relay) == "Relay · wss://relay.example.com/__hw/agent"
    assert backend_words(cloud) == "AWS · eu-west-1 · account 1234 5678 9012"
    spec = TunnelSpec("shop", Upstream("http", "localhost", 3000))
    assert place_words(spec, None) == ""
    assert place_words(replace(spec, backend="a"), cloud) == "on Cloud"
    assert place_words(replace(spec, backend="x"), None) == "on a backend that has been removed"
    assert [tunnels_words(count) for count in (1, 2)] == ["1 tunnel", "2 tunnels"]
