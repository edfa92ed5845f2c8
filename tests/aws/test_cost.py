"""Billable units of real requests on the emulated cloud, against the formula of the lean design."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.aws.cost_model import lean, lean_s3, naive
from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Service

# One miss of the poller more than the formula has, per request.
_MISS = 0.125 * 0.5
_TIME = ("lambda_gb_seconds", "egress_gb")


def test_the_formulas_give_the_known_tables() -> None:
    def table(formula: Callable[[int, float], float]) -> list[list[float]]:
        return [[round(formula(size * 1024, ms), 2) for size in (1, 20, 100)] for ms in (5, 50, 500)]

    assert table(lean) == [[4.91, 17.1, 74.07], [5.21, 17.4, 74.37], [8.21, 20.4, 77.37]]
    assert table(lean_s3) == [[9.95, 9.95, 9.97], [10.25, 10.25, 10.27], [13.25, 13.25, 13.27]]
    assert table(naive)[1] == pytest.approx([8.15, 41.4, 185.1], abs=0.1)


@pytest.mark.parametrize(
    ("size", "messages"),
    [(1024, 0), (20 * 1024, 0), (100 * 1024, 2)],  # more steps of messages than in the formula, which cuts in halves
)
async def test_requests_cost_what_the_lean_design_costs(size: int, messages: int) -> None:
    body = random.Random(size).randbytes(size)

    async def script(call: Call) -> None:
        await call.answer(body, "Content-Type: application/octet-stream")

    async with in_threads() as backend, Service(script) as service:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        assert (await backend.visitor.get("/shop/")).content == body  # the cold start
        before = backend.cloud.bill()
        for _ in range(10):
            assert (await backend.visitor.get("/shop/")).content == body
        bill = backend.cloud.bill() - before
        await agent.aclose()
    assert bill.per_million(10, without=_TIME) <= lean(size, 0, time=False) + 4 * _MISS + messages
