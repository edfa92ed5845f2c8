"""One stage for each test; what was opened on it must be closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.backend_lambda.core.stage import Agent, Stage, settle


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    await settle()
    assert stage.waiting == 0, "somebody still waits for a reply that nobody will read"


@pytest.fixture
async def agent(stage: Stage) -> Agent:
    """The agent of the tunnel `shop`."""
    return await stage.agent()
