"""What is unpleasant about AWS, T1 to T7 as in the fact sheet the design follows: to walk into one fails its test."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from app.agent import connection as agent_connection
from backend_lambda.protocol import limits
from tests.aws.backend import TOKEN
from tests.aws.conftest import client_for
from tests.aws.day import a_day
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.unsure import OTHER_WAY
from tests.aws.emulator.ws_api import WsConfig
from tests.aws.raw_http import send
from tests.aws.threaded import in_threads
from tests.e2e.service import Call


async def echo(call: Call) -> None:
    await call.answer(await call.read_body(), "Content-Type: application/octet-stream")


# What the gateway decodes is encoded again: sent → what the service gets.
PATHS = {
    "/a%20b": "/a%20b",
    "/100%25": "/100%25",
    "/%E4%B8%AD/gr%C3%BC%C3%9Fe": "/%E4%B8%AD/gr%C3%BC%C3%9Fe",
    "/%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D": "/%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D",
    "/%252F": "/%252F",
    "/;x=1,2/@a:b/c+d&e=f!$'()*~": "/;x=1,2/@a:b/c+d&e=f!$'()*~",
    "/%23top": "/%23top",
    # A line break that comes decoded must not end the head: what follows would be headers, or another request.
    "/%0D%0AX-Evil:%201": "/%0D%0AX-Evil:%201",
    "/%20HTTP/1.1%0D%0A%0D%0AGET%20/evil": "/%20HTTP/1.1%0D%0A%0D%0AGET%20/evil",
    "/%00": "/%00",
    # Lost, and known to be.
    "/a%2Fb": "/a/b",
    "/%61": "/a",
}


@pytest.mark.parametrize("sure", [pytest.param(True, id="T1 as reported"), pytest.param(False, id="T1 other way")])
async def test_the_gateway_decodes_paths(sure: bool) -> None:
    config = CloudConfig() if sure else CloudConfig(unsure=OTHER_WAY)
    async with a_day(config) as day:
        for sent in PATHS:
            answer = await send(day.cloud.http_url, f"/shop{sent}?q=%2F%20+&e=")
            assert answer.status == 200
        assert day.targets() == [f"{arrives}?q=%2F%20+&e=" for arrives in PATHS.values()]
        assert {call.header("x-evil") for call in day.service.calls} == {None}
        await send(day.cloud.http_url, "/shop/a%3Fb/c")
        assert day.targets()[-1] == ("/a" if sure else "/a%3Fb/c")


@pytest.mark.parametrize("bucket", ["hatchway-bodies", ""], ids=["T3", "T3 no bucket"])
async def test_a_message_takes_less_than_128_kb_and_a_frame_32_kb(bucket: str) -> None:
    async with a_day(CloudConfig(variables={"HATCHWAY_BUCKET": bucket}), echo) as day:
        connections = list(day.cloud.websockets.connections)
        for size in (24_000, 32_768, 60_000, 60_001, 97_800, 97_900, 131_072, 131_073):
            data = random.Random(size).randbytes(size)
            answer = await day.backend.visitor.post("/shop/", content=data)
            assert (answer.status_code, answer.content == data) == (200, True)
        # Whoever sends more is disconnected with 1009 and comes back on another connection.
        assert list(day.cloud.websockets.connections) == connections
        assert not day.cloud.reply_route.failures


async def test_nothing_is_posted_to_a_connection_that_has_not_spoken_t4() -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with in_threads() as backend, connect(backend.cloud.ws_url, additional_headers=headers, proxy=None) as socket:
        answer = await backend.visitor.get("/shop/", headers={"Accept": "application/json"})
        assert answer.json()["error"]["code"] == "unknown_tunnel"
        assert (backend.cloud.bill()["callback_posts"], backend.cloud.callback.gone) == (0, [])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.1)


async def test_a_connection_that_takes_no_posts_yet_becomes_a_tunnel_t4() -> None:
    async with a_day(CloudConfig(websockets=WsConfig(settle=0.25))) as day:
        assert await day.status() == 200


async def test_a_reply_that_the_table_refuses_is_asked_for_again_t5() -> None:
    async with a_day() as day:
        day.cloud.inject("direct-route-throttled")
        assert await day.status("/lost") == 200
        assert day.cloud.reply_route.failures == ["ThrottlingException"]
        assert day.targets() == ["/lost"]  # the agent has kept its answer


async def test_a_table_that_refuses_every_reply_ends_as_a_page_t5(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AWS_LIMITS", replace(limits.AWS_LIMITS, deadline=700))
    async with a_day() as day:
        assert await day.status("/warm") == 200
        day.cloud.inject("direct-route-throttled", times=None)
        assert await day.error("/lost") == "deadline"
        assert set(day.cloud.reply_route.failures) == {"ThrottlingException"}
        day.cloud.faults.clear()
        assert await day.status("/next") == 200
        assert day.targets() == ["/warm", "/lost", "/next"]


async def test_a_body_in_the_table_is_the_largest_cost_t2() -> None:
    async with a_day(script=echo) as day:
        await day.status()
        for size, rows, objects in ((1_000, 2, 0), (100_000, 3, 1)):
            before = day.cloud.bill()
            data = random.Random(size).randbytes(size)

            async def answer(call: Call, data: bytes = data) -> None:
                await call.read_body()
                await call.answer(data, "Content-Type: application/octet-stream")

            day.service.script = answer
            assert (await day.backend.visitor.get("/shop/")).content == data
            bill = day.cloud.bill() - before
            assert bill["write_units"] <= rows  # a row that is deleted would cost its size once more
            assert bill["s3_puts"] == objects


class TestT6WhatMotoAccepts:
    """The emulator refuses it, so that no test can rest on it."""

    @pytest.fixture
    def cloud(self) -> Iterator[Cloud]:
        cloud = Cloud(lambda event, context: {"statusCode": 200})
        cloud.start()
        yield cloud
        cloud.stop()

    def test_unknown_connections(self, cloud: Cloud) -> None:
        callback = client_for("apigatewaymanagementapi", cloud.callback_url)
        with pytest.raises(callback.exceptions.GoneException):
            callback.post_to_connection(ConnectionId="anyone=", Data=b"x")
        callback.close()

    async def test_posts_of_200_kb(self, cloud: Cloud) -> None:
        callback = client_for("apigatewaymanagementapi", cloud.callback_url)
        async with connect(cloud.ws_url, proxy=None):
            (id,) = cloud.websockets.connections
            async with asyncio.timeout(10):
                while cloud.websockets.connections[id].state != "open":  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
            with pytest.raises(callback.exceptions.PayloadTooLargeException):
                await asyncio.to_thread(callback.post_to_connection, ConnectionId=id, Data=b"x" * 200_000)
        callback.close()

    def test_expired_and_tampered_urls(self, cloud: Cloud) -> None:
        s3 = client_for("s3", cloud.s3.server.url, signature_version="s3v4", s3={"addressing_style": "path"})
        parameters = {"Bucket": cloud.config.bucket, "Key": "r/1"}
        url = s3.generate_presigned_url("put_object", Params=parameters, ExpiresIn=60)
        s3.close()
        with httpx.Client(trust_env=False) as web:
            assert web.put(url.replace("r/1", "r/2"), content=b"x").status_code == 403
            assert web.put(url, content=b"x").status_code == 200
            cloud.s3.clock.advance(61)
            assert web.put(url, content=b"x").status_code == 403

    def test_units_of_capacity(self, cloud: Cloud) -> None:
        dynamo = client_for("dynamodb", cloud.environment_variables()["AWS_ENDPOINT_URL_DYNAMODB"])
        item = {"pk": {"S": "a"}, "sk": {"S": "b"}, "b": {"B": bytes(5_000)}}
        answer = dynamo.put_item(TableName=cloud.config.table.name, Item=item, ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 5  # moto: 1 for every size
        dynamo.close()

    def test_nothing_else_of_moto_is_used_here(self) -> None:
        here = Path(__file__).parent
        imports = re.compile(r"^\s*(?:from|import) (moto\S*)", re.MULTILINE)
        found = {name for file in here.rglob("*.py") for name in imports.findall(file.read_text())}
        assert found == {"moto.dynamodb.parsing.reserved_keywords"}


async def test_the_accounts_tokens_serve_visitors_posts_and_replies_t7() -> None:
    # Three to open a tunnel: connect, hello, welcome. Three for a request: visitor, post, reply.
    async with a_day(CloudConfig(throttle=(0.0001, 9))) as day:
        assert [await day.status(f"/{number}") for number in range(3)] == [200, 200, 429]
        assert day.targets() == ["/0", "/1"]


async def test_a_post_without_a_token_left_is_told_to_the_visitor_t7() -> None:
    async with a_day(CloudConfig(throttle=(0.0001, 7))) as day:
        assert await day.status("/0") == 200
        answer = await day.backend.visitor.get("/shop/1", headers={"Accept": "application/json"})
        assert answer.json()["error"]["code"] == "throttled"
        assert answer.headers["retry-after"]
        assert day.targets() == ["/0"]


@pytest.mark.parametrize("unsure", [OTHER_WAY], ids=["other way"])
async def test_what_nobody_knows_may_be_either_way(unsure: Any) -> None:
    async def script(call: Call) -> None:
        await call.read_body()
        await call.answer(call.method.encode(), "Server: mine", "WWW-Authenticate: Basic")

    async with a_day(CloudConfig(unsure=unsure), script) as day:
        answer = await day.backend.visitor.get("/shop/")
        assert (answer.status_code, answer.text) == (200, "GET")
        assert answer.headers["x-amzn-remapped-server"] == "mine"
        answer = await send(day.cloud.http_url, "/shop/", method="PROPFIND")
        assert (answer.status, answer.body) == (200, b"PROPFIND")


async def test_an_idle_tunnel_outlives_the_gateways_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether ping frames are a sign of life is not known: the agent sends messages."""
    scale = 200  # ten minutes are three seconds
    monkeypatch.setattr(limits, "AWS_LIMITS", replace(limits.AWS_LIMITS, ping=limits.AWS_LIMITS.ping // scale))
    monkeypatch.setattr(agent_connection, "_PONG_SECONDS", 0.5)
    async with a_day(CloudConfig(clock_scale=scale)) as day:
        (connection,) = day.cloud.websockets.connections.values()
        async with asyncio.timeout(20):
            while day.cloud.clock.now() < connection.connected_at + 1300:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert list(day.cloud.websockets.connections.values()) == [connection]
        assert await day.status() == 200


async def test_a_tunnel_moves_before_the_gateway_ends_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AWS_LIMITS", replace(limits.AWS_LIMITS, lifetime=1000))
    async with a_day(CloudConfig(websockets=WsConfig(lifetime=4))) as day:
        (first,) = day.cloud.websockets.connections.values()
        statuses = []
        async with asyncio.timeout(20):
            while int(day.row()["generation"]["N"]) < 2:
                statuses.append(await day.status(f"/{len(statuses)}"))
            assert first.state == "open"
            while first.state == "open":
                statuses.append(await day.status(f"/{len(statuses)}"))
            statuses.append(await day.status(f"/{len(statuses)}"))
        assert set(statuses) == {200}
        assert day.targets() == [f"/{number}" for number in range(len(statuses))]
