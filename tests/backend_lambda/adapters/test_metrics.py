"""Metrics as log lines: what CloudWatch reads out of them, what is left out, and how AWS's slowness is counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend_lambda.adapters import clients
from backend_lambda.adapters.metrics import Tally, emit, emit_refusal, emit_socket, note_cold_start
from tests.aws.conftest import DynamoStage, dynamo, loop_thread

__all__ = ["dynamo", "loop_thread"]


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    clients.take_counts()


def written(capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Values of the one line by the dimensions under which CloudWatch files them."""
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert isinstance(line["_aws"]["Timestamp"], int)
    found = {}
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "Hatchway"
        (dimensions,) = directive["Dimensions"]
        assert all(isinstance(line[name], str) for name in dimensions)
        found[tuple(line[name] for name in dimensions)] = {
            each["Name"]: line[each["Name"]] for each in directive["Metrics"]
        }
    return found


def test_a_request_that_went_well(capsys: pytest.CaptureFixture[str]) -> None:
    emit("shop", Tally(polls=2, wait=0.0505), request_bytes=10, response_bytes=20, side=None)
    values = {"Requests": 1, "Polls": 2, "RequestBytes": 10, "ResponseBytes": 20, "WaitMilliseconds": 50.5}
    assert written(capsys) == {("shop",): values}


def test_a_failure_is_counted_by_its_side(capsys: pytest.CaptureFixture[str]) -> None:
    emit("shop", Tally(), request_bytes=0, response_bytes=0, side="service")
    found = written(capsys)
    assert found["shop", "service"] == {"Errors": 1}
    assert "WaitMilliseconds" not in found["shop",]


def test_a_cold_start_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    note_cold_start()
    emit("shop", Tally(), request_bytes=0, response_bytes=0, side=None)
    assert 0 < written(capsys)["shop",]["ColdStartMilliseconds"] < 1e8
    emit("shop", Tally(), request_bytes=0, response_bytes=0, side=None)
    assert "ColdStartMilliseconds" not in written(capsys)["shop",]


def test_an_agent_that_is_not_let_in(capsys: pytest.CaptureFixture[str]) -> None:
    emit_refusal("shop", "keys")
    assert written(capsys) == {("shop", "keys"): {"ConnectErrors": 1}}


def test_a_websocket_of_a_visitor(capsys: pytest.CaptureFixture[str]) -> None:
    emit_socket("shop")
    assert written(capsys) == {("shop",): {"Sockets": 1}}


def test_throttles_are_counted_though_a_repetition_mends_them(
    dynamo: DynamoStage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamo.client.meta.endpoint_url)
    clients._client.cache_clear()
    client = clients._client("dynamodb", "eu-central-1", None)
    dynamo.faults.inject("table-throttled")
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    assert "Item" not in client.get_item(TableName="hatchway", Key=key)
    with pytest.raises(ClientError):
        client.get_item(TableName="elsewhere", Key=key)
    client.close()
    clients._client.cache_clear()
    emit("shop", Tally(), request_bytes=0, response_bytes=0, side=None)
    assert written(capsys)["shop",]["Throttles"] == 1
    emit("shop", Tally(), request_bytes=0, response_bytes=0, side=None)
    assert "Throttles" not in written(capsys)["shop",]


@pytest.mark.parametrize(("event", "blobs"), [("needs-retry.s3.PutObject", 1), ("needs-retry.dynamodb.GetItem", 0)])
def test_calls_of_the_bucket_are_counted(event: str, blobs: int, capsys: pytest.CaptureFixture[str]) -> None:
    clients._count(event, None, attempts=1)
    clients._count(event, (None, {}), attempts=2)
    emit("shop", Tally(), request_bytes=0, response_bytes=0, side=None)
    assert written(capsys)["shop",].get("BlobCalls", 0) == 2 * blobs
