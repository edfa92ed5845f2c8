"""A few seconds of random and mutated bytes: the relay lives, stays small and serves everybody else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time

import psutil
import pytest

from app.domain.tunnel import TunnelState
from tests.e2e.service import Service
from tests.e2e.tunnels import Agent, Relay
from tests.e2e.visitor import Visitor, ask, get, post

SECONDS = 5.0

pytestmark = pytest.mark.slow


def seeds(name: str, port: int) -> list[bytes]:
    socket = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    return [
        get(f"/{name}/a?b=c", "Cookie: a=b; c=d", "Accept: text/html"),
        post(f"/{name}/", b"x" * 50),
        post(f"/{name}/", b"y" * 50, chunked=True),
        get(f"/{name}/ws", *socket) + b"\x81\x85\0\0\0\0hello\x88\x82\0\0\0\0\x03\xe8",
        get(f"/{name}/", "Connection: Upgrade", "Upgrade: h2c") + post(f"/{name}/", b"z"),
        get(f"http://{name}.localhost:{port}/x", "Expect: 100-continue", "Transfer-Encoding: chunked", method="PUT"),
        get("/__hw/agent", *socket) + b"\x82\x82\0\0\0\0{}",
        get(f"/{name}/", version="1.0") * 3,
    ]


def mutated(source: random.Random, seed: bytes) -> bytes:
    data = bytearray(seed)
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(data) + 1)
        match source.randrange(6):
            case 0:
                data[at:at] = source.randbytes(source.randint(1, 8))
            case 1:
                del data[at : at + source.randint(1, 20)]
            case 2:
                data[at : at + 1] = source.choice([b"\r\n", b"\0", b"\r", b"\n", b" ", b":", b"%", b"\xff", b"\t"])
            case 3:
                data[at:at] = data[: source.randrange(len(data) + 1)]
            case 4:
                data[at:at] = source.choice(
                    [
                        b"9" * 30,
                        b"Content-Length: 5\r\n",
                        b"Transfer-Encoding: chunked\r\n",
                        b"Host: x\r\n",
                        b"A" * 5000,
                    ]
                )
            case _:
                data[at:at] = b"../%2f//"
    return bytes(data) if source.random() < 0.9 else source.randbytes(source.randint(1, 3000))


async def attack(port: int, data: bytes, source: random.Random) -> None:
    """Send it in one to three pieces, listen for a moment, leave somehow."""
    with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
        async with Visitor(port) as visitor:
            cut = source.randrange(len(data) + 1)
            await visitor.send(data[:cut])
            if source.random() < 0.3:
                await asyncio.sleep(0.001)
            await visitor.send(data[cut:])
            async with asyncio.timeout(source.choice([0, 0.01, 0.05])):
                said = await visitor.reader.read(1 << 16)
                assert b"Traceback" not in said
                assert b"Internal Server Error" not in said
            if source.random() < 0.5:
                visitor.abort()


async def test_random_bytes(own_relay: Relay, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.process.child")
    seed = random.randrange(1 << 32)
    print("seed", seed)  # shown if the test fails
    source = random.Random(seed)
    agent = Agent(own_relay)
    tunnel = await agent.open(service.port)
    assert own_relay.process is not None
    process = psutil.Process(own_relay.process.pid)
    templates = seeds(tunnel.name, own_relay.port)
    ends = time.monotonic() + SECONDS
    served = attacks = 0

    async def attacker() -> None:
        nonlocal attacks
        while time.monotonic() < ends:
            await attack(own_relay.port, mutated(source, source.choice(templates)), source)
            attacks += 1
            service.calls.clear()

    async def customer() -> None:
        nonlocal served
        async with Visitor(own_relay.port) as visitor:
            while time.monotonic() < ends:
                assert (await visitor.ask(get(tunnel.path("/fine")), seconds=3)).status == 200
                served += 1
                await asyncio.sleep(0.01)

    before = process.memory_info().rss
    await asyncio.gather(*(attacker() for _ in range(16)), customer())
    assert served > 30
    assert attacks > 300
    assert own_relay.process.running
    assert process.memory_info().rss - before < 50_000_000
    assert (await ask(own_relay.port, get(tunnel.path()))).status == 200
    status = agent.supervisor.status(tunnel.spec.id)
    assert status is not None
    assert (status.state, status.generation) == (TunnelState.ONLINE, 1), "the agent's connection must survive"
    assert "child says" not in caplog.text, "nothing is printed, least of all a stack trace"
    await agent.aclose()
    await asyncio.sleep(0.3)
    assert process.num_fds() < 40, "connections are given back"
