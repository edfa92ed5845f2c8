"""`hatchway http` against the AWS backend, as the README of infra/terraform says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.aws.backend import TOKEN, Backend, deployed
from tests.e2e.service import Service
from tests.e2e_cli.processes import Hatchway, free_port, prepare_home


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    async with deployed() as backend:
        yield backend


async def test_the_command_takes_the_address_that_terraform_puts_out(
    backend: Backend, hatchway_home: Path, tmp_path: Path
) -> None:
    prepare_home(hatchway_home, free_port())
    token = tmp_path / "token"
    token.write_text(TOKEN)
    async with Service() as service:
        agent = await Hatchway.start(
            "http", str(service.port), "--name", "shop", "--relay", backend.cloud.ws_url, "--token-file", str(token),
            "--json",
        )  # fmt: skip
        online = await agent.event("tunnel.online")
        assert online["urls"]["path"] == f"{backend.cloud.http_url}/shop/"
        answer = await backend.visitor.get("/shop/greeting")
        assert (answer.status_code, answer.text) == (200, "ok")
        finished = await agent.event("request.finished")
        assert (finished["path"], finished["status"], finished["state"]) == ("/greeting", 200, "done")
        assert (await agent.end())[0] == 0
        cost = agent.events[-1]
        assert (cost["event"], cost["tunnel"], cost["requests"]) == ("tunnel.cost", "shop", 1)
        assert cost["used"]["calls"] >= 5, "connecting, hello, the request, goodbye, the end"
        assert 0 < cost["dollars"] < 0.0001
