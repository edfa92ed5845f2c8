"""How visitors' WebSockets on AWS end, and what they survive."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from app.agent import tunnel
from app.domain.exchange import ExchangeState
from tests.aws.chat import Chat, backend_of_module, forgotten, new_chat, rows, status_of  # noqa: F401 - fixtures
from tests.aws.emulator.faults import Fault
from tests.aws.threaded import rotating

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("close", [(1000, "done"), (4001, "ü"), (None, "")])
async def test_the_page_closes(chat: Chat, close: tuple[int | None, str]) -> None:
    closes: asyncio.Queue[tuple[int | None, str | None]] = asyncio.Queue()

    async def watch(socket: ServerConnection) -> None:
        await socket.wait_closed()
        closes.put_nowait((socket.close_code, socket.close_reason))

    chat.serve = watch
    async with chat.page.open() as socket:
        await socket.close(*close)
        assert await socket.ending() == close
    code, reason = close
    assert await closes.get() == (code or 1005, reason)


async def test_the_service_closes(chat: Chat) -> None:
    async def leave(socket: ServerConnection) -> None:
        await socket.send("last words")
        await socket.close(4002, "enough")

    chat.serve = leave
    async with chat.page.open() as socket:
        assert await socket.recv() == "last words"
        assert await socket.ending() == (4002, "enough")


async def test_a_service_that_vanishes_is_told(chat: Chat) -> None:
    async def die(socket: ServerConnection) -> None:
        socket.transport.abort()

    chat.serve = die
    async with chat.page.open() as socket:
        assert await socket.ending() == "upstream_cut"


async def test_a_page_that_goes_away_ends_it(chat: Chat) -> None:
    finished = asyncio.ensure_future(chat.agent.finished())
    async with chat.page.open() as socket:
        await socket.send("hello")
        assert await socket.recv() == "hello"
    exchange = await finished
    assert (exchange.state, exchange.status) == (ExchangeState.DONE, 101)
    await forgotten(chat)


async def test_the_page_hears_that_the_agent_is_gone(chat: Chat) -> None:
    async with chat.page.open() as socket:
        await chat.agent.aclose()
        assert await socket.ending() == "agent_gone"
    await forgotten(chat)


async def test_the_page_hears_it_with_its_next_message_if_disconnect_was_lost(chat: Chat) -> None:
    async with chat.page.open() as socket:
        chat.backend.cloud.inject("disconnect-lost")
        await chat.agent.aclose()
        await socket.say({"type": "alive"})  # as the runtime does once in a while
        assert await socket.ending() == "agent_gone"


async def test_an_agent_that_moves_ends_it_and_the_next_one_goes_to_its_new_connection(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel, "_DRAIN_SECONDS", 0.2)
    monkeypatch.setattr(tunnel, "_REMEMBERED_SECONDS", 0.1)
    await chat.agent.aclose()
    agent = rotating(chat.backend.agent(), 1.0)
    await agent.open(chat.service.port, "shop")
    for _ in range(2):
        async with chat.page.open() as socket:
            await socket.send("hello")
            assert await socket.recv() == "hello"
            assert await socket.ending() == "agent_gone"
    await agent.aclose()


@pytest.mark.parametrize(
    "fault", ["callback-duplicate", "callback-lost-answer", "callback-429", "message-429", "lambda-killed"]
)
async def test_messages_survive_what_happens_on_bad_days(chat: Chat, fault: Fault) -> None:
    async def talk(socket: ServerConnection) -> None:
        async for _ in socket:
            chat.backend.cloud.inject(fault, times=3)
            for number in range(6):
                await socket.send(str(number))

    chat.serve = talk
    async with chat.page.open() as socket:
        await socket.send("go")
        assert [await socket.recv() for _ in range(6)] == [str(number) for number in range(6)]


async def test_an_offline_tunnel_is_told_with_the_ticket(chat: Chat) -> None:
    await chat.agent.aclose()
    statuses = {(await chat.page.ticket("/shop/ws"))[1]}
    # An environment that remembers the tunnel lets it pass; the handshake looks again.
    id, status = await chat.page.ticket("/shop/ws")
    assert statuses | {status} <= {204, 503}
    if status == 204:
        assert await status_of(chat, id) in (502, 503)  # its goodbye may still be on the way


async def test_two_idle_hours_end_with_going_away(chat: Chat) -> None:
    async with chat.page.open() as socket:
        chat.backend.cloud.advance(7201)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.socket.close_code == 1001
