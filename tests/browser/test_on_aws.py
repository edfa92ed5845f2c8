"""What scripts and workers of a page request, as in test_runtime_network.py and test_runtime_workers.py, on AWS."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.app.upstream.conftest import certificate  # noqa: F401 - fixture
from tests.aws.tls_front import with_tls
from tests.browser import test_runtime_network, test_runtime_workers
from tests.browser.runtime_checks import Outcome, visit
from tests.browser.talking_app import serving, talking_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKS = {**test_runtime_network.CHECKS, **test_runtime_workers.CHECKS}
SCRIPTS = {**test_runtime_network.SCRIPTS, **test_runtime_workers.SCRIPTS}


async def run(chromium_path: str, pem: Path) -> Outcome:
    async with with_tls(pem) as secure, serving(talking_app(SCRIPTS)) as port:
        agent = secure.backend.agent()
        try:
            await agent.open(port, "shop")
            other = await agent.open(port, "other")
            checks = {name: f"const OTHER = {json.dumps(other.path(''))};{body}" for name, body in CHECKS.items()}
            arguments = ["--ignore-certificate-errors"]
            return await visit(
                chromium_path, f"{secure.url}/shop", f"http://127.0.0.1:{port}", checks, arguments=arguments
            )
        finally:
            await agent.aclose()


def test_scripts_and_workers_see_no_difference(chromium_path: str, certificate: Path) -> None:  # noqa: F811
    outcome = asyncio.run(run(chromium_path, certificate))
    assert {name: failure for name, failure in outcome.failures.items() if failure} == {}
    assert [path for path in outcome.leaks if not path.startswith("/other/")] == []
