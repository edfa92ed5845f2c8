from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.aws.conftest import CloudStage, client_for
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.ws_api import WsConfig


@pytest.fixture
def callback(stage: CloudStage) -> Iterator[Any]:
    client = client_for("apigatewaymanagementapi", stage.cloud.callback_url)
    yield client
    client.close()


def open_socket(stage: CloudStage, **more: Any) -> connect:
    return connect(stage.cloud.ws_url, proxy=None, close_timeout=5, **more)


async def opened(stage: CloudStage) -> str:
    """The id of the only connection, once it takes posts."""
    async with asyncio.timeout(20):
        while not any(it.state == "open" for it in stage.cloud.websockets.connections.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return next(iter(stage.cloud.websockets.connections))


def refused(status: int, kind: str, callback: Any, id: str, data: bytes = b"x") -> None:
    with pytest.raises(getattr(callback.exceptions, kind)) as caught:
        callback.post_to_connection(ConnectionId=id, Data=data)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


async def test_a_post_arrives_as_text_in_order(stage: CloudStage, callback: Any) -> None:
    async with open_socket(stage) as socket:
        id = await opened(stage)
        for text in ("one", "grüße", "x" * 131_072):
            callback.post_to_connection(ConnectionId=id, Data=text.encode())
        assert [await socket.recv(), await socket.recv(), await socket.recv()] == ["one", "grüße", "x" * 131_072]
        callback.post_to_connection(ConnectionId=id, Data=b"\xff")
        assert await socket.recv() == "\ufffd"  # what is no UTF-8 gets damaged
    assert stage.cloud.bill()["ws_messages"] == 7


async def test_large_posts_come_in_frames_of_32_kb(stage: CloudStage, callback: Any) -> None:
    async with open_socket(stage) as socket:
        callback.post_to_connection(ConnectionId=await opened(stage), Data=("ü" * 40_000).encode())
        pieces = [piece async for piece in socket.recv_streaming()]
    assert "".join(str(piece) for piece in pieces) == "ü" * 40_000
    assert all(len(str(piece).encode()) <= 32_768 for piece in pieces)


async def test_no_post_before_connect_has_returned(stage: CloudStage, callback: Any) -> None:
    """The trap: to push from within `$connect`."""

    def push(event: dict[str, Any]) -> dict[str, int]:
        if event["requestContext"]["eventType"] == "CONNECT":
            refused(410, "GoneException", callback, event["requestContext"]["connectionId"])
            stage.script.events.append({"checked": True, "requestContext": {}})
        return {"statusCode": 200}

    stage.script.answer = push
    async with open_socket(stage):
        assert {"checked": True, "requestContext": {}} in stage.script.events


@pytest.mark.parametrize("stage", [CloudConfig(websockets=WsConfig(settle=0.5))], indirect=True)
async def test_a_fresh_connection_may_not_take_posts_yet(stage: CloudStage, callback: Any) -> None:
    async with open_socket(stage) as socket:
        refused(410, "GoneException", callback, next(iter(stage.cloud.websockets.connections)))
        callback.post_to_connection(ConnectionId=await opened(stage), Data=b"now")
        assert await socket.recv() == "now"


async def test_unknown_and_closed_connections_are_gone(stage: CloudStage, callback: Any) -> None:
    refused(410, "GoneException", callback, "unknown=")
    async with open_socket(stage):
        id = await opened(stage)
    async with asyncio.timeout(20):
        while stage.cloud.websockets.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    refused(410, "GoneException", callback, id)


async def test_more_than_128_kb_is_too_large(stage: CloudStage, callback: Any) -> None:
    async with open_socket(stage):
        refused(413, "PayloadTooLargeException", callback, await opened(stage), b"x" * 131_073)


async def test_unsigned_and_wrongly_signed_posts_are_forbidden(stage: CloudStage) -> None:
    async with open_socket(stage), httpx.AsyncClient(trust_env=False) as client:
        id = await opened(stage)
        response = await client.post(f"{stage.cloud.callback_url}/@connections/{id}", content=b"x")
        assert response.status_code == 403
        stranger = client_for("apigatewaymanagementapi", stage.cloud.callback_url, secret="guessed")
        refused(403, "ForbiddenException", stranger, id)
        stranger.close()


def _flood(callback: Any, id: str) -> None:
    for _ in range(500):  # 64 MB: more than the kernel and the gateway hold
        callback.post_to_connection(ConnectionId=id, Data=b"x" * 131_072)


async def test_a_client_that_does_not_read_fills_its_buffer(stage: CloudStage, callback: Any) -> None:
    async with open_socket(stage, max_queue=1) as socket:
        id = await opened(stage)
        with pytest.raises(callback.exceptions.LimitExceededException):
            _flood(callback, id)
        assert await socket.recv() == "x" * 131_072
        socket.transport.abort()


async def test_get_and_delete(stage: CloudStage, callback: Any) -> None:
    async with open_socket(stage, user_agent_header="agent/1") as socket:
        id = await opened(stage)
        found = callback.get_connection(ConnectionId=id)
        assert found["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "agent/1"}
        assert callback.delete_connection(ConnectionId=id)["ResponseMetadata"]["HTTPStatusCode"] == 204
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1000
    with pytest.raises(callback.exceptions.GoneException):
        callback.get_connection(ConnectionId=id)


async def test_injected_failures(stage: CloudStage, callback: Any) -> None:
    async with open_socket(stage) as socket:
        id = await opened(stage)
        stage.cloud.inject("callback-429")
        refused(429, "LimitExceededException", callback, id)
        stage.cloud.inject("callback-410")
        refused(410, "GoneException", callback, id)
        stage.cloud.inject("callback-403")
        refused(403, "ForbiddenException", callback, id)
        stage.cloud.inject("callback-duplicate")
        callback.post_to_connection(ConnectionId=id, Data=b"twice")
        assert [await socket.recv(), await socket.recv()] == ["twice", "twice"]
        stage.cloud.inject("callback-lost-answer")
        with pytest.raises((ConnectionClosedError, ClientError)):
            callback.post_to_connection(ConnectionId=id, Data=b"arrived")
        assert await socket.recv() == "arrived"
