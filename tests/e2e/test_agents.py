"""The agents' endpoint against strangers: tokens, browsers, garbage. Nothing they do disturbs anybody else."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.domain.tunnel import TunnelState
from app.relay.application import RelayConfig
from tests.e2e.service import Service
from tests.e2e.tunnels import Agent, Relay, Tunnel, relay_here
from tests.e2e.visitor import Visitor, ask, get

TOKEN = "a-token-of-good-length"
HELLO: dict[str, Any] = {
    "type": "hello",
    "version": 1,
    "tunnel": "strange",
    "owner": "o",
    "upstream": "http://localhost:1",
}


def stranger(relay: Relay, **headers: str) -> connect:
    return connect(relay.agent_url, proxy=None, additional_headers=headers, max_size=None, close_timeout=1)


@pytest.fixture
async def guarded() -> AsyncIterator[Relay]:
    """A relay with two tokens."""
    tokens = (("anna", TOKEN), ("bert", "another-token-of-length"))
    async with relay_here(RelayConfig(tokens=tokens)) as relay:
        yield relay


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN} {TOKEN}",
    ],
)
async def test_wrong_and_missing_tokens_are_a_401(guarded: Relay, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    with pytest.raises(InvalidStatus) as caught:
        await stranger(guarded, **headers)
    response = caught.value.response
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN.encode() not in (response.body or b"")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_right_token_opens(guarded: Relay, scheme: str) -> None:
    async with stranger(guarded, Authorization=f"{scheme} {TOKEN}") as socket:
        await socket.send(json.dumps(HELLO))
        assert json.loads(await socket.recv())["type"] == "welcome"


async def test_an_agent_with_a_wrong_token_gives_up_and_says_why(guarded: Relay, service: Service) -> None:
    agent = Agent(guarded, token="wrong")
    status = await agent.reaches(agent.start(service.port), TunnelState.FAILED)
    assert status.problem is not None
    assert (status.problem.code, status.problem.side) == ("bad_token", "you")
    await agent.aclose()


async def test_who_has_another_token_is_another_owner(guarded: Relay, service: Service) -> None:
    anna, bert = Agent(guarded, token=TOKEN), Agent(guarded, token="another-token-of-length")
    tunnel = await anna.open(service.port)
    status = await bert.reaches(bert.start(service.port, tunnel.name), TunnelState.FAILED)
    assert status.problem is not None
    assert status.problem.code == "name_taken"
    await anna.aclose()
    await bert.aclose()


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1", "https://evil.test", "http://localhost:4780"])
async def test_browsers_cannot_pose_as_agents(relay: Relay, guarded: Relay, origin: str) -> None:
    for one, headers in ((relay, {}), (guarded, {"Authorization": f"Bearer {TOKEN}"})):
        with pytest.raises(InvalidStatus) as caught:
            await stranger(one, Origin=origin, **headers)
        assert caught.value.response.status_code == 401


async def test_the_endpoint_is_no_page(relay: Relay) -> None:
    assert (await ask(relay.port, get("/__hw/agent"))).status == 404
    health = await ask(relay.port, get("/__hw/health"))
    assert (health.status, json.loads(health.body)) == (200, {"hatchway": "relay", "protocol": 1})


GARBAGE: dict[str, list[str | bytes | dict[str, Any]]] = {
    "no JSON": ["hello"],
    "no object": ["[]"],
    "no type": ["{}"],
    "binary rubbish": [b"\x00\xff\xfe\n\n"],
    "deep JSON": ["[" * 100_000],
    "huge number": ['{"type":"hello","version":' + "9" * 4000 + "}"],
    "no hello": [{"type": "response", "id": "a", "status": 200, "headers": []}],
    "request": [{"type": "request", "id": "a", "method": "GET", "target": "/", "headers": []}],
    "wrong version": [{**HELLO, "version": 99}],
    "bad name": [{**HELLO, "tunnel": "../x"}],
    "name as number": [{**HELLO, "tunnel": 5}],
    "no owner": [{**HELLO, "owner": ""}],
    "welcome back": [HELLO, {"type": "welcome"}],
    "bad status": [HELLO, {"type": "response", "id": "a", "status": 9, "headers": []}],
    "bad headers": [HELLO, {"type": "response", "id": "a", "status": 200, "headers": [["a"]]}],
    "injected header": [HELLO, {"type": "response", "id": "a", "status": 200, "headers": [["a", "b\r\nc: d"]]}],
    "injected name": [HELLO, {"type": "response", "id": "a", "status": 200, "headers": [["a: b\r\nc", "d"]]}],
    "negative window": [HELLO, {"type": "window", "id": "a", "bytes": -1}],
    "bad base64": [HELLO, {"type": "data", "id": "a", "seq": 0, "body": "***"}],
    "deflate bomb": [HELLO, {"type": "data", "id": "a", "seq": 0, "z": True, "body": "eJzt" * 100}],
    "oversize": [HELLO, b'{"type":"data","id":"a","seq":0}\n' + bytes(3 * 1024 * 1024)],
}


async def last_words(socket: ClientConnection) -> tuple[list[dict[str, Any]], int | None]:
    said = []
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(3):
            while True:
                said.append(json.loads(await socket.recv()))
    return said, socket.close_code


@pytest.mark.parametrize("name", GARBAGE)
async def test_garbage_ends_that_connection_only(agent: Agent, tunnel: Tunnel, name: str) -> None:
    async with Visitor(tunnel.relay.port) as visitor:
        assert (await visitor.ask(get(tunnel.path()))).status == 200
        async with stranger(tunnel.relay) as socket:
            for message in GARBAGE[name]:
                await socket.send(json.dumps(message) if isinstance(message, dict) else message)
            said, code = await last_words(socket)
        assert said[-1]["type"] == "error"
        assert said[-1]["id"] == ""
        assert said[-1]["message"]
        assert "Traceback" not in said[-1]["message"]
        assert code == 1008
        assert (await visitor.ask(get(tunnel.path()))).status == 200
    status = agent.supervisor.status(tunnel.spec.id)
    assert status is not None
    assert (status.state, status.generation) == (TunnelState.ONLINE, 1)


async def test_unknown_messages_are_ignored(relay: Relay) -> None:
    async with stranger(relay) as socket:
        for message in (
            {"type": "from-the-future", "x": 1},
            HELLO,
            {"type": "from-the-future"},
            {"type": "ping", "id": "1"},
        ):
            await socket.send(json.dumps(message))
        assert json.loads(await socket.recv())["type"] == "welcome"
        assert json.loads(await socket.recv()) == {"type": "pong", "id": "1"}


async def test_answers_to_what_was_not_asked_are_dropped(agent: Agent, tunnel: Tunnel, service: Service) -> None:
    """An agent cannot answer for another one, whatever ids it tries."""
    async with stranger(tunnel.relay) as socket:
        await socket.send(json.dumps({**HELLO, "owner": "x", "tunnel": "stranger-2"}))
        await socket.recv()
        await socket.send(json.dumps({"type": "response", "id": "0000000000000000", "status": 200, "headers": []}))
        await socket.send(json.dumps({"type": "end", "id": "0000000000000000", "seq": 0}))
        await socket.send(json.dumps({"type": "ping", "id": "1"}))
        assert json.loads(await socket.recv())["type"] == "pong"
    assert (await ask(tunnel.relay.port, get(tunnel.path()))).body == b"ok"


ANSWERS: dict[str, list[dict[str, Any]]] = {
    "data first, never a head": [{"type": "data", "seq": n, "body": ""} for n in range(70)],
    "unknown error code": [{"type": "error", "code": "made_up"}],
    "error of ours": [{"type": "error", "code": "upstream_refused"}],
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_odd_answers_become_a_502(relay: Relay, name: str) -> None:
    async with stranger(relay) as socket, Visitor(relay.port) as visitor:
        await socket.send(json.dumps({**HELLO, "tunnel": "odd-answers", "owner": "odd"}))
        await socket.recv()
        await visitor.send(get("/odd-answers/"))
        request = json.loads(await socket.recv())
        assert (request["type"], request["target"]) == ("request", "/")
        for message in ANSWERS[name]:
            await socket.send(json.dumps({**message, "id": request["id"]}))
        answer = await visitor.answer(seconds=2)
        assert answer.status == 502
        assert answer.error["side"] in ("agent", "service")
        await socket.send(json.dumps({"type": "goodbye", "release": True}))


@pytest.mark.parametrize(
    "frames",
    [
        [{"type": "data", "seq": 5, "body": ""}] + [{"type": "data", "seq": n, "body": ""} for n in range(100, 200)],
        [{"type": "end", "seq": 0}],
        [{"type": "data", "seq": n, "body": "AAAA" * 5000} for n in range(400)],
    ],
    ids=["gaps", "too short", "more than the window"],
)
async def test_streams_that_make_no_sense_are_cut(relay: Relay, frames: list[dict[str, Any]]) -> None:
    async with stranger(relay) as socket, Visitor(relay.port) as visitor:
        await socket.send(json.dumps({**HELLO, "tunnel": "odd-stream", "owner": "odd"}))
        await socket.recv()
        visitor.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await visitor.send(get("/odd-stream/"))
        request = json.loads(await socket.recv())
        head = {
            "type": "response",
            "id": request["id"],
            "status": 200,
            "headers": [["Content-Length", "9000000"]],
            "end": False,
        }
        await socket.send(json.dumps(head))
        for message in frames:
            await socket.send(json.dumps({**message, "id": request["id"]}))
        await asyncio.sleep(0.1)
        visitor.writer.transport.resume_reading()  # type: ignore[attr-defined]
        answer = await visitor.answer(seconds=15)
        assert (answer.status, answer.complete) == (200, False)
        await socket.send(json.dumps({"type": "ping", "id": "still here"}))
        while json.loads(await socket.recv())["type"] != "pong":
            pass
        await socket.send(json.dumps({"type": "goodbye", "release": True}))
