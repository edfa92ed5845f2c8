"""Visitors' WebSockets on AWS: by a ticket to the WebSocket API, and message by message to the agent."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from backend_lambda.core.visitor_messages import exchange_of
from backend_lambda.protocol.codec import encode
from backend_lambda.protocol.messages import Data, End
from tests.aws.chat import Chat, backend_of_module, forgotten, new_chat, rows, status_of  # noqa: F401 - fixtures
from tests.aws.streamed import streaming
from tests.aws.visitor_page import Page, PageSocket

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_messages_keep_kind_bytes_and_order(chat: Chat) -> None:
    async with chat.page.open() as socket:
        messages = ["text", "", "ü€😀\0", b"bytes", b"", bytes(range(256)), *map(str, range(6))]
        for message in messages:
            await socket.send(message)
        assert [await socket.recv() for _ in messages] == messages


async def test_messages_of_any_size_and_number(chat: Chat) -> None:
    # More than either side has room for at once, so that the other one must have given some back.
    large = ["ü" * 70_000, bytes(range(256)) * 700]
    small = [f"{number}" for number in range(40)]
    async with chat.page.open() as socket:
        for message in (*large, *small):
            await socket.send(message)
        assert [await socket.recv() for _ in (*large, *small)] == [*large, *small]


async def test_what_the_service_says_at_once_is_heard(chat: Chat) -> None:
    async def greet(socket: ServerConnection) -> None:
        await socket.send("connected")
        await socket.wait_closed()

    chat.serve = greet
    async with chat.page.open() as socket:
        assert await socket.recv() == "connected"


@pytest.mark.parametrize("chat", [["vite-hmr"]], indirect=True)
async def test_the_service_sees_cookies_its_own_origin_and_the_bytes_of_the_target(chat: Chat) -> None:
    heads: list[Request] = []

    async def look(socket: ServerConnection) -> None:
        assert socket.request is not None
        heads.append(socket.request)
        await socket.send("looked")

    chat.serve = look
    chat.page.cookies = "session=hidden"
    async with chat.page.open("/shop/ws/a%2Fb?token=%C3%BC&x", "vite-hmr", "other") as socket:
        assert await socket.recv() == "looked"
        assert socket.socket.subprotocol == "vite-hmr"
    [head] = heads
    assert head.path == "/ws/a%2Fb?token=%C3%BC&x"
    assert head.headers["Sec-WebSocket-Protocol"] == "vite-hmr, other"
    assert head.headers["Host"] == f"127.0.0.1:{chat.service.port}"
    assert head.headers["Cookie"] == "session=hidden"
    assert not {"referer", "content-type", "content-length"} & {name.lower() for name in head.headers}


async def test_a_refusal_of_the_service_is_the_answer_to_the_handshake(chat: Chat) -> None:
    chat.service.refusal = HTTPStatus.UNAUTHORIZED
    id, _ = await chat.page.ticket("/shop/ws")
    assert await status_of(chat, id) == 401


@pytest.mark.expect_log("another agent")
async def test_nobody_answers_for_another_agent(chat: Chat) -> None:
    forger = chat.backend.agent(owner="somebody else")
    await forger.open(chat.service.port, "other")
    [connection] = next(iter(forger.supervisor._runners.values()))._live
    async with chat.page.open() as socket:
        [visitor] = [row["pk"]["S"].removeprefix("v#") for row in rows(chat, "v#")]
        for message in (Data(exchange_of(visitor), 0, b"forged", True), End(exchange_of(visitor), 0, 1000)):
            wire = encode(message, binary=False)
            await connection._socket.send(wire)
        await forger.aclose()  # after what it has sent
        await socket.send("honest")
        assert await socket.recv() == "honest"


async def test_a_tunnel_has_so_many_at_a_time(chat: Chat) -> None:
    [tunnel] = rows(chat, "t#shop")
    for number in range(500):
        key = {"pk": {"S": f"c#{tunnel['connection']['S']}"}, "sk": {"S": f"v#{number}"}}
        chat.backend.cloud.table.write(key, {**key, "ttl": {"N": "9999999999"}})
    id, _ = await chat.page.ticket("/shop/ws")
    assert await status_of(chat, id) == 429


async def test_a_function_url_is_a_front_door_as_well(chat: Chat) -> None:
    async with streaming() as backend:
        agent = backend.agent()
        await agent.open(chat.service.port, "shop")
        page = Page(backend)
        id, status = await page.ticket("/shop/ws", Origin=backend.cloud.function_url)
        assert status == 204
        async with page.connecting(id) as connection:
            socket = PageSocket(connection)
            await socket.send("hello")
            assert await socket.recv() == "hello"
        await agent.aclose()


async def test_a_ticket_is_for_once(chat: Chat) -> None:
    id, status = await chat.page.ticket("/shop/ws")
    assert status == 204
    assert (await chat.page.ticket("/shop/ws", id))[1] == 409
    async with chat.page.connecting(id):
        assert rows(chat, "w#") == []


async def test_a_ticket_may_come_after_its_socket(chat: Chat) -> None:
    id = "b" * 32
    opening = asyncio.ensure_future(_said_by(chat, id))
    await asyncio.sleep(0.05)
    assert (await chat.page.ticket("/shop/ws", id))[1] == 204
    assert await opening == "early"


async def _said_by(chat: Chat, id: str) -> str | bytes:
    async with chat.page.connecting(id) as connection:
        socket = PageSocket(connection)
        await socket.send("early")
        return await socket.recv()
