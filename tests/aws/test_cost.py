"""Billable units of real requests on the emulated cloud, against the formulas of the lean design: the cheaper one at
each size. The time that the function waits is left out, since a busy test machine cannot measure it fairly."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.aws.backend import Backend
from tests.aws.cost_model import best, lean, lean_s3, naive
from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Service

_TIME = ("lambda_gb_seconds", "egress_gb")
_SIZES = (1, 20, 100, 1024)  # KB
_NOISE = random.Random(1).randbytes(1024 * 1024)  # does not compress
_LEARNING = 3  # requests until the poller knows the service's time
_ATTEMPTS = 5  # a machine that is busy answers late now and then, which costs another look


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[Backend]:
    """With a tunnel whose service takes the milliseconds and answers with the KB of the path: /shop/MS/KB."""

    async def script(call: Call) -> None:
        _, ms, size = call.target.decode().split("/") if call.target != b"/" else ("", "0", "0")  # a look at all ports
        await asyncio.sleep(int(ms) / 1000)
        await call.answer(_NOISE[: int(size) * 1024], "Content-Type: application/octet-stream")

    async with in_threads() as backend, Service(script) as service:
        agent = backend.agent()
        await agent.open(service.port, "shop")
        yield backend
        await agent.aclose()


def test_the_formulas_give_the_known_tables() -> None:
    def table(formula: Callable[[int, float], float]) -> list[list[float]]:
        return [[round(formula(size * 1024, ms), 2) for size in _SIZES] for ms in (5, 50, 500)]

    assert [row[:3] for row in table(lean)] == [[4.91, 17.1, 74.07], [5.21, 17.4, 74.37], [8.21, 20.4, 77.37]]
    assert [round(row[3]) for row in table(lean)] == [711, 712, 715]
    assert table(lean_s3) == [[9.95, 9.95, 9.97, 11.12], [10.25, 10.25, 10.27, 11.42], [13.25, 13.25, 13.27, 14.42]]
    assert [row[:3] for row in table(naive)][1] == pytest.approx([8.15, 41.4, 185.1], abs=0.1)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("ms", [5, 50, 500])
async def test_requests_cost_what_the_lean_design_costs(backend: Backend, ms: int) -> None:
    for _ in range(_LEARNING):
        await backend.visitor.get(f"/shop/{ms}/20")
    for size in _SIZES:
        budget = best(size * 1024, ms, time=False)
        for _ in range(_ATTEMPTS):
            before = backend.cloud.bill()
            answer = await backend.visitor.get(f"/shop/{ms}/{size}")
            assert answer.content == _NOISE[: size * 1024]
            cost = (backend.cloud.bill() - before).per_million(1, without=_TIME)
            if cost <= budget:
                break
        assert cost <= budget, f"{size} KB"
