"""Many tunnels at once, while AWS does what it does on bad days: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.aws.backend import Backend
from tests.aws.threaded import in_threads, rotating
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Tunnel

_TUNNELS = 20
_REQUESTS = 5


async def _visits(backend: Backend, tunnel: Tunnel) -> list[int]:
    targets = [f"/{tunnel.name}/{tunnel.name}/{number}" for number in range(_REQUESTS)]
    return [(await backend.visitor.get(target)).status_code for target in targets]


async def test_twenty_tunnels_through_faults_and_rotation() -> None:
    async def script(call: Call) -> None:
        await call.answer(call.target)

    async with in_threads() as backend, Service(script) as service:
        cloud = backend.cloud
        cloud.inject("callback-429", times=None, rate=0.05)
        cloud.inject("callback-duplicate", times=None, rate=0.1)
        cloud.inject("disconnect-lost", times=None, rate=0.5)
        agents = [rotating(backend.agent(), 2.0), backend.agent()]
        tunnels = await asyncio.gather(*(agents[n % 2].open(service.port) for n in range(_TUNNELS)))
        statuses = await asyncio.gather(*(_visits(backend, tunnel) for tunnel in tunnels))
        for agent in agents:
            await agent.aclose()
        assert cloud.faults.hits("callback-duplicate") > 0
    assert statuses == [[200] * _REQUESTS] * _TUNNELS
    served = Counter(call.target for call in service.calls)
    assert len(served) == _TUNNELS * _REQUESTS
    assert set(served.values()) == {1}
