"""Load on a deployed backend as such services are usually measured: tunnels ramp up and hold, each asked steadily."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from app.domain.tunnel import TunnelState
from tests.aws.backend import Backend
from tests.aws.emulator.faults import Faults
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent


@dataclass(frozen=True, slots=True)
class Plan:
    """ramp, hold: seconds; rate: requests of each tunnel per second"""

    tunnels: int = 20
    ramp: float = 30.0
    hold: float = 30.0
    rate: float = 5.0

    def requests(self, number: int) -> int:
        """Of the tunnel with that number: the first ones are there for all of the ramp."""
        return round(self.rate * (self.hold + self.ramp * (1 - number / self.tunnels)))


@dataclass
class Outcome:
    """asked: targets · answered: those with the right answer · wrong: what others got · served: how often the service
    saw each target · seconds: of each answer"""

    opened: int = 0
    asked: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return len(self.asked) - len(self.answered)

    @property
    def doubled(self) -> int:
        return sum(1 for times in self.served.values() if times > 1)


def bad_day(faults: Faults) -> None:
    """All that goes wrong without anybody being told for good: none of it may cost a request."""
    faults.inject("callback-429", times=None, rate=0.05)
    faults.inject("callback-410", times=None, rate=0.05)
    faults.inject("callback-duplicate", times=None, rate=0.1)
    faults.inject("callback-lost-answer", times=None, rate=0.05)
    faults.inject("disconnect-lost", times=None, rate=0.5)
    faults.inject("table-throttled", times=None, rate=0.02)
    faults.inject("table-500", times=None, rate=0.01)
    faults.inject("message-429", times=3)
    faults.inject("direct-route-throttled", times=2)


async def run(backend: Backend, plan: Plan, agents: list[Agent], faults: Callable[[], None] | None = None) -> Outcome:
    """Tunnels are dealt out to the agents in turn. faults: called when half of the ramp is over."""
    outcome = Outcome()

    async def script(call: Call) -> None:
        await call.read_body()
        target = call.target.decode()
        outcome.served[target] += 1
        await call.answer(target.encode())

    async with Service(script) as service, asyncio.TaskGroup() as group:
        for number in range(plan.tunnels):
            if faults is not None and number == plan.tunnels // 2:
                faults()
            agent = agents[number % len(agents)]
            group.create_task(_tunnel(backend, agent, service.port, number, plan, outcome))
            await asyncio.sleep(plan.ramp / plan.tunnels)
    return outcome


async def _tunnel(backend: Backend, agent: Agent, port: int, number: int, plan: Plan, outcome: Outcome) -> None:
    name = f"load-{number}"
    await agent.reaches(agent.start(port, name), TunnelState.ONLINE, 60)
    outcome.opened += 1
    async with asyncio.TaskGroup() as visits:
        for count in range(plan.requests(number)):  # a beat that does not wait for answers
            visits.create_task(_visit(backend, name, f"/{number}-{count}", outcome))
            await asyncio.sleep(1 / plan.rate)


async def _visit(backend: Backend, name: str, target: str, outcome: Outcome) -> None:
    outcome.asked.append(target)
    started = time.perf_counter()
    try:
        answer = await backend.visitor.get(f"/{name}{target}", headers={"Accept": "application/json"})
    except httpx.HTTPError as error:
        outcome.wrong.append(f"{target}: {type(error).__name__}")
        return
    outcome.seconds.append(time.perf_counter() - started)
    if (answer.status_code, answer.text) == (200, target):
        outcome.answered.add(target)
    else:
        outcome.wrong.append(f"{target}: {answer.status_code} {answer.text[:100]}")
