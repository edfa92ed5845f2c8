"""An agent that stops taking anything, as a laptop does that falls asleep: nobody may hang because of it."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace

import pytest

from app.relay import watchdog
from app.relay.application import RelayConfig
from tests.e2e.service import Service
from tests.e2e.tunnels import Agent, agent_process, kill, relay_here
from tests.e2e.visitor import ask, get, post


@pytest.mark.slow
async def test_visitors_get_answers_and_the_tunnel_can_be_taken_over(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "STALL_SECONDS", 3.0)
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.2)
    async with (
        relay_here(replace(RelayConfig(), deadline=1.0)) as relay,
        agent_process(relay, service.port, "sleepy") as process,
    ):
        assert (await ask(relay.port, get("/sleepy/"))).status == 200
        kill(process, signal.SIGSTOP)
        # More than the sockets between them hold, so that sends stall.
        body = b"x" * 60_000
        answers = await asyncio.gather(
            *(ask(relay.port, post("/sleepy/", body), seconds=20) for _ in range(200)), return_exceptions=True
        )
        assert {getattr(answer, "status", answer) for answer in answers} <= {502, 503, 504}
        heir = Agent(relay)
        # The other's owner secret is the same, so this is a takeover.
        await heir.open(service.port, "sleepy")
        assert (await ask(relay.port, get("/sleepy/"))).status == 200
        await heir.aclose()
        kill(process, signal.SIGCONT)
