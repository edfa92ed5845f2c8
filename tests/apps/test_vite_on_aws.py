"""The same dev server through the AWS backend: edits reach the page, though its WebSocket goes another way than it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.app.upstream.conftest import certificate  # noqa: F401 - fixture
from tests.apps.test_vite import ViteApp, edit, vite  # noqa: F401 - fixture
from tests.apps.visit import Visitor, visit
from tests.aws.tls_front import with_tls

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


async def test_edits_r23(chromium_path: str, vite: ViteApp, certificate: Path) -> None:  # noqa: F811
    async def walk(visitor: Visitor) -> dict[str, Any]:
        return await edit(visitor, vite)

    async with with_tls(certificate) as secure:
        agent = secure.backend.agent()
        try:
            await agent.open(vite.server.port, "shop")
            visitor = await visit(chromium_path, f"{secure.url}/shop", walk, seconds=30, verify_tls=False)
        finally:
            await agent.aclose()
    assert visitor.seen["edited"] == {"heading": "Readers, second edition", "count": "Count 2", "loads": 0}
    assert visitor.leaks == []
