"""An answer without an end on AWS, behind a front door that waits for it. In a file of its own: two emulated clouds at
a time in one process would share the variables of their functions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.exchange import ExchangeState
from backend_lambda.protocol import limits
from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Service


async def test_an_endless_answer_ends_as_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AWS_LIMITS", replace(limits.AWS_LIMITS, deadline=1000))

    async def script(call: Call) -> None:
        await call.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        await call.until_gone(10)

    async with in_threads() as backend, Service(script) as service:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        answer = await backend.visitor.get("/shop/", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.headers["x-hatchway-error"]) == (504, "deadline")
        record = agent.exchanges()[-1] if agent.exchanges() else await agent.finished()
        assert (record.state, record.frames) == (ExchangeState.CANCELLED, 1)
        await agent.aclose()
