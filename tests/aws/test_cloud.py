"""One exchange through all of the emulated cloud, with the smallest handler that makes one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from websockets.asyncio.client import connect

from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig


def tiny_handler(event: dict[str, Any], context: Any) -> Any:
    """A tunnel of one agent: claim at `hello`, push, poll for the reply."""
    table = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 3}))
    here = event["requestContext"]
    if here.get("eventType") == "CONNECT":
        digest = hashlib.sha256(event["headers"]["Authorization"].removeprefix("Bearer ").encode()).hexdigest()
        key = {"pk": {"S": f"k#{digest}"}, "sk": {"S": "k"}}
        found = table.get_item(TableName=os.environ["HATCHWAY_TABLE"], Key=key, ConsistentRead=True)
        return {"statusCode": 200 if "Item" in found else 401}
    if here.get("eventType") == "MESSAGE":
        item = {"pk": {"S": "t#demo"}, "sk": {"S": "t"}, "connection": {"S": here["connectionId"]}}
        table.put_item(TableName=os.environ["HATCHWAY_TABLE"], Item=item)
        return {"statusCode": 200}
    if here.get("eventType") == "DISCONNECT":
        return {"statusCode": 200}
    return _visit(event, table, context)


def _visit(event: dict[str, Any], table: Any, context: Any) -> dict[str, Any]:
    name, id = os.environ["HATCHWAY_TABLE"], context.aws_request_id
    tunnel = table.get_item(TableName=name, Key={"pk": {"S": "t#demo"}, "sk": {"S": "t"}}, ConsistentRead=True)
    connection = tunnel["Item"]["connection"]["S"]
    callback = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["HATCHWAY_CALLBACK_URL"])
    callback.post_to_connection(ConnectionId=connection, Data=json.dumps({"id": id, "path": event["rawPath"]}).encode())
    while context.get_remaining_time_in_millis() > 1000:
        reply = table.get_item(TableName=name, Key={"pk": {"S": connection}, "sk": {"S": id}})
        if "Item" in reply:
            body = base64.b64encode(reply["Item"]["b"]["B"]).decode()
            status = json.loads(reply["Item"]["m"]["S"])["status"]
            return {"statusCode": status, "body": body, "isBase64Encoded": True}
        time.sleep(0.01)
    return {"statusCode": 504}


@pytest.fixture(params=["threads", "processes"])
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    handler = tiny_handler if request.param == "threads" else f"{__name__}.tiny_handler"
    cloud = Cloud(handler, CloudConfig())
    cloud.start()
    yield cloud
    cloud.stop()


async def _claimed(cloud: Cloud) -> None:
    while not cloud.table.read({"pk": {"S": "t#demo"}, "sk": {"S": "t"}}, consistent=True):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_an_exchange(cloud: Cloud) -> None:
    cloud.add_token("secret")
    before = cloud.bill()
    async with connect(cloud.ws_url, additional_headers={"Authorization": "Bearer secret"}, proxy=None) as agent:
        await agent.send('{"type":"hello"}')
        await _claimed(cloud)
        async with httpx.AsyncClient(trust_env=False, timeout=20) as visitor:
            answer = asyncio.create_task(visitor.get(f"{cloud.http_url}/a%2Fb"))
            request = json.loads(await agent.recv())
            assert request["path"] == "/a/b"
            body = base64.b64encode(b"\0bytes").decode()
            reply = {"type": "reply", "slot": request["id"], "m": '{"status":418}', "body": body}
            await agent.send(json.dumps(reply))
            response = await answer
    assert response.status_code == 418
    assert response.content == b"\0bytes"
    bill = cloud.bill() - before
    assert bill["http_requests"] == 1
    assert bill["ws_messages"] == 3  # hello, request, reply
    assert bill["write_units"] == 2
    assert not cloud.reply_route.failures
