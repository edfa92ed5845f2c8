"""Conversations between an agent and its session: hello, takeover, goodbye, and everything out of turn."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from backend_lambda.core.model import header
from backend_lambda.core.ports import ConnectionGone
from backend_lambda.core.sessions import failure
from backend_lambda.protocol.errors import FAILURES, ProtocolError
from backend_lambda.protocol.messages import (
    Data,
    End,
    Error,
    Goodbye,
    Hello,
    Message,
    Ping,
    Pong,
    Request,
    Response,
    Superseded,
    Welcome,
    Window,
)  # fmt: skip
from tests.backend_lambda.core.stage import LIMITS, OPTIONS, Agent, Stage


async def refused(agent: Agent, message: Message) -> str:
    with pytest.raises(ProtocolError) as raised:
        await agent.tells(message)  # type: ignore[arg-type]
    return raised.value.code


async def online(stage: Stage, owner: str = "me") -> Agent:
    """An agent that said hello and was welcomed."""
    agent = stage.connection()
    await agent.greets(owner=owner)
    await agent.hears(Welcome)
    return agent


async def status_of(stage: Stage, target: str = "/shop/") -> str | None:
    return header((await stage.visitor("GET", target).answer()).headers, "x-hatchway-error")


# Hello and welcome


async def test_hello_is_answered_by_a_welcome_with_addresses_and_limits(stage: Stage) -> None:
    agent = stage.connection()
    await agent.greets(binary=True)
    assert await agent.hears(Welcome) == Welcome(
        "shop", 1, "http://127.0.0.1:4780/shop/", "http://shop.localhost:4780/", "computer", LIMITS, binary=True
    )
    assert agent.session.binary
    visit = stage.visitor("GET", "/shop/")
    request = await agent.hears(Request)
    agent.says(Response(request.id, 200, []))
    assert (await visit.answer()).status == 200


async def test_without_a_wish_the_backend_chooses_a_name(stage: Stage) -> None:
    names = set()
    for _ in range(5):
        agent = stage.connection()
        await agent.greets(None)
        names.add((await agent.hears(Welcome)).tunnel)
    assert len(names) == 5


@pytest.mark.parametrize(
    "name", ["", "Shop", "shop.x", "-a", "a-", "a_b", "a/b", "a" * 64, "__hw", "é", "a\n", "\ud800"], ids=ascii
)
async def test_names_that_are_no_dns_label(stage: Stage, name: str) -> None:
    assert await refused(stage.connection(), Hello(name, "me", OPTIONS)) == "bad_name"


async def test_a_repeated_hello_changes_nothing(stage: Stage) -> None:
    agent = await online(stage)
    await agent.greets()
    await agent.greets("other")
    await agent.hears_nothing()
    assert await status_of(stage, "/other/") == "unknown_tunnel"


async def test_only_a_hash_of_principal_and_owner_is_stored(stage: Stage) -> None:
    agent = stage.connection("alice")
    await agent.greets(owner="secret")
    record = await stage.tunnels.look_up("shop")
    assert record.owner == hashlib.sha256(b"alice\0secret").hexdigest()
    assert "secret" not in repr(record)


# Owners


async def test_another_owner_is_refused_and_harms_nobody(stage: Stage) -> None:
    mine, theirs = await online(stage), stage.connection()
    assert await refused(theirs, Hello("shop", "somebody else", OPTIONS)) == "name_taken"
    await theirs.session.ended()
    await mine.hears_nothing()
    visit = stage.visitor("GET", "/shop/")
    request = await mine.hears(Request)
    mine.says(Response(request.id, 200, []))
    assert (await visit.answer()).status == 200


async def test_the_same_secret_below_another_principal_is_another_owner(stage: Stage) -> None:
    await stage.connection("alice").greets(owner="secret")
    assert await refused(stage.connection("bob"), Hello("shop", "secret", OPTIONS)) == "name_taken"


async def test_a_name_stays_with_its_owner_while_offline(stage: Stage) -> None:
    agent = await online(stage)
    await agent.session.ended()
    assert await status_of(stage) == "agent_offline"
    assert await refused(stage.connection(), Hello("shop", "somebody else", OPTIONS)) == "name_taken"
    again = stage.connection()
    await again.greets()
    assert (await again.hears(Welcome)).generation == 2


# Takeover


async def test_a_newer_connection_takes_over(stage: Stage) -> None:
    older = await online(stage)
    before = stage.visitor("GET", "/shop/before")
    running = await older.hears(Request)

    newer = stage.connection()
    await newer.greets()
    assert (await newer.hears(Welcome)).generation == 2
    assert await older.hears(Superseded) == Superseded(2)

    after = stage.visitor("GET", "/shop/after")
    request = await newer.hears(Request)
    assert request.target == "/after"
    older.says(Response(running.id, 200, [], b"finished"))  # what runs may finish where it began
    newer.says(Response(request.id, 200, [], b"new"))
    assert (await before.answer()).body == b"finished"
    assert (await after.answer()).body == b"new"
    await older.hears_nothing()


@pytest.mark.parametrize("release", [False, True])
async def test_a_late_disconnect_of_the_older_connection_harms_nobody(stage: Stage, release: bool) -> None:
    older, newer = await online(stage), await online(stage)
    await older.hears(Superseded)
    await older.tells(Goodbye(release))
    await older.session.ended()
    record = await stage.tunnels.look_up("shop")
    assert record.connection_id == newer.connection_id


async def test_a_takeover_from_a_connection_that_is_gone(stage: Stage) -> None:
    older = await online(stage)
    older.vanishes()
    newer = await online(stage)
    await newer.hears_nothing()


async def test_a_connection_that_lost_its_tunnel_unheard_learns_it_with_its_next_ping(stage: Stage) -> None:
    older = await online(stage)
    newcomer = stage.connection()
    newcomer.vanishes()
    with pytest.raises(ConnectionGone):  # it took the tunnel over and broke before its welcome
        await newcomer.greets()
    await newcomer.session.ended()
    await older.tells(Ping("1"))
    assert await older.hears(Pong) == Pong("1")
    assert await older.hears(Superseded) == Superseded(2)


# Goodbye


async def test_goodbye_drains_and_keeps_the_name(stage: Stage) -> None:
    agent = await online(stage)
    visit = stage.visitor("GET", "/shop/")
    request = await agent.hears(Request)
    await agent.tells(Goodbye())
    assert await status_of(stage) == "agent_offline"
    assert await agent.tells(Response(request.id, 200, [], b"finished")), "what runs goes on"
    agent.says(Response(request.id, 200, [], b"finished"))
    assert (await visit.answer()).body == b"finished"
    assert not agent.session.closed
    await agent.tells(Ping("1"))
    assert await agent.hears(Pong) == Pong("1")
    await agent.hears_nothing()
    assert await refused(stage.connection(), Hello("shop", "somebody else", OPTIONS)) == "name_taken"


async def test_goodbye_with_release_gives_the_name_up(stage: Stage) -> None:
    agent = await online(stage)
    await agent.tells(Goodbye(release=True))
    await agent.tells(Goodbye())
    assert await status_of(stage) == "unknown_tunnel"
    other = await online(stage, "somebody else")
    await agent.session.ended()
    record = await stage.tunnels.look_up("shop")
    assert record.connection_id == other.connection_id


async def test_goodbye_before_hello_closes(stage: Stage) -> None:
    agent = stage.connection()
    await agent.tells(Goodbye())
    assert agent.session.closed


# Pings, and messages out of turn


@pytest.mark.parametrize("greeted", [False, True])
async def test_ping_is_answered_with_its_id(stage: Stage, greeted: bool) -> None:
    agent = await online(stage) if greeted else stage.connection()
    await agent.tells(Ping("seven"))
    assert await agent.hears(Pong) == Pong("seven")
    await agent.hears_nothing()


@pytest.mark.parametrize(
    "message",
    [Response("r1", 200, []), Data("r1", 0, b""), End("r1", 0), Window("r1", 1), Error("r1", "x")],
    ids=lambda message: type(message).__name__,
)
async def test_messages_of_exchanges_belong_after_the_welcome(stage: Stage, message: Message) -> None:
    assert await refused(stage.connection(), message) == "out_of_order"
    assert await (await online(stage)).tells(message) is True  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "message", [Pong("1"), Superseded(1), Request("r1", "GET", "/", [])], ids=lambda message: type(message).__name__
)
async def test_messages_that_only_a_backend_may_send(stage: Stage, message: Message) -> None:
    assert await refused(await online(stage), message) == "out_of_order"


async def test_after_the_end_nothing_is_taken(stage: Stage) -> None:
    agent = await online(stage)
    await agent.session.ended()
    assert await refused(agent, Ping("1")) == "out_of_order"


@pytest.mark.parametrize(
    "code", ["malformed", "oversize", "out_of_order", "unsupported_version", "bad_name", "name_taken"]
)
def test_the_last_words_are_for_the_whole_connection(code: str) -> None:
    words = failure(ProtocolError(code, "field"))
    assert (words.id, words.code) == ("", code)
    assert FAILURES[code].title in words.message
    assert "(field)" in words.message


async def test_a_takeover_does_not_wait_for_the_agent_it_takes_over_from(stage: Stage) -> None:
    old = stage.connection()
    await old.greets()
    await old.hears(Welcome)
    new = stage.connection()
    release = asyncio.Event()
    send = stage.push.send

    async def stalled_for_the_old(connection_id: str, message: Any) -> None:
        if connection_id == old.connection_id:
            await release.wait()
        await send(connection_id, message)

    stage.push.send = stalled_for_the_old  # type: ignore[method-assign]
    await asyncio.wait_for(new.greets(), 2)
    await new.hears(Welcome)
    await new.tells(Ping("1"))
    await new.hears(Pong)
    release.set()
    await old.hears(Superseded)
