"""What the agent counts agrees with what the cloud meters."""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict

import pytest
from websockets.asyncio.server import ServerConnection

from app.domain.cost import MEMORY_GB, US_EAST_1, cost
from app.domain.events import UsageChanged
from app.domain.usage import Usage
from tests.aws.backend import Backend
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.meter import PRICES
from tests.aws.emulator.ws_api import WsConfig
from tests.aws.threaded import in_threads
from tests.aws.visitor_page import Page
from tests.e2e.service import Call, Service, Sockets
from tests.e2e.tunnels import Agent

_COUNTED = ("http_requests", "ws_messages", "lambda_requests", "s3_puts", "s3_gets")
_NOT_COMPARED = ("lambda_gb_seconds", "egress_gb")
_NAMES = {
    "http_step": "http_requests",
    "ws_message": "ws_messages",
    "ws_minute": "ws_minutes",
    "write_unit": "write_units",
    "read_unit": "read_units",
    "s3_put": "s3_puts",
    "s3_get": "s3_gets",
    "call": "lambda_requests",
    "lambda_second": "lambda_gb_seconds",
}
# (bytes, how often): in the reply itself, beyond one step of messages, beyond one message
_ANSWERS = ((100, 4), (5_000, 3), (20_000, 3), (200_000, 2))


async def test_the_agent_counts_what_the_cloud_meters() -> None:
    async def script(call: Call) -> None:
        await call.read_body()
        size = int(call.target.rpartition(b"=")[2])
        await asyncio.sleep(0.1 if size == 10 else 0)
        await call.answer(random.Random(size).randbytes(size), "Content-Type: application/octet-stream")

    async with in_threads() as backend, Service(script) as service:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        for size, times in _ANSWERS:
            for _ in range(times):
                assert len((await backend.visitor.get(f"/shop/?size={size}")).content) == size
        for upload in (1_000, 150_000):
            sent = await backend.visitor.post("/shop/?size=10", content=random.Random(upload).randbytes(upload))
            assert sent.status_code == 200
        await _page_uploads(backend, 5_000_000)
        await agent.aclose()
        await _gone(backend, "c#")
        bill = backend.cloud.bill()
    usage = _used(agent)
    assert usage.requests == sum(times for _, times in _ANSWERS) + 3
    assert _counters(usage) == {name: bill[name] for name in _COUNTED}
    # Whether the goodbye or the end of the connection is handled first is left to chance.
    assert usage.write_units == pytest.approx(bill["write_units"], abs=2)
    # Looks in vain are not seen from here; they are cheap.
    assert 10 < usage.reads / 2 <= bill["read_units"] + 3
    assert usage.busy_ms >= 200
    # A busy test machine cannot measure the function's time fairly.
    assert _without_time(usage) == pytest.approx(bill.dollars(without=_NOT_COMPARED), rel=0.02)


async def _page_uploads(backend: Backend, size: int) -> None:
    """As the runtime does it."""
    origin = {"Origin": backend.cloud.http_url}
    room = (await backend.visitor.put(f"/shop/__hw/uploads/{size}", headers=origin)).json()
    assert (await backend.visitor.put(room["url"], content=bytes(size - 1))).status_code == 403
    assert (await backend.visitor.put(room["url"], content=bytes(size))).status_code == 200
    note = f"__hw_upload={room['id']}.{size}&default="
    assert (await backend.visitor.post("/shop/?size=10", content=note, headers=origin)).status_code == 200


async def test_visitors_websockets_are_counted_as_well() -> None:
    async def echo(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)

    config = CloudConfig(websockets=WsConfig(settle=0.0, jitter=(0.0, 0.0)))
    async with in_threads(config) as backend, Sockets(echo) as service:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        async with Page(backend).open() as socket:
            for message in ("short", bytes(100_000), random.Random(1).randbytes(50_000)):
                await socket.send(message)
                assert await socket.recv() == message
            await socket.close(1000)
            await socket.ending()
        await _gone(backend, "v#")
        await agent.aclose()
        await _gone(backend, "c#")
        bill = backend.cloud.bill()
    usage = _used(agent)
    assert usage.requests == 1
    # A message that crosses the end of the WebSocket is seen on one side only.
    assert _counters(usage) == pytest.approx({name: bill[name] for name in _COUNTED}, abs=4)
    assert usage.write_units == pytest.approx(bill["write_units"], abs=2)
    assert _without_time(usage) == pytest.approx(bill.dollars(without=_NOT_COMPARED), rel=0.1)


def test_prices_are_those_of_the_emulator() -> None:
    assert asdict(US_EAST_1) == {ours: PRICES[theirs] for ours, theirs in _NAMES.items()}


async def _gone(backend: Backend, prefix: str) -> None:
    """Wait until the end of connections has been handled."""
    async with asyncio.timeout(10):
        while any(item["pk"]["S"].startswith(prefix) for item in backend.cloud.table.items()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def _used(agent: Agent) -> Usage:
    usage = Usage()
    for event in agent.events:
        if isinstance(event, UsageChanged):
            assert event.tunnel == "shop"
            usage.add(event.spent)
    return usage


def _counters(usage: Usage) -> dict[str, int]:
    """Those that must agree exactly."""
    return {
        "http_requests": usage.http_steps,
        "ws_messages": usage.ws_messages,
        "lambda_requests": usage.calls,
        "s3_puts": usage.s3_puts,
        "s3_gets": usage.s3_gets,
    }


def _without_time(usage: Usage) -> float:
    return cost(usage).dollars - usage.busy_ms / 1000 * MEMORY_GB * US_EAST_1.lambda_second
