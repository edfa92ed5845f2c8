"""Many tunnels at once, while AWS does what it does on bad days: nothing is lost, nothing is done twice.

`python -m bench aws_load` is the same with a ramp of 30 s, in slow motion.
"""

from __future__ import annotations

import logging

import pytest

from tests.aws.load import Outcome, Plan, bad_day, run
from tests.aws.threaded import in_threads, rotating

_PLAN = Plan(tunnels=20, ramp=2.0, hold=1.0, rate=3)


async def test_twenty_tunnels_through_faults_and_rotation(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):  # what AWS refuses is said
        outcome = await _bad_day()
    assert outcome.opened == 20
    assert outcome.wrong == []
    assert (outcome.lost, outcome.doubled) == (0, 0)


async def _bad_day() -> Outcome:
    async with in_threads() as backend:
        faults = backend.cloud.faults
        agents = [rotating(backend.agent(), 0.9), backend.agent()]
        outcome = await run(backend, _PLAN, agents, lambda: bad_day(faults))
        for agent in agents:
            await agent.aclose()
        struck = {name for name in ("callback-410", "callback-duplicate", "direct-route-throttled", "message-429")}
        assert {name for name in struck if faults.hits(name)} == struck  # type: ignore[arg-type]
    return outcome
