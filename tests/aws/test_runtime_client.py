"""The deployed handler below AWS' own runtime client; skipped where awslambdaric is not installed."""

from __future__ import annotations

import sys

import httpx
import pytest

from tests.aws.emulator.cloud import Cloud


async def test_the_handler_runs_below_awslambdaric() -> None:
    pytest.importorskip("awslambdaric")
    runtime = [sys.executable, "-m", "awslambdaric"]
    async with (
        Cloud("backend_lambda.entry.handler", runtime=runtime) as cloud,
        httpx.AsyncClient(base_url=cloud.http_url, trust_env=False, timeout=30) as visitor,
    ):
        answers = [await visitor.get("/nobody/", headers={"Accept": "application/json"}) for _ in range(2)]
        assert [answer.json()["error"]["code"] for answer in answers] == ["unknown_tunnel"] * 2
        assert cloud.function.environments == 1
        assert cloud.function.last_error is None
