"""The services of the end-to-end tests; here against relays in the same loop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.e2e.service import Service


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A scripted service; it answers 200 until told otherwise."""
    async with Service() as service:
        yield service
