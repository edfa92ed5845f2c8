from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.conftest import DynamoStage, client_for

TABLE = "hatchway"
KEY = {"pk": {"S": "t#demo"}, "sk": {"S": "t"}}


def put(dynamo: DynamoStage, item: dict[str, Any] | None = None, **more: Any) -> Any:
    return dynamo.client.put_item(TableName=TABLE, Item={**KEY, **(item or {})}, **more)


def get(dynamo: DynamoStage, **more: Any) -> Any:
    return dynamo.client.get_item(TableName=TABLE, Key=KEY, **more).get("Item")


def refused(code: str, dynamo: DynamoStage, operation: str, **request: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        getattr(dynamo.client, operation)(TableName=TABLE, **request)
    assert caught.value.response["Error"]["Code"] == code
    return dict(caught.value.response)


def test_an_item_comes_back_as_it_was_put(dynamo: DynamoStage) -> None:
    item = {
        "s": {"S": "grüße"},
        "n": {"N": "12.50"},
        "b": {"B": b"\0\xff"},
        "m": {"M": {"l": {"L": [{"BOOL": True}, {"NULL": True}]}}},
    }
    put(dynamo, item)
    assert get(dynamo, ConsistentRead=True) == {**KEY, **item}
    assert dynamo.client.get_item(TableName=TABLE, Key={"pk": {"S": "no"}, "sk": {"S": "t"}}).get("Item") is None


def test_a_conditional_put_is_refused_and_shows_the_item(dynamo: DynamoStage) -> None:
    put(dynamo, {"gen": {"N": "1"}})
    request = {
        "Item": KEY,
        "ConditionExpression": "attribute_not_exists(pk) OR gen < :g",
        "ExpressionAttributeValues": {":g": {"N": "1"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    answer = refused("ConditionalCheckFailedException", dynamo, "put_item", **request)
    assert answer["Item"] == {**KEY, "gen": {"N": "1"}}


def test_update_sees_the_old_values_and_returns_the_new(dynamo: DynamoStage) -> None:
    put(dynamo, {"gen": {"N": "4"}, "gone": {"S": "x"}, "list": {"L": [{"S": "a"}]}})
    answer = dynamo.client.update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression="SET gen = gen + :one, was = gen, holder = if_not_exists(#o, :s), "
        "#l = list_append(#l, :l) REMOVE gone ADD hits :one",
        ExpressionAttributeNames={"#o": "owner", "#l": "list"},
        ExpressionAttributeValues={":one": {"N": "1"}, ":s": {"S": "me"}, ":l": {"L": [{"S": "b"}]}},
        ReturnValues="ALL_NEW",
    )
    assert answer["Attributes"] == {
        **KEY,
        "gen": {"N": "5"},
        "was": {"N": "4"},
        "holder": {"S": "me"},
        "list": {"L": [{"S": "a"}, {"S": "b"}]},
        "hits": {"N": "1"},
    }


@pytest.mark.parametrize("word", ["name", "owner", "connection", "ttl", "token", "agent", "binary"])
def test_reserved_words_need_a_placeholder(dynamo: DynamoStage, word: str) -> None:
    answer = refused(
        "ValidationException",
        dynamo,
        "update_item",
        Key=KEY,
        UpdateExpression=f"SET {word} = :v",
        ExpressionAttributeValues={":v": {"S": "x"}},
    )
    assert "reserved keyword" in answer["Error"]["Message"]


@pytest.mark.parametrize(
    "request_",
    [
        {"UpdateExpression": "SET a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}, ":unused": {"S": "y"}}},
        {"UpdateExpression": "SET a = :missing"},
        {"UpdateExpression": "SET #n = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
        {"UpdateExpression": "SET pk = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
        {"UpdateExpression": "SET a = :v, a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
        {"UpdateExpression": "SET a = absent + :v", "ExpressionAttributeValues": {":v": {"N": "1"}}},
        {"UpdateExpression": "SET a = = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}},
    ],
)
def test_wrong_updates_are_refused(dynamo: DynamoStage, request_: dict[str, Any]) -> None:
    refused("ValidationException", dynamo, "update_item", Key=KEY, **request_)


def test_wrong_keys_and_too_large_items_are_refused(dynamo: DynamoStage) -> None:
    refused("ValidationException", dynamo, "get_item", Key={"pk": {"S": "x"}})
    refused("ValidationException", dynamo, "put_item", Item={"pk": {"S": ""}, "sk": {"S": "t"}})
    refused("ValidationException", dynamo, "put_item", Item={**KEY, "b": {"B": bytes(400 * 1024)}})
    refused("ValidationException", dynamo, "put_item", Item={**KEY, "n": {"N": "many"}})
    put(dynamo, {"b": {"B": bytes(400 * 1024 - 50)}})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("n BETWEEN :1 AND :5", True),
        ("n IN (:1, :3)", True),
        ("n <> :3", False),
        ("NOT n > :5 AND (attribute_exists(s) OR n = :1)", True),
        ("attribute_not_exists(s)", False),
        ("begins_with(s, :he)", True),
        ("contains(s, :he)", True),
        ("size(s) = :5", True),
        ("absent = :1", False),
        ("s > :1", False),
        ("attribute_type(n, :N)", True),
    ],
)
def test_conditions(dynamo: DynamoStage, condition: str, holds: bool) -> None:
    put(dynamo, {"n": {"N": "3"}, "s": {"S": "hello"}})
    known = {":1": {"N": "1"}, ":3": {"N": "3.0"}, ":5": {"N": "5"}, ":he": {"S": "he"}, ":N": {"S": "N"}}
    values = {name: value for name, value in known.items() if name in condition}
    request = {"Item": KEY, "ConditionExpression": condition}
    if values:
        request["ExpressionAttributeValues"] = values
    if holds:
        dynamo.client.put_item(TableName=TABLE, **request)
    else:
        refused("ConditionalCheckFailedException", dynamo, "put_item", **request)


def test_query_gives_one_partition_in_order_and_in_pages(dynamo: DynamoStage) -> None:
    for slot in ("r2", "r1#000002", "r1", "r1#000001"):
        dynamo.client.put_item(TableName=TABLE, Item={"pk": {"S": "c="}, "sk": {"S": slot}})
    put(dynamo)
    request = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :c AND begins_with(sk, :r)",
        "ExpressionAttributeValues": {":c": {"S": "c="}, ":r": {"S": "r1"}},
    }
    first = dynamo.client.query(**request, Limit=2)
    rest = dynamo.client.query(**request, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["sk"]["S"] for item in first["Items"] + rest["Items"]] == ["r1", "r1#000001", "r1#000002"]
    refused("ValidationException", dynamo, "query", KeyConditionExpression="sk = :c",
            ExpressionAttributeValues={":c": {"S": "c="}})  # fmt: skip


def test_an_eventually_consistent_read_sees_the_past(dynamo: DynamoStage) -> None:
    dynamo.dynamodb.tables[TABLE].read_lag = (60, 60)
    put(dynamo)
    assert get(dynamo) is None
    assert get(dynamo, ConsistentRead=True) == KEY


def test_capacity_units_are_counted_as_aws_counts(dynamo: DynamoStage) -> None:
    bills = [dynamo.meter.bill()]

    def units(name: str) -> float:
        bills.append(dynamo.meter.bill())
        return (bills[-1] - bills[-2])[name]

    put(dynamo, {"b": {"B": bytes(5000)}})  # raw bytes count, not base64
    assert units("write_units") == 5
    get(dynamo, ProjectionExpression="sk")  # a projection saves nothing
    assert units("read_units") == 1
    get(dynamo, ConsistentRead=True)
    assert units("read_units") == 2
    dynamo.client.get_item(TableName=TABLE, Key={"pk": {"S": "no"}, "sk": {"S": "t"}})
    assert units("read_units") == 0.5
    refused("ConditionalCheckFailedException", dynamo, "put_item", Item=KEY,
            ConditionExpression="attribute_not_exists(pk)")  # fmt: skip
    assert units("write_units") == 5  # a refused write costs too
    dynamo.client.delete_item(TableName=TABLE, Key=KEY)
    assert units("write_units") == 5  # deleting costs the size of the item


def test_ttl_deletes_late(dynamo: DynamoStage) -> None:
    table = dynamo.dynamodb.tables[TABLE]
    put(dynamo, {"ttl": {"N": str(int(dynamo.clock.now()) - 10)}})
    assert table.sweep() == 0
    assert get(dynamo) is not None  # expired, but still returned
    dynamo.clock.advance(48 * 3600)
    assert table.sweep() == 1
    assert get(dynamo) is None


def test_throttling_and_failures_on_demand(dynamo: DynamoStage) -> None:
    dynamo.faults.inject("table-throttled", match="GetItem")
    put(dynamo)
    refused("ThrottlingException", dynamo, "get_item", Key=KEY)
    assert get(dynamo) == KEY
    dynamo.faults.inject("table-500")
    refused("InternalServerError", dynamo, "get_item", Key=KEY)


def test_a_wrong_secret_key_is_refused(dynamo: DynamoStage) -> None:
    stranger = client_for("dynamodb", dynamo.client.meta.endpoint_url, secret="guessed")
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        stranger.get_item(TableName=TABLE, Key=KEY)
    stranger.close()


def test_eight_threads_add_up(dynamo: DynamoStage) -> None:
    def work() -> None:
        for _ in range(25):
            dynamo.client.update_item(
                TableName=TABLE, Key=KEY, UpdateExpression="ADD hits :1", ExpressionAttributeValues={":1": {"N": "1"}}
            )

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert get(dynamo, ConsistentRead=True)["hits"] == {"N": "200"}


def test_only_allowed_operations_work_for_the_function(dynamo: DynamoStage) -> None:
    dynamo.dynamodb._allowed = frozenset({"PutItem"})
    put(dynamo)
    refused("AccessDeniedException", dynamo, "get_item", Key=KEY)
