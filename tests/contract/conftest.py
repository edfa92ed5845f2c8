"""Every suite of this folder runs once for each harness below."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.contract.aws import AwsHarness
from tests.contract.harness import Harness
from tests.contract.in_process import InProcessHarness

HARNESSES: dict[str, Callable[[], Harness]] = {
    "in-process": InProcessHarness,
    "aws": AwsHarness,
}


@pytest.fixture(params=HARNESSES.values(), ids=list(HARNESSES))
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with request.param() as running:
        yield running
