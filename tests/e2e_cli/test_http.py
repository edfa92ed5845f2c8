"""`hatchway http`: a service on a public URL, told as JSON lines."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import Service, a_second, call, free_port, run


async def test_the_first_line_is_the_public_url(start: Start, service: Service, relay_port: int) -> None:
    began = time.monotonic()
    hatchway = await start("http", str(service.port), "--name", "shop", "--json")
    online = await hatchway.event("tunnel.online")
    took = time.monotonic() - began
    assert took < await a_second()
    assert json.loads(hatchway.lines[0]) == online
    assert list(online)[:4] == ["event", "tunnel", "urls", "scope"]
    assert online == {
        "event": "tunnel.online",
        "tunnel": "shop",
        "urls": {"path": f"http://127.0.0.1:{relay_port}/shop/", "host": f"http://shop.localhost:{relay_port}/"},
        "scope": "computer",
        "upstream": f"http://localhost:{service.port}",
        "mode": "auto",
        "generation": 1,
    }


async def test_the_log_tells_what_happened_and_nothing_of_requests(
    start: Start, service: Service, client: httpx.AsyncClient, hatchway_home: Path
) -> None:
    hatchway = await start("http", str(service.port), "--name", "shop", "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    secret = "s3cret-of-a-visitor"
    await client.post(f"{url}api/echo?a={secret}", content=secret, headers={"Authorization": secret})
    await hatchway.event("request.finished")
    assert (await hatchway.end())[0] == 0
    log = (hatchway_home / "state" / "hatchway.log").read_text()
    assert f" INFO {hatchway.process.pid} app.engine.workspace: tunnel name=shop state=online\n" in log
    assert secret not in log
    assert (hatchway_home / "data" / "installation.key").read_text().strip() not in log
    assert hatchway.errors == ""


async def test_requests_are_told_as_they_begin_and_end(
    start: Start, service: Service, client: httpx.AsyncClient
) -> None:
    hatchway = await start("http", str(service.port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    before = time.time()
    answer = await client.post(f"{url}api/echo?a=%2F&b", content=b"x" * 100_000)
    assert answer.json()["sha256"] == hashlib.sha256(b"x" * 100_000).hexdigest()
    assert answer.json()["query"] == "a=%2F&b"
    assert answer.json()["host"] == f"localhost:{service.port}"
    started = await hatchway.event("request.started")
    finished = await hatchway.event("request.finished")
    for event in (started, finished):
        assert event["method"] == "POST"
        assert event["path"] == "/api/echo?a=%2F&b"
        assert event["kind"] == "http"
        assert event["tunnel"] == hatchway.events[0]["tunnel"]
        assert event["replay_of"] is None
        assert event["leak"] is None
        assert before - 1 < event["time"] < time.time() + 1
    told = {"event", "id", "tunnel", "kind", "method", "path", "time", "replay_of", "leak", "pinned", "note"}
    assert started.keys() == told
    assert started["id"] == finished["id"]
    assert finished["state"] == "done"
    assert finished["status"] == 200
    assert finished["request_bytes"] == 100_000
    assert finished["response_bytes"] == len(answer.content)
    assert 0 < finished["duration_ms"] < 10_000
    assert finished["problem"] is None
    assert [event["event"] for event in hatchway.events] == ["tunnel.online", "request.started", "request.finished"]
    assert hatchway.errors == ""
    assert (await hatchway.end())[0] == 0
    assert len(hatchway.lines) == 3, "nothing else is ever on stdout"


async def test_a_request_is_told_while_it_is_in_flight(
    start: Start, service: Service, client: httpx.AsyncClient
) -> None:
    hatchway = await start("http", str(service.port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    visitor = asyncio.ensure_future(client.get(f"{url}hang"))
    started = await hatchway.event("request.started", path="/hang")
    assert [event["event"] for event in hatchway.events] == ["tunnel.online", "request.started"]
    visitor.cancel()
    finished = await hatchway.event("request.finished", id=started["id"])
    assert (finished["state"], finished["status"]) == ("cancelled", None)
    assert finished["problem"]["code"] == "visitor_gone"


async def test_curl_reaches_both_urls(start: Start, service: Service) -> None:
    hatchway = await start("http", str(service.port), "--json")
    urls = (await hatchway.event("tunnel.online"))["urls"]
    for url in urls.values():
        code, output = await call("curl", "--silent", "--noproxy", "*", "--data", "from curl", f"{url}api/echo")
        assert code == 0
        assert json.loads(output)["sha256"] == hashlib.sha256(b"from curl").hexdigest()
        finished = await hatchway.event("request.finished")
        assert (finished["path"], finished["status"], finished["request_bytes"]) == ("/api/echo", 200, 9)


async def test_the_public_host_can_be_passed_on(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    hatchway = await start("http", f"127.0.0.1:{service.port}", "--host-header", "public", "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    assert (await client.get(f"{url}api/echo")).json()["host"] == httpx.URL(url).netloc.decode()


async def test_people_read_lines(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    hatchway = await start("http", str(service.port), "--name", "shop")
    url = (await hatchway.line("(this computer)")).split()[0]
    await client.get(f"{url}status/404")
    line = await hatchway.line("/status/404")
    assert " 404 " in line
    assert "GET" in line
    assert "\x1b" not in line, "no colours where nobody sees them"
    assert (await hatchway.end())[0] == 0


async def test_the_same_target_keeps_its_url(start: Start, relay_port: int) -> None:
    seen = []
    for target in ("3000", "localhost:3000", "http://localhost:3000/", "3001"):
        hatchway = await start("http", target, "--json")
        seen.append((await hatchway.event("tunnel.online"))["urls"]["path"])
        assert (await hatchway.end())[0] == 0
    assert seen[0] == seen[1] == seen[2] != seen[3]
    assert seen[0].startswith(f"http://127.0.0.1:{relay_port}/port-3000-")


async def test_another_installation_gets_another_name(start: Start, tmp_path: Path) -> None:
    first = await start("http", "3000", "--json")
    second = await start(
        "http", "3000", "--relay", "http://127.0.0.1:9", "--json", HATCHWAY_HOME=str(tmp_path / "other")
    )
    mine = (await first.event("tunnel.online"))["tunnel"]
    await second.end()
    third = await start("http", "3000", "--json", HATCHWAY_HOME=str(tmp_path / "other"))
    assert (await third.event("tunnel.online"))["tunnel"] != mine


async def test_a_name_in_use_is_refused(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    first = await start("http", str(service.port), "--name", "shop", "--json")
    url = (await first.event("tunnel.online"))["urls"]["path"]
    second = await run("http", "3000", "--name", "Shop", "--json")
    assert second.process.returncode == 3
    assert [event["event"] for event in second.events] == ["error"]
    assert second.events[0]["code"] == "name_in_use"
    assert f"process {first.process.pid}" in second.errors
    assert "Traceback" not in second.errors
    assert (await client.get(f"{url}greeting")).text == "hello"


@pytest.mark.parametrize("target", ["not a url", "65536", "http://localhost:3000/admin"])
async def test_a_bad_target_is_explained(relay_port: int, target: str) -> None:
    ended = await run("http", target, "--json")
    assert ended.process.returncode == 2
    assert [(event["event"], event["code"]) for event in ended.events] == [("error", "bad_upstream")]
    assert ended.errors.startswith("hatchway: ")
    assert "Traceback" not in ended.errors


@pytest.mark.parametrize("talks", [True, False], ids=["a web server", "a silent program"])
async def test_a_relay_port_in_use_gives_way(
    start: Start, service: Service, client: httpx.AsyncClient, relay_port: int, talks: bool
) -> None:
    with Service(relay_port) if talks else socket.create_server(("127.0.0.1", relay_port)):
        hatchway = await start("http", str(service.port), "--json")
        online = await hatchway.event("tunnel.online")
        assert json.loads(hatchway.lines[0]) == online
        assert f":{relay_port}/" not in online["urls"]["path"]
        assert (await client.get(f"{online['urls']['path']}greeting")).text == "hello"
        notice = await hatchway.event("notice", code="relay_port_in_use")
        assert str(relay_port) in notice["title"]
        assert str(relay_port) in hatchway.errors
        assert (await hatchway.end())[0] == 0


async def test_the_service_may_come_later(start: Start, client: httpx.AsyncClient) -> None:
    port = free_port()
    hatchway = await start("http", str(port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    answer = await client.get(url, headers={"Accept": "text/html"})
    assert answer.status_code == 502
    assert answer.text.startswith("<!doctype html>")
    assert str(port) not in answer.text
    failed = await hatchway.event("request.finished")
    assert (failed["state"], failed["status"], failed["problem"]["code"]) == ("failed", None, "upstream_refused")
    assert failed["problem"]["side"] == "your service"
    with Service(port):
        assert (await client.get(url)).status_code == 200


async def test_the_demo_brings_its_service_along(start: Start, client: httpx.AsyncClient) -> None:
    hatchway = await start("http", "demo", "--json")
    online = await hatchway.event("tunnel.online")
    assert online["tunnel"].startswith("demo-")
    answer = await client.get(online["urls"]["path"])
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    helpers = [" ".join(helper.cmdline()) for helper in hatchway.helpers()]
    assert sorted(part for helper in helpers for part in helper.split() if part.startswith("app.")) == [
        "app.relay",
        "app.services.demo",
    ]
    assert (await hatchway.end())[0] == 0


async def test_two_demos_at_once(start: Start, client: httpx.AsyncClient) -> None:
    for name in ("one", "two"):
        hatchway = await start("http", "demo", "--name", name, "--json")
        url = (await hatchway.event("tunnel.online"))["urls"]["path"]
        assert (await client.get(f"{url}api/echo")).status_code == 200


async def test_corrupt_files_do_not_keep_it_from_running(
    start: Start, service: Service, hatchway_home: Path, relay_port: int
) -> None:
    (hatchway_home / "config" / "settings.toml").write_text(f"relay_port = {relay_port}\ntheme = 7\n")
    (hatchway_home / "data").mkdir()
    (hatchway_home / "data" / "history.db").write_bytes(b"this is no database" * 1000)
    hatchway = await start("http", str(service.port), "--json")
    await hatchway.event("tunnel.online")
    assert {(await hatchway.event("notice"))["code"] for _ in range(2)} == {"settings_invalid", "history_set_aside"}
    assert [event["event"] for event in hatchway.events] == ["tunnel.online", "notice", "notice"]
    assert len(list((hatchway_home / "data").glob("history.db.corrupt-*"))) == 1


async def test_a_home_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (("http", "3000"), ("list",), ("replay", "last")):
        ended = await run(*arguments, HATCHWAY_HOME=str(tmp_path / "file" / "home"))
        assert (ended.process.returncode, ended.lines) == (1, [])
        assert ended.errors.startswith("hatchway: The directory")
        assert "Traceback" not in ended.errors
