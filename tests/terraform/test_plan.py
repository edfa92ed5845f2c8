"""What is planned for a plain deployment, attribute by attribute where a wrong one would not be noticed until AWS."""

from __future__ import annotations

import json

import pytest

from tests.terraform.program import Resources, Terraform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def plan(terraform: Terraform) -> Resources:
    return terraform.plan(tags={"team": "a"})


def test_messages_are_told_apart_by_their_type(plan: Resources) -> None:
    api = plan["aws_apigatewayv2_api.socket"]
    assert (api["protocol_type"], api["route_selection_expression"]) == ("WEBSOCKET", "$request.body.type")


def test_routes_of_the_agents_api(plan: Resources) -> None:
    routes = {
        route["route_key"]: route
        for address, route in plan.of("aws_apigatewayv2_route").items()
        if ".http" not in address
    }
    assert routes.keys() == {"$connect", "$disconnect", "$default", "reply"}
    # One-way: an answer to each message would cost as much as the message.
    assert all(route.get("route_response_selection_expression") is None for route in routes.values())


def test_replies_go_straight_into_the_table(plan: Resources) -> None:
    integration = plan["aws_apigatewayv2_integration.reply"]
    assert integration["integration_type"] == "AWS"
    assert integration["integration_uri"] == "arn:aws:apigateway:eu-central-1:dynamodb:action/PutItem"
    # A template is looked up by what this expression gives; with an ordinary name it would not be applied.
    assert integration["template_selection_expression"] == r"\$default"
    assert list(integration["request_templates"]) == ["$default"]
    assert integration["passthrough_behavior"] == "NEVER"
    assert plan["aws_apigatewayv2_integration_response.reply"]["integration_response_key"] == "$default"


def test_visitors_have_one_route_in_one_stage(plan: Resources) -> None:
    assert plan["aws_apigatewayv2_route.http[0]"]["route_key"] == "$default"
    assert plan["aws_apigatewayv2_stage.http[0]"]["name"] == "$default"
    assert plan["aws_apigatewayv2_integration.http[0]"]["payload_format_version"] == "2.0"
    assert plan["aws_apigatewayv2_api.http[0]"]["cors_configuration"] == []


def test_each_limit_is_shorter_than_that_of_the_caller(plan: Resources) -> None:
    function = plan["aws_lambda_function.backend"]["timeout"]
    http = plan["aws_apigatewayv2_integration.http[0]"]["timeout_milliseconds"] / 1000
    socket = plan["aws_apigatewayv2_integration.function"]["timeout_milliseconds"] / 1000
    assert 25 < function < http <= 30
    assert function <= socket <= 29


def test_throttles_are_set_in_full(plan: Resources) -> None:
    """One of the two alone, or 0, blocks everything."""
    for stage in plan.of("aws_apigatewayv2_stage").values():
        [settings] = stage["default_route_settings"]
        assert settings["throttling_rate_limit"] >= 1
        assert settings["throttling_burst_limit"] >= 1


def test_the_table_has_two_keys_and_forgets(plan: Resources) -> None:
    table = plan["aws_dynamodb_table.state"]
    assert (table["hash_key"], table["range_key"], table["billing_mode"]) == ("pk", "sk", "PAY_PER_REQUEST")
    assert {attribute["name"] for attribute in table["attribute"]} == {"pk", "sk"}
    assert [(ttl["attribute_name"], ttl["enabled"]) for ttl in table["ttl"]] == [("ttl", True)]


def test_bodies_are_private_and_gone_after_a_day(plan: Resources) -> None:
    block = plan["aws_s3_bucket_public_access_block.bodies"]
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert all(block[name] for name in names)
    ownership = plan["aws_s3_bucket_ownership_controls.bodies"]["rule"][0]["object_ownership"]
    assert ownership == "BucketOwnerEnforced"
    [rule] = plan["aws_s3_bucket_lifecycle_configuration.bodies"]["rule"]
    assert rule["status"] == "Enabled"
    assert rule["expiration"][0]["days"] == 1


def test_every_log_is_kept_for_a_while_only(plan: Resources) -> None:
    groups = plan.of("aws_cloudwatch_log_group").values()
    assert groups
    assert all(group["retention_in_days"] == 14 for group in groups)


def test_the_function_is_what_was_built(plan: Resources) -> None:
    function = plan["aws_lambda_function.backend"]
    assert (function["runtime"], function["architectures"]) == ("python3.13", ["arm64"])
    assert function["handler"] == "backend_lambda.entry.handler"
    [logging] = function["logging_config"]
    # A stricter filter would swallow the metrics, which are lines of the log.
    assert (logging["log_format"], logging["application_log_level"]) == ("JSON", "INFO")


def test_all_that_can_have_tags_has_them(plan: Resources) -> None:
    tagged = [values["tags_all"] for address in plan.addresses if "tags_all" in (values := plan[address])]
    assert len(tagged) >= 8
    assert all(tags == {"team": "a", "hatchway:deployment": "hatchway"} for tags in tagged)


def test_no_output_is_a_secret_and_none_is_missing(plan: Resources) -> None:
    expected = {"public_url", "socket_url", "host_base", "region", "name", "table", "bucket", "function", "log_group"}
    assert plan.outputs.keys() == expected | {"dashboard_url", "dns_records", "version"}
    assert json.dumps(plan.outputs["dns_records"]) == "{}"
