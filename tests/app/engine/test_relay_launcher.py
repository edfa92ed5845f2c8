from __future__ import annotations

import asyncio
import hmac
import json
import os
import socket
import stat
from collections.abc import AsyncIterator, Callable

import psutil
import pytest

from app.domain.problems import Problem
from app.engine.paths import Paths
from app.engine.relay_launcher import RelayLauncher
from app.relay.application import RelayConfig
from tests.e2e.tunnels import relay_here

NewLauncher = Callable[[], RelayLauncher]


@pytest.fixture
def notices() -> list[Problem]:
    return []


@pytest.fixture
async def launcher(paths: Paths, port: int, notices: list[Problem]) -> AsyncIterator[NewLauncher]:
    """Launchers as several processes of one user would have them."""
    launchers: list[RelayLauncher] = []

    def new() -> RelayLauncher:
        launchers.append(RelayLauncher(paths.relay_file, port, notices.append))
        return launchers[-1]

    yield new
    for one in launchers:
        await one.stop()


async def test_the_first_starts_it_and_the_others_find_it(launcher: NewLauncher, paths: Paths, port: int) -> None:
    first, second = launcher(), launcher()
    relay = await first.running()
    assert (relay.port, relay.url) == (port, f"http://127.0.0.1:{port}")
    assert relay.agent_url == f"ws://127.0.0.1:{port}/__hw/agent"
    assert await first.running() is relay
    assert await second.running() == relay
    assert stat.S_IMODE(paths.relay_file.stat().st_mode) == 0o600
    await second.stop()
    assert await first.running() is relay, "who only found it does not end it"
    await first.stop()
    assert not paths.relay_file.exists()
    assert [file.name for file in paths.state.iterdir() if file.name.startswith("relay")] == ["relay.lock"]


async def test_those_that_start_at_once_share_one(launcher: NewLauncher, notices: list[Problem]) -> None:
    relays = await asyncio.gather(*(launcher().running() for _ in range(3)))
    assert relays[0] == relays[1] == relays[2]
    assert notices == []


async def test_all_that_lose_their_relay_at_once_meet_on_one_again(
    launcher: NewLauncher, port: int, notices: list[Problem]
) -> None:
    launchers = [launcher() for _ in range(8)]
    first = await launchers[0].running()
    assert [await one.running() for one in launchers] == [first] * 8
    child = launchers[0]._child
    assert child is not None
    assert child.pid is not None
    psutil.Process(child.pid).kill()
    await child.wait()
    relays = await asyncio.gather(*(one.running() for one in launchers))
    assert {relay.port for relay in relays} == {port}
    assert len(set(relays)) == 1
    assert notices == []


async def test_a_stopped_one_starts_again_on_the_same_port(launcher: NewLauncher, port: int) -> None:
    first, second = launcher(), launcher()
    before = await first.running()
    await first.stop()
    after = await second.running()
    assert after.port == before.port == second.port == port
    assert after.token != before.token


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"url": 1}', '{"url": "http://127.0.0.1:1", "port": "x", "token": "t"}']
)
async def test_a_file_that_makes_no_sense_is_no_obstacle(launcher: NewLauncher, paths: Paths, content: str) -> None:
    paths.relay_file.write_text(content)
    assert (await launcher().running()).port


async def test_a_file_older_than_the_relay_is_not_believed(
    launcher: NewLauncher, paths: Paths, port: int, notices: list[Problem]
) -> None:
    async with relay_here(RelayConfig(port=port, tokens=(("stranger", "the-token-of-a-stranger"),))):
        old = {"url": f"http://127.0.0.1:{port}", "port": port, "token": "the-token-before-the-crash"}
        paths.relay_file.write_text(json.dumps(old))
        relay = await launcher().running()
        assert relay.port != port
    assert [notice.code for notice in notices] == ["relay_port_in_use"]
    assert str(port) in notices[0].title


@pytest.mark.parametrize(
    "proof",
    ["", "0" * 64, "\ud800", ["a"], None, "the nonce itself"],
    ids=["none", "made up", "odd", "list", "null", "echo"],
)
async def test_whoever_took_the_port_of_an_old_file_learns_nothing(
    launcher: NewLauncher, paths: Paths, port: int, notices: list[Problem], proof: object
) -> None:
    """Another user, who answers just as a relay would, but cannot know the token."""
    heard: list[bytes] = []

    async def pose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        nonce = heard[-1].partition(b"Nonce: ")[2].partition(b"\r\n")[0].decode()
        shown = nonce if proof == "the nonce itself" else proof
        body = json.dumps({"hatchway": "relay", "protocol": 1, "proof": shown}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    token = "the-token-before-the-crash"
    paths.relay_file.write_text(json.dumps({"url": f"http://127.0.0.1:{port}", "port": port, "token": token}))
    async with await asyncio.start_server(pose, "127.0.0.1", port):
        relay = await launcher().running()
    assert relay.port != port
    assert heard
    assert not any(token.encode() in request or b"uthorization" in request for request in heard)
    assert len({request for request in heard}) == len(heard), "every question is a new one"
    assert [notice.code for notice in notices] == ["relay_port_in_use"]


async def test_an_empty_token_proves_nothing(launcher: NewLauncher, paths: Paths, port: int) -> None:
    async def pose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonce = (await reader.readuntil(b"\r\n\r\n")).partition(b"Nonce: ")[2].partition(b"\r\n")[0]
        body = json.dumps({"hatchway": "relay", "proof": hmac.new(b"", nonce, "sha256").hexdigest()}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        writer.close()

    paths.relay_file.write_text(json.dumps({"url": f"http://127.0.0.1:{port}", "port": port, "token": ""}))
    async with await asyncio.start_server(pose, "127.0.0.1", port):
        assert (await launcher().running()).port != port


async def test_a_port_in_other_hands_gives_way(launcher: NewLauncher, port: int, notices: list[Problem]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port):
        first, second = launcher(), launcher()
        relay = await first.running()
        assert relay.port not in (0, port)
        assert first.port == relay.port
        assert await second.running() == relay
    assert [notice.code for notice in notices] == ["relay_port_in_use"]


async def test_a_port_that_is_just_being_freed_is_waited_for(
    launcher: NewLauncher, port: int, notices: list[Problem]
) -> None:
    """The relay of another process has closed its connections, and closes its port a moment later."""
    with socket.socket() as leaving:
        leaving.bind(("127.0.0.1", port))  # taken, but nobody listens
        starting = asyncio.ensure_future(launcher().running())
        await asyncio.sleep(0.2)
    assert (await starting).port == port
    assert notices == []


async def test_a_start_that_is_broken_off_leaves_no_process(launcher: NewLauncher, paths: Paths) -> None:
    starting = asyncio.ensure_future(launcher().running())
    await asyncio.sleep(0.05)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert [child for child in psutil.Process(os.getpid()).children() if "app.relay" in child.cmdline()] == []
    assert not paths.relay_file.exists()
