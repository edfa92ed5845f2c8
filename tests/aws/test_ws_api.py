from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.aws.conftest import CloudStage
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.ws_api import WsConfig
from tests.aws.emulator.ws_events import select_route


def open_socket(stage: CloudStage, query: str = "", **more: Any) -> connect:
    return connect(stage.cloud.ws_url + query, proxy=None, close_timeout=5, **more)


async def events(stage: CloudStage, count: int) -> list[dict[str, Any]]:
    """The first events, waiting until so many have come."""
    async with asyncio.timeout(20):
        while len(stage.script.events) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return stage.script.events


async def closed(socket: ClientConnection) -> int | None:
    """The close code, when the other side closes."""
    async with asyncio.timeout(20):
        await socket.wait_closed()
    return socket.close_code


async def test_connect_message_disconnect(stage: CloudStage) -> None:
    async with open_socket(stage, "?a=1&a=2", additional_headers={"Authorization": "Bearer x"}) as socket:
        await socket.send('{"type":"hello"}')
        first, message = await events(stage, 2)
    disconnect = (await events(stage, 3))[2]
    assert stage.script.kinds() == ["CONNECT", "MESSAGE", "DISCONNECT"]
    assert first["headers"]["Authorization"] == "Bearer x"
    assert first["queryStringParameters"] == {"a": "2"}
    assert first["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert "body" not in first
    assert message["body"] == '{"type":"hello"}'
    assert not {"headers", "queryStringParameters"} & set(message)
    assert message["requestContext"]["routeKey"] == "$default"
    assert disconnect["requestContext"]["disconnectStatusCode"] == 1000
    assert len({event["requestContext"]["connectionId"] for event in (first, message, disconnect)}) == 1


async def test_without_a_query_the_maps_are_absent(stage: CloudStage) -> None:
    async with open_socket(stage):
        assert "queryStringParameters" not in (await events(stage, 1))[0]


@pytest.mark.parametrize(("answer", "status"), [({"statusCode": 401}, 401), ({"statusCode": 503}, 503), ("x", 502)])
async def test_connect_refuses_with_its_status(stage: CloudStage, answer: Any, status: int) -> None:
    stage.script.answer = answer
    with pytest.raises(InvalidStatus) as caught:
        await open_socket(stage)
    assert caught.value.response.status_code == status
    assert not stage.cloud.websockets.connections


async def test_another_stage_is_forbidden(stage: CloudStage) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(stage.cloud.ws_url + "x", proxy=None)
    assert caught.value.response.status_code == 403


async def test_the_subprotocol_comes_from_the_function(stage: CloudStage) -> None:
    stage.script.answer = {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "one"}}
    async with open_socket(stage, subprotocols=["zero", "one"]) as socket:
        assert socket.subprotocol == "one"


async def test_a_frame_above_32_kb_closes(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        await socket.send("x" * 32_769)
        assert await closed(socket) == 1009


async def test_a_large_message_passes_in_frames_up_to_128_kb(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        await socket.send(["x" * 32_768] * 4)
        assert len((await events(stage, 2))[1]["body"]) == 131_072
        await socket.send(["x" * 32_768] * 4 + ["x"])
        assert await closed(socket) == 1009
    assert stage.cloud.bill()["ws_messages"] == 4


async def test_a_binary_message_closes(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        await socket.send(b"x")
        assert await closed(socket) == 1003


async def test_ten_idle_minutes_close(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        await events(stage, 1)
        stage.cloud.advance(500)
        await socket.send("still here")
        await events(stage, 2)
        stage.cloud.advance(500)
        await socket.send("and here")
        await events(stage, 3)
        await (await socket.ping())  # a ping is answered, but is no sign of life
        stage.cloud.advance(601)
        assert await closed(socket) == 1001
    last = (await events(stage, 4))[-1]["requestContext"]
    assert (last["disconnectStatusCode"], last["disconnectReason"]) == (1001, "Going away")
    assert stage.cloud.bill()["ws_minutes"] > 26


async def test_two_hours_close_whatever_happens(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        for count in range(12):
            stage.cloud.advance(590)
            await socket.send("busy")
            await events(stage, count + 2)
        stage.cloud.advance(300)
        assert await closed(socket) == 1001


@pytest.mark.parametrize("stage", [CloudConfig(clock_scale=3000)], indirect=True)
async def test_the_clock_can_run_fast(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        assert await closed(socket) == 1001


@pytest.mark.parametrize("stage", [CloudConfig(websockets=WsConfig(jitter=(0, 0.05)))], indirect=True)
async def test_messages_overtake_each_other(stage: CloudStage) -> None:
    sent = [str(number) for number in range(30)]
    async with open_socket(stage) as socket:
        for text in sent:
            await socket.send(text)
        await events(stage, 31)
    arrived = [event["body"] for event in stage.script.events if "body" in event]
    assert sorted(arrived, key=int) == sent
    assert arrived != sent


async def test_errors_are_told_on_the_socket(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        stage.script.answer = lambda event: 1 / 0
        await socket.send("x")
        error = json.loads(await socket.recv())
        assert error["message"] == "Internal server error"
        assert set(error) == {"message", "connectionId", "requestId"}
        stage.cloud.inject("message-429")
        await socket.send("x")
        assert json.loads(await socket.recv())["message"] == "Too Many Requests"


async def test_a_one_way_route_answers_nothing(stage: CloudStage) -> None:
    async with open_socket(stage) as socket:
        stage.script.answer = {"statusCode": 200, "body": "lost"}
        await socket.send("x")
        await events(stage, 2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.2)


async def test_disconnect_may_never_come(stage: CloudStage) -> None:
    stage.cloud.inject("disconnect-lost")
    async with open_socket(stage):
        await events(stage, 1)
    async with open_socket(stage):
        await events(stage, 2)
    await events(stage, 3)
    assert stage.script.kinds() == ["CONNECT", "CONNECT", "DISCONNECT"]


@pytest.mark.parametrize(
    ("expression", "body", "route"),
    [
        ("$request.body.type", '{"type":"reply"}', "reply"),
        ("$request.body.type", '{"type":"other"}', "$default"),
        ("$request.body.type", '{"type":"$default"}', "$default"),
        ("$request.body.type", '{"type":5}', "$default"),
        ("$request.body.type", "no json", "$default"),
        ("$request.body.type", '["reply"]', "$default"),
        ("${request.body.a}/${request.body.b}", '{"a":"x","b":true}', "x/true"),
        ("${request.body.a}/${request.body.b}", '{"a":"x"}', "x/"),
    ],
)
def test_route_selection(expression: str, body: str, route: str) -> None:
    assert select_route(expression, body, frozenset(("$default", "reply", "x/true", "x/"))) == route


def test_without_a_default_route_nothing_matches() -> None:
    assert select_route("$request.body.type", "{}", frozenset(("reply",))) is None
