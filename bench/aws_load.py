"""Load on the AWS backend in the emulator: twenty tunnels in a ramp of 30 s, 30 s more, five requests each a second.

The function runs in processes, one for each event at a time, as on AWS. First on a good day, then while posts, reads
and writes fail, agents move to new connections and `$disconnect` gets lost. What counts are the shares; the latencies
are those of an emulator. All in slow motion, so that it can keep up.
"""

from __future__ import annotations

import asyncio
import statistics

from bench.report import Result, result, say
from tests.aws.backend import deployed
from tests.aws.emulator.faults import Faults
from tests.aws.load import Outcome, Plan, bad_day
from tests.aws.load import run as load
from tests.aws.threaded import rotating

# All that is emulated shares the processors with the load: at full pace two cores would only show how they queue.
_SLOWER = 3.0
_PLAN = Plan(ramp=30 * _SLOWER, hold=30 * _SLOWER, rate=5 / _SLOWER)
_ROTATION = 12.0  # seconds instead of nearly two hours


def run(rounds: int, seconds: float) -> list[Result]:
    """Once; the numbers of the issue are fixed."""
    del rounds, seconds
    return [*_judged("good day", asyncio.run(_day(bad=False))), *_judged("bad day", asyncio.run(_day(bad=True)))]


async def _day(*, bad: bool) -> Outcome:
    async with deployed() as backend:
        faults: Faults = backend.cloud.faults
        agents = [rotating(backend.agent(), _ROTATION), backend.agent()] if bad else [backend.agent()]
        outcome = await load(backend, _PLAN, agents, (lambda: bad_day(faults)) if bad else None)
        say(f"aws_load: {outcome.opened} tunnels, {len(outcome.asked)} requests, {outcome.wrong[:3]}")
        for agent in agents:
            await agent.aclose()
    return outcome


def _judged(case: str, outcome: Outcome) -> list[Result]:
    def share(part: int, whole: int) -> list[float]:
        return [100.0 * part / whole]

    latencies = statistics.quantiles(outcome.seconds, n=100)
    return [
        result("aws_load", case, "tunnels established", "%", share(outcome.opened, _PLAN.tunnels), least=100),
        result("aws_load", case, "requests answered", "%", share(len(outcome.answered), len(outcome.asked)), least=100),
        result("aws_load", case, "requests", "", [float(len(outcome.asked))]),
        result("aws_load", case, "done twice", "requests", [float(outcome.doubled)], below=1),
        result("aws_load", case, "p50", "ms", [latencies[49] * 1e3]),
        result("aws_load", case, "p99", "ms", [latencies[98] * 1e3]),
    ]
