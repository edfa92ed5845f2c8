"""Conversations about visitors' WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from backend_lambda.core import bridge as bridge_module
from backend_lambda.core.bridge import Bridge, Closed, Message
from backend_lambda.core.forward import Refused
from backend_lambda.core.model import PublicResponse, header
from backend_lambda.protocol.messages import Cancel, Data, End, Error, Request, Response, Window
from tests.backend_lambda.core.stage import PATIENCE, Agent, Stage, settle


def start(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.get_running_loop().create_task(coroutine)


async def bridged(stage: Stage, agent: Agent) -> tuple[Bridge, str]:
    opening = start(stage.open())
    request = await agent.hears(Request)
    agent.says(Response(request.id, 101, [], b"", end=False))
    return await opening, request.id


async def refusal(opening: asyncio.Task[Any]) -> PublicResponse:
    with pytest.raises(Refused) as refused:
        await opening
    return refused.value.response


def error_of(answer: PublicResponse) -> str | None:
    return header(answer.headers, "x-hatchway-error")


# Opening


async def test_the_upgrade_is_a_request_and_its_answer_opens_the_bridge(stage: Stage, agent: Agent) -> None:
    opening = start(stage.open("/shop/ws?token=a%2Fb", [("Sec-WebSocket-Protocol", "chat, super"), ("X-A", "1")]))
    request = await agent.hears(Request)
    assert (request.kind, request.target, request.end, request.body) == ("websocket", "/ws?token=a%2Fb", False, b"")
    names = {name.lower() for name, _ in request.headers}
    assert {"sec-websocket-protocol", "x-a"} <= names
    assert not names & {"sec-websocket-key", "upgrade", "connection"}
    agent.says(Response(request.id, 101, [("Sec-WebSocket-Protocol", "super"), ("Set-Cookie", "a=b")], b"", end=False))
    async with await opening as bridge:
        assert bridge.subprotocol == "super"
        assert "Set-Cookie" in dict(bridge.headers)
    assert (await agent.hears(Cancel)).id == request.id


@pytest.mark.parametrize("streamed", [False, True])
async def test_an_upgrade_that_the_service_refuses_keeps_status_and_body(
    stage: Stage, agent: Agent, streamed: bool
) -> None:
    opening = start(stage.open())
    request = await agent.hears(Request)
    if streamed:
        agent.says(
            Response(request.id, 403, [("X-A", "1")], b"lo", end=False), Data(request.id, 0, b"gin"), End(request.id, 1)
        )
    else:
        agent.says(Response(request.id, 403, [("X-A", "1")], b"login"))
    answer = await refusal(opening)
    assert (answer.status, answer.body, header(answer.headers, "x-a")) == (403, b"login", "1")
    await agent.hears_nothing()


async def test_a_refusal_that_breaks_off_is_given_as_far_as_it_came(stage: Stage, agent: Agent) -> None:
    opening = start(stage.open())
    request = await agent.hears(Request)
    agent.says(Response(request.id, 403, [], b"half", end=False), Error(request.id, "upstream_cut"))
    assert (await refusal(opening)).body == b"half"
    await agent.hears_nothing()


@pytest.mark.parametrize(
    ("answer", "expected", "cancelled"),
    [
        (Error("", "upstream_refused"), "upstream_refused", False),
        (Error("", "of_the_future"), "agent_protocol", False),
        (Response("", 101, []), "agent_protocol", False),
        (Response("", 103, [], b"", end=False), "agent_protocol", True),
    ],
    ids=["error", "unknown error", "101 that is over", "interim"],
)
async def test_upgrades_that_fail(
    stage: Stage, agent: Agent, answer: Error | Response, expected: str, cancelled: bool
) -> None:
    opening = start(stage.open())
    request = await agent.hears(Request)
    if isinstance(answer, Error):
        agent.says(Error(request.id, answer.code))
    else:
        agent.says(Response(request.id, answer.status, [], b"", answer.end))
    assert error_of(await refusal(opening)) == expected
    if cancelled:
        await agent.hears(Cancel)
    await agent.hears_nothing()


async def test_the_agent_vanishes_during_the_upgrade(stage: Stage, agent: Agent) -> None:
    opening = start(stage.open())
    await agent.hears(Request)
    agent.vanishes()
    assert error_of(await refusal(opening)) == "agent_gone"


async def test_the_agent_was_gone_before_the_upgrade(stage: Stage, agent: Agent) -> None:
    agent.vanishes()
    assert error_of(await refusal(start(stage.open()))) == "agent_gone"


async def test_no_answer_to_the_upgrade_in_time() -> None:
    stage = Stage(deadline=30)
    agent = await stage.agent()
    opening = start(stage.open())
    request = await agent.hears(Request)
    assert error_of(await refusal(opening)) == "deadline"
    assert (await agent.hears(Cancel)).id == request.id
    assert stage.waiting == 0


async def test_a_visitor_who_leaves_during_the_upgrade_cancels_once(stage: Stage, agent: Agent) -> None:
    opening = start(stage.open())
    request = await agent.hears(Request)
    opening.cancel()
    assert (await agent.hears(Cancel)).id == request.id
    await agent.hears_nothing()


@pytest.mark.parametrize(("target", "expected"), [("/nobody/ws", "unknown_tunnel"), ("/shop/a b", "bad_request")])
async def test_upgrades_that_never_reach_an_agent(stage: Stage, agent: Agent, target: str, expected: str) -> None:
    assert error_of(await refusal(start(stage.open(target)))) == expected
    await agent.hears_nothing()


# Messages


async def test_messages_of_the_visitor_go_out_in_chunks(stage: Stage, agent: Agent) -> None:
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        await bridge.send("héllo wörld".encode(), text=True)
        await bridge.send(b"\x00" * 20, text=False)
        await bridge.send(b"", text=True)
        heard = [await agent.hears(Data) for _ in range(5)]
        await bridge.close(1000, "")
    assert heard == [
        Data(request_id, 0, "héllo wörld".encode()[:10], text=True, more=True),
        Data(request_id, 1, "héllo wörld".encode()[10:], text=True),
        Data(request_id, 2, b"\x00" * 10, more=True),
        Data(request_id, 3, b"\x00" * 10),
        Data(request_id, 4, b"", text=True),
    ]
    assert await agent.hears(End) == End(request_id, 5, 1000, "")
    await agent.hears_nothing()


async def test_messages_of_the_service_come_whole(stage: Stage, agent: Agent) -> None:
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        agent.says(
            Data(request_id, 1, b"lo", text=True), Data(request_id, 0, b"hel", text=True, more=True),
            Data(request_id, 2, b""), Data(request_id, 3, b"\xff"), End(request_id, 4, 3001, "done"),
        )  # fmt: skip
        received = [await asyncio.wait_for(bridge.receive(), PATIENCE) for _ in range(4)]
    assert received == [Message(b"hello", True), Message(b"", False), Message(b"\xff", False), Closed(3001, "done")]
    await agent.hears_nothing()


async def test_a_visitor_sends_no_more_than_the_agent_takes(stage: Stage, agent: Agent) -> None:
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        sending = start(bridge.send(b"x" * 60, text=False))
        for _ in range(4):
            await agent.hears(Data)
        await agent.hears_nothing()
        assert not sending.done()
        agent.says(Window(request_id, 20))
        await asyncio.wait_for(sending, PATIENCE)
        assert [(await agent.hears(Data)).more for _ in range(2)] == [True, False]
        await bridge.close(None, "")


async def test_credit_goes_back_to_the_agent(stage: Stage, agent: Agent) -> None:
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        for seq in range(4):
            agent.says(Data(request_id, seq, b"0123456789"))
            await bridge.receive()
        assert await agent.hears(Window) == Window(request_id, 20)
        assert await agent.hears(Window) == Window(request_id, 20)
        await bridge.close(None, "")


# Endings


@pytest.mark.parametrize(
    ("closed", "end"),
    [
        ((1000, "bye"), (1000, "bye")),
        ((4999, ""), (4999, "")),
        ((None, ""), (None, "")),
        ((1005, "x"), (None, "")),
        ((1006, "x"), (None, "")),
        ((17, "x"), (None, "")),
        ((1001, "é" * 100), (1001, "é" * 61)),
    ],
)
async def test_the_visitor_closes(
    stage: Stage, agent: Agent, closed: tuple[int | None, str], end: tuple[int | None, str]
) -> None:
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        await bridge.close(*closed)
        await bridge.close(1000, "again")
    assert await agent.hears(End) == End(request_id, 0, *end)
    await agent.hears_nothing()


@pytest.mark.parametrize(
    ("code", "seen"), [(None, None), (1000, 1000), (1001, 1001), (4000, 4000), (1005, None), (1006, None), (2000, None)]
)
async def test_the_service_closes(stage: Stage, agent: Agent, code: int | None, seen: int | None) -> None:
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        agent.says(End(request_id, 0, code, ""))
        assert await bridge.receive() == Closed(seen, "")
        await bridge.close(1000, "")
    await agent.hears_nothing()


@pytest.mark.parametrize(
    ("event", "code", "cancelled"), [("gone", 1014, False), ("error", 1014, False), ("protocol", 1011, True)]
)
async def test_the_agent_or_the_service_breaks(
    stage: Stage, agent: Agent, event: str, code: int, cancelled: bool
) -> None:
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        receiving = start(bridge.receive())
        await settle()
        match event:
            case "gone":
                agent.vanishes()
            case "error":
                agent.says(Error(request_id, "upstream_cut"))
            case "protocol":
                agent.says(Data(request_id, 0, b"", more=True), End(request_id, 0))
        closed = await asyncio.wait_for(receiving, PATIENCE)
        assert isinstance(closed, Closed)
        assert closed.code == code
    if cancelled:
        assert (await agent.hears(Cancel)).id == request_id
    await agent.hears_nothing()


async def test_a_message_without_end_is_given_up(stage: Stage, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_module, "MAX_SOCKET_MESSAGE", 25)
    bridge, request_id = await bridged(stage, agent)
    async with bridge:
        agent.says(*(Data(request_id, seq, b"0123456789", more=True) for seq in range(3)))
        closed = await asyncio.wait_for(bridge.receive(), PATIENCE)
        assert isinstance(closed, Closed)
        assert closed.code == 1009
    assert await agent.hears(Window) == Window(request_id, 20)
    assert (await agent.hears(Cancel)).id == request_id


async def test_a_visitor_who_sends_to_nobody_hears_of_it(stage: Stage, agent: Agent) -> None:
    bridge, _ = await bridged(stage, agent)
    async with bridge:
        agent.vanishes()
        with pytest.raises(bridge_module.ConnectionGone):
            await bridge.send(b"x", text=False)
    await agent.hears_nothing()
