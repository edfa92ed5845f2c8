"""Several commands of one user share one relay, and it outlives its owner."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import Service, a_second, eventually, prepare_home


async def test_two_commands_share_one_relay(
    start: Start, service: Service, relay_port: int, client: httpx.AsyncClient
) -> None:
    first = await start("http", str(service.port), "--name", "one", "--json")
    await first.event("tunnel.online")
    second = await start("http", str(service.port), "--name", "two", "--json")
    await second.event("tunnel.online")
    assert (len(first.helpers()), len(second.helpers())) == (1, 0)
    for name in ("one", "two"):
        assert (await client.get(f"http://127.0.0.1:{relay_port}/{name}/greeting")).text == "hello"
    assert (await second.end())[0] == 0
    assert (await client.get(f"http://127.0.0.1:{relay_port}/one/greeting")).text == "hello"
    assert (await client.get(f"http://127.0.0.1:{relay_port}/two/greeting")).status_code == 503


async def test_two_that_start_at_once_share_one_relay(start: Start, relay_port: int) -> None:
    commands = [await start("http", "3000", "--name", name, "--json") for name in ("one", "two", "three")]
    for command in commands:
        online = await command.event("tunnel.online")
        assert f":{relay_port}/" in online["urls"]["path"]
    assert sum(len(command.helpers()) for command in commands) == 1
    assert [event["event"] for command in commands for event in command.events] == ["tunnel.online"] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
async def test_the_url_outlives_the_owner_of_the_relay(
    start: Start, service: Service, client: httpx.AsyncClient, number: int
) -> None:
    owner = await start("http", str(service.port), "--name", "one", "--json")
    await owner.event("tunnel.online")
    heirs = [await start("http", str(service.port), "--name", name, "--json") for name in ("two", "three")]
    urls = [(await heir.event("tunnel.online"))["urls"]["path"] for heir in heirs]
    owner.process.send_signal(number)
    began = time.monotonic()
    for heir in heirs:
        reconnecting = await heir.event("tunnel.reconnecting")
        assert reconnecting["side"] in ("relay", "network")
        assert reconnecting["retry_in"] >= 0
    for heir, url in zip(heirs, urls, strict=True):
        online = await heir.event("tunnel.online")
        assert online["urls"]["path"] == url
        assert (await client.get(f"{url}greeting")).text == "hello"
    took = time.monotonic() - began
    assert took < 3 * await a_second()
    assert sum(len(heir.helpers()) for heir in heirs) == 1
    assert "notice" not in {event["event"] for heir in heirs for event in heir.events}


async def test_a_relay_that_dies_is_replaced(start: Start, service: Service, client: httpx.AsyncClient) -> None:
    hatchway = await start("http", str(service.port), "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    (relay,) = hatchway.helpers()
    relay.kill()
    assert (await hatchway.event("tunnel.online"))["urls"]["path"] == url
    assert (await client.get(f"{url}greeting")).text == "hello"
    await eventually(lambda: len(hatchway.helpers()) == 1)


async def test_the_file_of_a_dead_relay_does_not_lead_to_a_strangers(
    start: Start, service: Service, tmp_path: Path, hatchway_home: Path, relay_port: int
) -> None:
    """After a crash the same port may belong to the relay of another user, who knows nothing of our token."""
    crashed = await start("http", str(service.port), "--name", "one", "--json")
    await crashed.event("tunnel.online")
    helpers = crashed.helpers()
    crashed.process.kill()
    await crashed.finished()
    await eventually(lambda: not any(helper.is_running() for helper in helpers))
    assert (hatchway_home / "state" / "relay.json").exists()
    other_home = prepare_home(tmp_path / "other", relay_port)
    stranger = await start("http", "3000", "--json", HATCHWAY_HOME=str(other_home))
    await stranger.event("tunnel.online")
    again = await start("http", str(service.port), "--name", "one", "--json")
    online = await again.event("tunnel.online")
    assert f":{relay_port}/" not in online["urls"]["path"]
    await again.event("notice", code="relay_port_in_use")
