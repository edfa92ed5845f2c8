"""Each app is visited directly and through a real relay process, some on AWS too, and must not show a difference."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.app.upstream.conftest import certificate  # noqa: F401 - fixture
from tests.apps.compare import differences
from tests.apps.node import installed
from tests.apps.servers import Server
from tests.apps.visit import Script, Visitor, visit
from tests.aws.tls_front import with_tls
from tests.e2e.conftest import agent, relay, shared_relay  # noqa: F401 - fixtures
from tests.e2e.tunnels import Agent

SameBothWays = Callable[[Server, Script], Awaitable[tuple[Visitor, Visitor]]]
SameEveryWay = Callable[[Server, Script], Awaitable[tuple[Visitor, Visitor, Visitor]]]


@pytest.fixture
def same_both_ways(chromium_path: str, agent: Agent) -> SameBothWays:  # noqa: F811
    """Runs a script directly and through a new tunnel with default options; returns both visits for more checks."""

    async def same_both_ways(server: Server, script: Script) -> tuple[Visitor, Visitor]:
        direct = await visit(chromium_path, server.base, script)
        tunnel = await agent.open(server.port)
        tunnelled = await visit(chromium_path, tunnel.url(""), script)
        assert differences(direct, tunnelled) == []
        return direct, tunnelled

    return same_both_ways


@pytest.fixture
def same_every_way(
    chromium_path: str,
    same_both_ways: SameBothWays,
    certificate: Path,  # noqa: F811
) -> SameEveryWay:
    """Also through a tunnel of the AWS backend, on the emulator."""

    async def same_every_way(server: Server, script: Script) -> tuple[Visitor, Visitor, Visitor]:
        direct, tunnelled = await same_both_ways(server, script)
        async with with_tls(certificate) as secure:
            agent = secure.backend.agent()
            try:
                await agent.open(server.port, "shop")
                on_aws = await visit(chromium_path, f"{secure.url}/shop", script, verify_tls=False)
            finally:
                await agent.aclose()
        assert differences(direct, on_aws) == []
        return direct, tunnelled, on_aws

    return same_every_way


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The npm packages of the apps here."""
    return installed(Path(__file__).with_name("npm"))
