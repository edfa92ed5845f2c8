"""`python -m app.relay`: ready when it says so, gone when told so or when its parent is, and quiet about it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import InvalidStatus

from app.process.child import ChildProcess
from app.relay.__main__ import TOKEN_VARIABLE
from tests.e2e.service import Call, Service, Sockets
from tests.e2e.tunnels import Agent, Relay
from tests.e2e.visitor import Visitor, ask, get

pytestmark = pytest.mark.slow


@contextlib.asynccontextmanager
async def relay_child(**env: str) -> AsyncIterator[tuple[subprocess.Popen[bytes], Relay]]:
    """The bare process, to see everything it prints."""
    process = await asyncio.to_thread(
        subprocess.Popen,
        [sys.executable, "-m", "app.relay", "--port", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **env},
    )
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.to_thread(process.stdout.readline))
        yield process, Relay(ready["port"], ready["url"])
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)


async def _busy(relay: Relay, stack: contextlib.AsyncExitStack) -> None:
    """A running request, an event stream, a WebSocket, an upload, a visitor who reads nothing and idle ones."""

    async def script(call: Call) -> None:
        if call.target == b"/events":
            await call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        if call.target == b"/big":
            await call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n" + bytes(50_000_000))
        await call.until_gone(20)

    async def talk(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)

    service = await stack.enter_async_context(Service(script))
    sockets = await stack.enter_async_context(Sockets(talk))
    agent = Agent(relay)
    stack.push_async_callback(agent.aclose)
    tunnel, chat = await agent.open(service.port), await agent.open(sockets.port)
    visitors = [await stack.enter_async_context(Visitor(relay.port)) for _ in range(6)]
    await visitors[0].send(get(tunnel.path("/events")))
    await visitors[0].head()
    await visitors[1].send(get(tunnel.path("/slow")))
    await visitors[2].send(get(tunnel.path("/upload"), "Content-Length: 1000000", method="POST") + b"x" * 1000)
    visitors[3].writer.transport.pause_reading()
    await visitors[3].send(get(tunnel.path("/big")))
    await visitors[4].send(b"GET / HTTP/1.1\r\n")
    socket = await stack.enter_async_context(connect(chat.url("/", "ws"), proxy=None))
    await socket.send("hello")
    await socket.recv()
    await asyncio.sleep(0.2)


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
@pytest.mark.parametrize("how", ["SIGTERM", "end of stdin"])
async def test_it_ends_soon_and_says_nothing(how: str, busy: bool) -> None:
    async with relay_child() as (process, relay), contextlib.AsyncExitStack() as stack:
        if busy:
            await _busy(relay, stack)
        started = time.monotonic()
        if how == "SIGTERM":
            process.send_signal(signal.SIGTERM)
        else:
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None  # or communicate() would flush it
        status = await asyncio.to_thread(process.wait, 5)
        took = time.monotonic() - started
        output = await asyncio.to_thread(process.stdout.read), await asyncio.to_thread(process.stderr.read)
    assert (status, output) == (0, (b"", b""))
    assert took < 3  # whoever started it would force it soon after


async def test_ctrl_c_is_for_the_parent() -> None:
    async with relay_child() as (process, relay):
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.2)
        assert (await ask(relay.port, get("/__hw/health"))).status == 200


async def test_stopping_a_busy_relay_needs_no_force(caplog: pytest.LogCaptureFixture) -> None:
    process = ChildProcess.of_module("app.relay", "--port", "0", name="relay")
    ready = await process.start()
    async with contextlib.AsyncExitStack() as stack:
        await _busy(Relay(ready["port"], ready["url"]), stack)
        await process.stop()
    assert await process.wait() == 0
    assert "killing" not in caplog.text


async def test_a_port_in_use_is_a_line_for_the_parent() -> None:
    async with relay_child() as (_, relay):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "app.relay", "--port", str(relay.port)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            text=True,
        )
    assert (done.returncode, done.stderr) == (3, "")
    said = json.loads(done.stdout)
    assert said["error"] == "port_in_use"
    assert str(relay.port) in said["title"]
    assert said["hint"]


async def test_the_token_comes_by_the_environment() -> None:
    token = "a-token-of-good-length"
    async with relay_child(**{TOKEN_VARIABLE: token}) as (_, relay):
        with pytest.raises(InvalidStatus):
            await connect(relay.agent_url, proxy=None)
        async with connect(relay.agent_url, proxy=None, additional_headers={"Authorization": f"Bearer {token}"}):
            pass


async def test_nothing_is_printed_about_traffic() -> None:
    async with relay_child() as (process, relay):
        async with Service() as service:
            agent = Agent(relay)
            tunnel = await agent.open(service.port)
            for request in (
                get(tunnel.path()),
                get("/none/"),
                b"garbage\r\n\r\n",
                get("*"),
                get(tunnel.path(), method="CONNECT"),
            ):
                await ask(relay.port, request)
            async with connect(relay.agent_url, proxy=None) as stranger:
                await stranger.send("garbage")
                await stranger.wait_closed()
            await agent.aclose()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 5) == 0
        assert await asyncio.to_thread(process.stdout.read) == b""
        assert await asyncio.to_thread(process.stderr.read) == b""
