"""A day in the life of one tunnel on AWS, for tests of what may happen to it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from tests.aws.backend import Backend
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.dynamo_errors import Item
from tests.aws.threaded import in_threads
from tests.e2e.service import Script, Service, plain
from tests.e2e.tunnels import Agent, Tunnel


@dataclass
class Day:
    """A tunnel `shop` that is online."""

    backend: Backend
    agent: Agent
    service: Service
    tunnel: Tunnel

    @property
    def cloud(self) -> Cloud:
        return self.backend.cloud

    async def status(self, path: str = "/") -> int:
        return (await self.backend.visitor.get("/shop" + path)).status_code

    async def error(self, path: str = "/") -> str:
        """The code of the page that answers."""
        answer = await self.backend.visitor.get("/shop" + path, headers={"Accept": "application/json"})
        return str(answer.json()["error"]["code"])

    def targets(self) -> list[str]:
        return [call.target.decode() for call in self.service.calls]

    def row(self) -> Item:
        """What the table holds of the tunnel."""
        row = self.cloud.table.read({"pk": {"S": "t#shop"}, "sk": {"S": "t"}}, consistent=True)
        assert row is not None
        return row


@contextlib.asynccontextmanager
async def a_day(config: CloudConfig | None = None, script: Script = plain) -> AsyncIterator[Day]:
    """Its function runs in threads."""
    async with in_threads(config) as backend, Service(script) as service:
        agent = backend.agent()
        yield Day(backend, agent, service, await agent.open(service.port, "shop"))
        await agent.aclose()
