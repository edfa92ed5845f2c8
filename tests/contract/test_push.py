"""The contract of `Push`: messages reach the connection they are for, unchanged, or the sender learns of it."""

from __future__ import annotations

import asyncio

import pytest

from backend_lambda.core.ports import ConnectionGone
from backend_lambda.protocol.messages import (
    BackendMessage,
    Cancel,
    Data,
    End,
    Error,
    Leak,
    Pong,
    Report,
    Request,
    Superseded,
    Visitor,
    Welcome,
    Window,
)  # fmt: skip
from tests.contract.harness import Connection, Harness

MESSAGES: list[BackendMessage] = [
    Pong("1"),
    Request(
        "r1", "PUT", "/a%2Fb?q", [("X-A", "\xff"), ("x-a", "")], b"\x00\xff\n",
        end=False, visitor=Visitor("::1", "http://x/"), deadline=9,
    ),
    Data("r1", 0, bytes(range(256)) * 8, text=True, more=True),
    End("r1", 1, 1000, "büe"),
    Window("r1", 1 << 40),
    Cancel("r1", "why"),
    Superseded(2),
    Report("r1", "html", ["L0", "L1"], {"url": 12, "import-map": 1}, ["long tag"]),
    Leak("POST", "/a%2Fb?q", "/page"),
    Error("", "malformed", "words"),
]  # fmt: skip


@pytest.fixture
async def agent(harness: Harness) -> Connection:
    return await harness.connect()


async def received(connection: Connection) -> object:
    return await asyncio.wait_for(connection.receive(), 5)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
async def test_every_message_arrives_unchanged(harness: Harness, agent: Connection, message: BackendMessage) -> None:
    await harness.push.send(agent.id, message)
    assert await received(agent) == message


async def test_the_welcome_arrives_with_the_limits(harness: Harness, agent: Connection) -> None:
    welcome = Welcome("shop", 3, "http://x/shop/", None, "internet", harness.limits)
    await harness.push.send(agent.id, welcome)
    assert await received(agent) == welcome


async def test_bodies_up_to_the_limits_arrive(harness: Harness, agent: Connection) -> None:
    inline, chunk = (bytes(range(256)) * 1025)[: harness.limits.inline], b"\xff" * harness.limits.chunk
    await harness.push.send(agent.id, Request("r1", "POST", "/", [], inline))
    await harness.push.send(agent.id, Data("r2", 0, chunk))
    got = [await received(agent), await received(agent)]
    assert {type(message): message.body for message in got} == {Request: inline, Data: chunk}  # type: ignore[attr-defined]


async def test_each_message_reaches_its_own_connection(harness: Harness) -> None:
    agents = [await harness.connect() for _ in range(3)]
    assert len({agent.id for agent in agents}) == 3
    await asyncio.gather(*(harness.push.send(agent.id, Pong(agent.id)) for agent in agents))
    assert [await received(agent) for agent in agents] == [Pong(agent.id) for agent in agents]


async def test_sending_to_a_connection_that_never_was(harness: Harness) -> None:
    with pytest.raises(ConnectionGone):
        await harness.push.send("nobody", Pong("1"))


async def test_sending_to_a_connection_that_broke(harness: Harness, agent: Connection) -> None:
    await agent.drop()
    with pytest.raises(ConnectionGone):
        await harness.push.send(agent.id, Pong("1"))


async def test_close_ends_the_connection_after_what_was_sent(harness: Harness, agent: Connection) -> None:
    await harness.push.send(agent.id, Error("", "malformed", "words"))
    await harness.push.close(agent.id)
    assert await received(agent) == Error("", "malformed", "words")
    with pytest.raises(EOFError):
        await received(agent)
    with pytest.raises(ConnectionGone):
        await harness.push.send(agent.id, Pong("1"))


async def test_closing_what_is_gone_is_fine(harness: Harness, agent: Connection) -> None:
    await agent.drop()
    await harness.push.close(agent.id)
    await harness.push.close("nobody")


def test_the_list_above_is_complete() -> None:
    assert {type(message) for message in MESSAGES} | {Welcome} == set(BackendMessage.__args__)
