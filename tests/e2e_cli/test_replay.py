"""`hatchway replay` and `hatchway list`, while a tunnel runs and when none does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import JsonEvent, Service, a_second, eventually, free_port, run


async def recorded(
    start: Start, client: httpx.AsyncClient, port: int, method: str = "GET", path: str = "greeting"
) -> JsonEvent:
    """One request through a tunnel that has ended again."""
    hatchway = await start("http", str(port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    await client.request(method, f"{url}{path}", content=b"a body" if method == "POST" else None)
    finished = await hatchway.event("request.finished")
    assert (await hatchway.end())[0] == 0
    return finished


async def test_replay_while_the_tunnel_runs(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    hatchway = await start("http", str(service.port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    first = (await client.post(f"{url}api/echo?x=%2F", content=b"a body", headers={"X-Test": "yes"})).json()
    original = await hatchway.event("request.finished")
    for name in (original["id"], "last"):
        replayed = await run("replay", name, "--json")
        assert replayed.process.returncode == 0
        assert replayed.errors == ""
        (event,) = replayed.events
        assert event["event"] == "replay.finished"
        assert event["id"] != original["id"]
        assert event["replay_of"] is not None
        for field in ("method", "path", "tunnel", "status", "request_bytes"):
            assert event[field] == original[field]
        assert (event["state"], event["original_status"]) == ("done", 200)
    listed = await run("list", "--json")
    requests = [event for event in listed.events if event["event"] == "request"]
    assert [request["replay_of"] for request in requests][:2] == [None, original["id"]]
    assert first["query"] == "x=%2F"


async def test_replay_against_a_changed_service(start: Start, client: httpx.AsyncClient) -> None:
    with Service(greeting="before") as before:
        original = await recorded(start, client, before.port, "POST", "api/echo")
    with Service(before.port, "after the change"):
        replayed = await run("replay", original["id"], "--json")
        people = await run("replay", original["id"])
    assert replayed.process.returncode == 0
    (event,) = replayed.events
    assert (event["status"], event["replay_of"]) == (200, original["id"])
    assert event["response_bytes"] == original["response_bytes"] + len("after the change") - len("before")
    assert people.process.returncode == 0
    assert people.lines[0].startswith("POST /api/echo → 200 in ")
    assert "(was 200)" in people.lines[0]


async def test_a_status_of_failure_is_an_answer(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    original = await recorded(start, client, service.port, path="status/500")
    replayed = await run("replay", original["id"], "--json")
    assert (replayed.process.returncode, replayed.events[0]["status"]) == (0, 500)


async def test_a_replay_without_an_answer(start: Start, client: httpx.AsyncClient) -> None:
    port = free_port()
    original = await recorded(start, client, port)
    replayed = await run("replay", original["id"], "--json")
    assert replayed.process.returncode == 5
    (event,) = replayed.events
    assert (event["event"], event["state"], event["status"]) == ("replay.finished", "failed", None)
    assert event["problem"]["code"] == "upstream_refused"
    assert event["original_status"] is None
    people = await run("replay", "last")
    assert people.process.returncode == 5
    assert f"no answer. http://localhost:{port} refuses connections" in people.lines[0]
    with Service(port):
        assert (await run("replay", original["id"])).process.returncode == 0


async def test_a_replay_that_hangs_ends_with_ctrl_c_or_its_timeout(start: Start, client: httpx.AsyncClient) -> None:
    asked: list[bytes] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"GET /x "):  # a port scan of another test may come along, too
                asked.append(head)
            await reader.read()
        writer.transport.abort()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        hatchway = await start("http", f"127.0.0.1:{port}", "--timeout", "0.2", "--json")
        url = (await hatchway.event("tunnel.online"))["urls"]["path"]
        assert (await client.get(f"{url}x")).status_code == 504
        assert (await hatchway.event("request.finished"))["problem"]["code"] == "upstream_timeout"
        limited = await run("replay", "last", "--timeout", "0.2", "--json")
        assert limited.process.returncode == 5, limited.errors
        assert limited.events[0]["problem"]["code"] == "upstream_timeout"
        replay = await start("replay", "last", "--json")
        await eventually(lambda: len(asked) == 3)
        code, took = await replay.end(signal.SIGINT)
        assert code == 5, (replay.lines, replay.errors)
        assert took < await a_second()
        assert "Traceback" not in replay.errors


async def test_a_websocket_cannot_be_replayed(start: Start, service: Service) -> None:
    from websockets.asyncio.client import connect

    hatchway = await start("http", str(service.port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    async with connect(f"ws{url[4:]}ws", proxy=None) as visitor:
        await visitor.send("marco")
        await visitor.recv()
    finished = await hatchway.event("request.finished")
    refused = await run("replay", finished["id"], "--json")
    assert (refused.process.returncode, refused.events[0]["code"]) == (5, "not_replayable")


@pytest.mark.parametrize("name", ["last", "0123456789ab", "../../etc/passwd", "\udcff\x1b[31m"])
async def test_an_unknown_id(relay_port: int, name: str) -> None:
    ended = await run("replay", name, "--json")
    assert ended.process.returncode == 4, ended.errors
    assert [(event["event"], event["code"]) for event in ended.events] == [("error", "unknown_exchange")]
    assert ended.errors.startswith("hatchway: There is no exchange")
    assert "\x1b" not in ended.errors


class TestList:
    async def test_nothing(self, relay_port: int) -> None:
        listed = await run("list", "--json")
        assert (listed.process.returncode, listed.lines, listed.errors) == (0, [], "")
        assert (await run("list")).lines == ["No tunnels. Start one with: hatchway http 3000"]

    async def test_running_and_saved(
        self, start: Start, service: Service, client: httpx.AsyncClient, hatchway_home: Path
    ) -> None:
        with (hatchway_home / "config" / "settings.toml").open("a") as settings:
            settings.write('[[tunnels]]\nname = "saved"\nupstream = 3000\n')
        hatchway = await start("http", str(service.port), "--name", "shop", "--json")
        online = await hatchway.event("tunnel.online")
        url = online["urls"]["path"]
        for path in ("greeting", "status/404"):
            await client.get(f"{url}{path}")
        hanging = asyncio.ensure_future(client.get(f"{url}hang"))
        await hatchway.event("request.started", path="/hang")
        listed = await run("list", "--json")
        assert listed.process.returncode == 0
        shop, saved, *requests = listed.events
        assert shop == {
            "event": "tunnel",
            "tunnel": "shop",
            "state": "online",
            "upstream": f"http://localhost:{service.port}",
            "mode": "auto",
            "urls": online["urls"],
            "pid": hatchway.process.pid,
            "cost": None,
        }
        assert saved == {
            "event": "tunnel",
            "tunnel": "saved",
            "state": "stopped",
            "upstream": "http://localhost:3000",
            "mode": "auto",
            "urls": None,
            "pid": None,
            "cost": None,
        }
        assert [(request["path"], request["status"], request["state"]) for request in requests] == [
            ("/greeting", 200, "done"),
            ("/status/404", 404, "done"),
            ("/hang", None, "running"),
        ]
        finished = await hatchway.event("request.finished", path="/greeting")
        assert requests[0] == {**finished, "event": "request"}
        assert len((await run("list", "--json", "--limit", "1")).events) == 3
        people = await run("list")
        assert people.lines[0].split() == [
            "online",
            url,
            "→",
            f"http://localhost:{service.port}",
            "pid",
            str(hatchway.process.pid),
        ]
        assert people.lines[1].split() == ["stopped", "saved", "→", "http://localhost:3000"]
        assert "fail" not in people.lines[-1]
        hanging.cancel()

    async def test_a_killed_tunnel_is_not_listed(self, start: Start) -> None:
        hatchway = await start("http", "3000", "--name", "shop", "--json")
        await hatchway.event("tunnel.online")
        hatchway.process.kill()
        await hatchway.finished()
        assert (await run("list", "--json")).lines == []
        again = await start("http", "3000", "--name", "shop", "--json")
        await again.event("tunnel.online")
        assert json.loads((await run("list", "--json")).lines[0])["pid"] == again.process.pid
