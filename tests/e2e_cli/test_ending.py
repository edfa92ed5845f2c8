"""However the command ends: quickly, quietly, and with every process it started."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect

from tests.e2e_cli.conftest import Start
from tests.e2e_cli.processes import COMMAND, Hatchway, Service, a_second, eventually


async def gone(helpers: list[psutil.Process]) -> None:
    """Every one of them ends by itself."""
    await eventually(lambda: not any(helper.is_running() for helper in helpers))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it_within_a_second(start: Start, number: int) -> None:
    hatchway = await start("http", "demo", "--json")
    await hatchway.event("tunnel.online")
    assert len(hatchway.helpers()) == 2
    code, took = await hatchway.end(number)
    assert code == 0
    assert took < await a_second()
    assert hatchway.errors == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_nothing_that_runs_holds_it_up(
    start: Start, service: Service, client: httpx.AsyncClient, number: int
) -> None:
    hatchway = await start("http", str(service.port), "--name", "shop", "--json")
    url = (await hatchway.event("tunnel.online"))["urls"]["path"]
    hanging = asyncio.ensure_future(client.get(f"{url}hang"))
    async with client.stream("GET", f"{url}events") as stream, connect(f"ws{url[4:]}ws", proxy=None) as socket:
        lines = stream.aiter_lines()
        assert await anext(lines) == "data: 1"
        await socket.send("marco")
        assert await socket.recv() == "marco polo"
        await hatchway.event("request.started", path="/hang")
        code, took = await hatchway.end(number)
        assert code == 0
        assert took < await a_second()
        assert hatchway.errors == ""
        with pytest.raises(httpx.TransportError):  # cut, not ended as if complete
            async for _ in lines:
                pass
    assert (await asyncio.gather(hanging, return_exceptions=True)) != []
    ends = [event for event in hatchway.events if event["event"] == "request.finished"]
    assert {event["path"] for event in ends} == {"/hang", "/events", "/ws"}


async def test_it_ends_as_well_while_it_starts(start: Start) -> None:
    for delay in (0.05, 0.15, 0.3, 0.45):
        hatchway = await start("http", "demo", "--json")
        await asyncio.sleep(delay)
        helpers = hatchway.helpers()
        hatchway.process.send_signal(signal.SIGINT)
        # Before its first line runs, Python itself has not taken the signal over.
        assert await hatchway.finished() in (0, -signal.SIGINT)
        assert "error" not in hatchway.errors
        await gone(helpers)


async def test_killed_it_leaves_no_process_behind(start: Start) -> None:
    hatchway = await start("http", "demo", "--json")
    await hatchway.event("tunnel.online")
    helpers = hatchway.helpers()
    assert len(helpers) == 2
    hatchway.process.kill()
    assert await hatchway.finished() == -signal.SIGKILL
    await gone(helpers)


async def test_it_ends_when_nobody_reads_any_more(relay_port: int) -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        COMMAND, "http", "demo", "--json", stdout=writing, stderr=asyncio.subprocess.PIPE
    )
    os.close(writing)
    assert process.stderr is not None
    with os.fdopen(reading, "rb") as output:
        line = await asyncio.to_thread(output.readline)
    assert b"tunnel.online" in line
    async with asyncio.timeout(5):
        assert await process.wait() == 0
    assert await process.stderr.read() == b""


async def test_a_reader_that_stalls_stops_neither_traffic_nor_the_end(
    relay_port: int, service: Service, client: httpx.AsyncClient
) -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        COMMAND, "http", str(service.port), "--name", "shop", "--json", stdout=writing, stderr=asyncio.subprocess.PIPE
    )
    os.close(writing)
    try:
        assert b"tunnel.online" in await asyncio.to_thread(os.read, reading, 4096)
        path = "x" * 8000
        for _ in range(10):  # 2 × 8 kB each into a pipe of 64 kB
            answer = await client.get(f"http://127.0.0.1:{relay_port}/shop/{path}")
            assert answer.status_code == 404
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(5):
            assert await process.wait() == 0
        took = time.monotonic() - began
        assert took < await a_second()
        assert process.stderr is not None
        assert await process.stderr.read() == b""
    finally:
        os.close(reading)
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups of a terminal")
async def test_ctrl_c_in_a_terminal_reaches_the_helpers_too(relay_port: int) -> None:
    process = await asyncio.create_subprocess_exec(
        COMMAND, "http", "demo", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    hatchway = Hatchway(process)
    try:
        await hatchway.event("tunnel.online")
        helpers = hatchway.helpers()
        os.killpg(process.pid, signal.SIGINT)
        assert await hatchway.finished() == 0
        assert hatchway.errors == ""
        await gone(helpers)
    finally:
        await hatchway.aclose()
