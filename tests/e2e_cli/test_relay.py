"""`hatchway relay`: the relay on its own, with tokens, and agents that use it."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path

import httpx
import pytest

from app.engine.backends import open_backends
from app.engine.paths import user_paths
from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import Service, a_second, run

TOKEN = secrets.token_urlsafe(24)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """As both sides may use it."""
    file = tmp_path / "tokens"
    file.write_text(f"# of the office\noffice: {TOKEN}\n")
    return file


async def test_a_relay_of_its_own(start: Start, service: Service, client: httpx.AsyncClient, token_file: Path) -> None:
    relay = await start("relay", "--listen", "127.0.0.1:0", "--token-file", str(token_file), "--json")
    online = await relay.event("relay.online")
    assert online.keys() == {"event", "url", "listen"}
    assert online["url"] == f"http://{online['listen']}"
    arguments = ("http", str(service.port), "--name", "shop", "--relay", online["url"], "--json")
    agent = await start(*arguments, "--token-file", str(token_file))
    urls = (await agent.event("tunnel.online"))["urls"]
    assert urls["path"] == f"{online['url']}/shop/"
    assert agent.helpers() == [], "it needs no relay of its own"
    assert (await client.get(f"{urls['path']}greeting")).text == "hello"
    assert (await agent.event("request.finished"))["status"] == 200
    async with open_backends(user_paths(), lambda _: None) as backends:  # nothing is kept in the tests' keyring
        await backends.add_relay("office", online["url"], TOKEN)
    by_variable = await start(
        "http", "3000", "--name", "other", "--backend", "office", "--json", HATCHWAY_RELAY_TOKEN=f"{TOKEN}\n"
    )
    await by_variable.event("tunnel.online")
    assert (await agent.end())[0] == 0
    assert (await client.get(urls["path"])).status_code == 503
    code, took = await relay.end(signal.SIGTERM)
    assert code == 0
    assert took < await a_second()
    assert len(relay.lines) == 1
    assert relay.errors == ""


@pytest.mark.parametrize("given", ["wrong", "none"])
async def test_without_the_token_nobody_gets_in(start: Start, token_file: Path, tmp_path: Path, given: str) -> None:
    relay = await start("relay", "--listen", "127.0.0.1:0", "--token-file", str(token_file), "--json")
    url = (await relay.event("relay.online"))["url"]
    wrong = tmp_path / "wrong"
    wrong.write_text("a-token-of-another-relay\n")
    more = ("--token-file", str(wrong)) if given == "wrong" else ()
    refused = await run("http", "3000", "--relay", url, "--json", *more)
    assert refused.process.returncode == 3
    assert [(event["event"], event["code"], event["side"]) for event in refused.events] == [
        ("error", "bad_token", "you")
    ]
    assert "token is missing or wrong" in refused.errors


async def test_a_name_belongs_to_its_first_owner(
    start: Start, service: Service, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    relay = await start("relay", "--listen", "127.0.0.1:0", "--json")
    url = (await relay.event("relay.online"))["url"]
    first = await start("http", str(service.port), "--name", "shop", "--relay", url, "--json")
    path = (await first.event("tunnel.online"))["urls"]["path"]
    other_home = str(tmp_path / "other")
    second = await run("http", "3000", "--name", "shop", "--relay", url, "--json", HATCHWAY_HOME=other_home)
    assert second.process.returncode == 3
    assert [(event["event"], event["code"]) for event in second.events] == [("error", "name_taken")]
    assert "Another owner holds this tunnel name" in second.errors
    assert (await client.get(f"{path}greeting")).text == "hello"
    await first.end()
    assert (await client.get(path)).status_code == 503, "the name stays with its owner"
    again = await start("http", str(service.port), "--name", "shop", "--relay", url, "--json")
    assert (await again.event("tunnel.online"))["urls"]["path"] == path


async def test_behind_a_proxy_the_urls_are_the_proxys(start: Start, token_file: Path) -> None:
    more = ("--token-file", str(token_file))
    relay = await start("relay", "--listen", "127.0.0.1:0", "--public-url", "https://t.example.com/", *more, "--json")
    online = await relay.event("relay.online")
    assert online["url"] == "https://t.example.com"
    agent = await start("http", "3000", "--name", "shop", "--relay", f"ws://{online['listen']}/", *more, "--json")
    tunnel = await agent.event("tunnel.online")
    assert tunnel["urls"] == {"path": "https://t.example.com/shop/", "host": None}
    assert tunnel["scope"] == "internet"
    people = await start("http", "3000", "--name", "other", "--relay", f"http://{online['listen']}", *more)
    assert await people.line("https://t.example.com/other/   (internet)")


async def test_the_relay_may_come_and_go(
    start: Start, client: httpx.AsyncClient, service: Service, relay_port: int
) -> None:
    address = f"127.0.0.1:{relay_port}"
    agent = await start("http", str(service.port), "--name", "shop", "--relay", f"http://{address}", "--json")
    relay = await start("relay", "--listen", address, "--json")
    await relay.event("relay.online")
    await agent.event("tunnel.online", seconds=20)
    assert agent.events[0]["event"] == "tunnel.online"
    assert (await relay.end())[0] == 0
    assert (await agent.event("tunnel.reconnecting"))["code"] in ("relay_closed", "relay_lost")
    again = await start("relay", "--listen", address, "--json")
    await again.event("relay.online")
    await agent.event("tunnel.online", seconds=20)
    assert (await client.get(f"http://{address}/shop/greeting")).text == "hello"


async def test_bodies_over_the_limit_are_refused(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    relay = await start("relay", "--listen", "127.0.0.1:0", "--max-body", "1k", "--deadline", "0.3", "--json")
    url = (await relay.event("relay.online"))["url"]
    agent = await start("http", str(service.port), "--name", "shop", "--relay", url, "--json")
    await agent.event("tunnel.online")
    assert (await client.post(f"{url}/shop/api/echo", content=b"x" * 1000)).status_code == 200
    assert (await client.post(f"{url}/shop/api/echo", content=b"x" * 1001)).status_code == 413
    assert (await client.get(f"{url}/shop/hang")).status_code == 504


REFUSED = {
    "open to the network without a token": (["--listen", "0.0.0.0:0"], 2, "token_needed"),
    "open without an address": (["--listen", ":0"], 2, "token_needed"),
    "open to the internet by a proxy": (["--public-url", "https://t.example.com"], 2, "token_needed"),
    "no port": (["--listen", "127.0.0.1:http"], 2, "bad_address"),
    "no public URL": (["--public-url", "t.example.com"], 2, "bad_public_url"),
    "no token file": (["--token-file", "no-such-file"], 2, "bad_token_file"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_makes_no_sense_is_refused(relay_port: int, name: str) -> None:
    arguments, code, problem = REFUSED[name]
    ended = await run("relay", *arguments, "--json")
    assert ended.process.returncode == code
    assert [(event["event"], event["code"]) for event in ended.events] == [("error", problem)]
    assert "Traceback" not in ended.errors


async def test_a_port_in_use_is_refused(start: Start) -> None:
    relay = await start("relay", "--listen", "127.0.0.1:0", "--json")
    listen = (await relay.event("relay.online"))["listen"]
    ended = await run("relay", "--listen", listen, "--json")
    assert (ended.process.returncode, ended.events[0]["code"]) == (3, "port_in_use")
    assert listen.rpartition(":")[2] in ended.errors
