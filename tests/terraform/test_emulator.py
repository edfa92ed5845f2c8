"""The emulator of tests/aws stands for what this module deploys, so both must say the same."""

from __future__ import annotations

import pytest

from tests.aws.emulator.cloud_config import FUNCTION_ROLE, TABLE, CloudConfig
from tests.terraform.program import Resources, Terraform
from tests.terraform.test_cross_checks import TEXTS, granted_rights

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def plan(terraform: Terraform) -> Resources:
    return terraform.plan()


def test_the_same_function(plan: Resources) -> None:
    function, emulated = plan["aws_lambda_function.backend"], CloudConfig().function
    assert (function["function_name"], function["memory_size"], function["timeout"]) == (
        emulated.name,
        emulated.memory,
        emulated.timeout,
    )


def test_the_same_gateways(plan: Resources) -> None:
    config = CloudConfig()
    assert plan["aws_apigatewayv2_stage.socket"]["name"] == config.websockets.stage
    assert plan["aws_apigatewayv2_api.socket"]["route_selection_expression"] == config.websockets.selection
    limit = plan["aws_apigatewayv2_integration.function"]["timeout_milliseconds"]
    assert limit == config.websockets.timeout * 1000
    http = plan["aws_apigatewayv2_integration.http[0]"]
    assert http["timeout_milliseconds"] == config.integration_timeout * 1000
    assert http["payload_format_version"] == config.payload_format


def test_the_same_table(plan: Resources) -> None:
    table = plan["aws_dynamodb_table.state"]
    kinds = {attribute["name"]: attribute["type"] for attribute in table["attribute"]}
    assert table["name"] == TABLE.name
    assert (table["hash_key"], kinds[table["hash_key"]]) == TABLE.hash
    assert (table["range_key"], kinds[table["range_key"]]) == TABLE.range
    assert table["ttl"][0]["attribute_name"] == TABLE.ttl


def test_the_same_rights_on_the_table() -> None:
    assert {f"dynamodb:{name}" for name in FUNCTION_ROLE} == granted_rights(TEXTS["roles.tf"], "dynamodb")
