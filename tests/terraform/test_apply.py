"""The module applied: all is made, nothing is left to do, all goes again; and the parts fit together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.terraform.deployment import Deployment, recorded
from tests.terraform.program import Resources

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, worker_id: str, cloud: str) -> Deployment:
    mine = tmp_path_factory.getbasetemp()
    record = (mine if worker_id == "master" else mine.parent) / "deployment.json"
    return recorded(record, tmp_path_factory.mktemp("applied"), cloud)


@pytest.fixture(scope="module")
def state(deployment: Deployment) -> Resources:
    return deployment.state


def test_a_second_plan_has_nothing_to_do(deployment: Deployment) -> None:
    assert deployment.second_plan == []


def test_destroying_leaves_nothing(deployment: Deployment) -> None:
    # Bodies nobody fetched go too; moto lets nobody put one past a policy with a condition.
    assert deployment.state["aws_s3_bucket.bodies"]["force_destroy"] is True
    assert deployment.left == []
    assert deployment.leftovers == []


def test_the_apis_may_call_the_function_for_their_routes(state: Resources) -> None:
    socket = state["aws_apigatewayv2_api.socket"]["execution_arn"]
    http = state["aws_apigatewayv2_api.http[0]"]["execution_arn"]
    stage = state["aws_apigatewayv2_stage.socket"]["name"]
    permissions = state.of("aws_lambda_permission").values()
    assert {permission["source_arn"] for permission in permissions} == {
        *(f"{socket}/{stage}/{route}" for route in ("$connect", "$disconnect", "$default")),
        f"{http}/*/$default",
    }
    assert {(it["action"], it["principal"]) for it in permissions} == {
        ("lambda:InvokeFunction", "apigateway.amazonaws.com")
    }


def test_the_function_may_do_what_it_does_and_no_more(state: Resources) -> None:
    table = state["aws_dynamodb_table.state"]["arn"]
    bucket = state["aws_s3_bucket.bodies"]["arn"]
    live = f"{state['aws_apigatewayv2_api.socket']['execution_arn']}/live"
    assert rights(state["aws_iam_role_policy.function"]) == {
        **{f"dynamodb:{name}Item": {table} for name in ("Get", "Put", "Update", "Delete")},
        "dynamodb:Query": {table},
        "execute-api:ManageConnections": {f"{live}/POST/@connections/*", f"{live}/DELETE/@connections/*"},
        "s3:GetObject": {f"{bucket}/r/*", f"{bucket}/q/*"},
        "s3:PutObject": {f"{bucket}/r/*", f"{bucket}/q/*"},
        "logs:CreateLogStream": {f"{state['aws_cloudwatch_log_group.function']['arn']}:*"},
        "logs:PutLogEvents": {f"{state['aws_cloudwatch_log_group.function']['arn']}:*"},
    }


def test_the_agents_api_may_put_items_only_and_only_for_this_account(state: Resources) -> None:
    assert rights(state["aws_iam_role_policy.socket"]) == {
        "dynamodb:PutItem": {state["aws_dynamodb_table.state"]["arn"]}
    }
    [trust] = json.loads(state["aws_iam_role.socket"]["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert state["aws_apigatewayv2_integration.reply"]["credentials_arn"] == state["aws_iam_role.socket"]["arn"]


def test_no_right_is_for_everything(state: Resources) -> None:
    for policy in state.of("aws_iam_role_policy").values():
        for action, resources in rights(policy).items():
            assert "*" not in action
            assert "*" not in resources


def test_the_bucket_refuses_plain_http_and_old_signatures(state: Resources) -> None:
    statements = json.loads(state["aws_s3_bucket_policy.bodies"]["policy"])["Statement"]
    assert all(statement["Effect"] == "Deny" and statement["Principal"] == "*" for statement in statements)
    assert [statement["Condition"] for statement in statements] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}, "NumericGreaterThan": {"s3:signatureAge": "360000"}},
    ]


def test_addresses_lead_to_what_was_made(deployment: Deployment) -> None:
    state = deployment.state
    variables = state["aws_lambda_function.backend"]["environment"][0]["variables"]
    socket, http = state["aws_apigatewayv2_api.socket"]["id"], state["aws_apigatewayv2_api.http[0]"]["id"]
    domain = "execute-api.eu-central-1.amazonaws.com"
    assert variables["HATCHWAY_CALLBACK_URL"] == f"https://{socket}.{domain}/live"
    assert variables["HATCHWAY_SOCKET_URL"] == state.outputs["socket_url"] == f"wss://{socket}.{domain}/live"
    assert variables["HATCHWAY_PUBLIC_URL"] == state.outputs["public_url"] == f"https://{http}.{domain}"
    assert variables["HATCHWAY_TABLE"] == state.outputs["table"]
    assert variables["HATCHWAY_BUCKET"] == state.outputs["bucket"]
    assert [(stage["StageName"], stage["AutoDeploy"]) for stage in deployment.stages] == [("live", True)]


def test_the_dashboard_shows_what_was_made(state: Resources) -> None:
    widgets = json.loads(state["aws_cloudwatch_dashboard.backend[0]"]["dashboard_body"])["widgets"]
    places = [(widget["x"], widget["y"]) for widget in widgets]
    assert len(places) == len(set(places)) == 13
    metrics = [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]
    apis = {metric[3] for metric in metrics if metric[0] == "AWS/ApiGateway"}
    assert apis == {state["aws_apigatewayv2_api.socket"]["id"], state["aws_apigatewayv2_api.http[0]"]["id"]}


def test_the_app_says_what_stands(deployment: Deployment) -> None:
    outputs = deployment.state.outputs
    made = deployment.made
    assert (made.public_url, made.agent_url, made.table) == (
        outputs["public_url"],
        outputs["socket_url"],
        outputs["table"],
    )
    assert (made.account, made.region, made.managed, made.complete) == ("123456789012", "eu-central-1", True, True)
    assert deployment.found == [made]
    assert deployment.progress == [deployment.planned, deployment.planned]
    assert deployment.planned == len(deployment.state.addresses)


def test_everything_carries_the_tag(deployment: Deployment) -> None:
    tagged = {api["ApiId"] for api in deployment.apis if api.get("Tags", {}).get("hatchway:deployment") == "hatchway"}
    assert tagged == {values["id"] for values in deployment.state.of("aws_apigatewayv2_api").values()}


def rights(policy: dict[str, Any]) -> dict[str, set[str]]:
    """Action → the resources it is allowed on."""
    found: dict[str, set[str]] = {}
    for statement in json.loads(policy["policy"])["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            found.setdefault(action, set()).update(as_list(statement["Resource"]))
    return found


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
