"""Every suite of this folder runs once for each harness below."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.contract.aws import AwsHarness, SharedCloud
from tests.contract.harness import Harness
from tests.contract.in_process import InProcessHarness

HARNESSES: dict[str, Callable[[pytest.FixtureRequest], Harness]] = {
    "in-process": lambda _: InProcessHarness(),
    "aws": lambda request: AwsHarness(request.getfixturevalue("shared_cloud")),
}


@pytest.fixture(scope="module")
def shared_cloud() -> Iterator[SharedCloud]:
    shared = SharedCloud()
    yield shared
    shared.close()


@pytest.fixture(params=HARNESSES.values(), ids=list(HARNESSES))
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with request.param(request) as running:
        yield running
