"""The deployed backend on the emulator: the real handler, an agent of the app, visitors by HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.e2e.tunnels import Agent, Relay

TOKEN = "a-token-of-the-deployment"


@dataclass
class CloudRelay(Relay):
    """The cloud in the place of a relay, for tests/e2e/tunnels.Agent."""

    socket_url: str = ""

    @property
    def agent_url(self) -> str:
        return self.socket_url


@dataclass
class Backend:
    """cloud: to look into; visitor: an HTTP client whose base is the public URL"""

    cloud: Cloud
    visitor: httpx.AsyncClient

    def agent(self, token: str = TOKEN, owner: str = "the owner") -> Agent:
        """An agent of this backend; close it."""
        port = int(self.cloud.http_url.rpartition(":")[2])
        return Agent(CloudRelay(port, self.cloud.http_url, socket_url=self.cloud.ws_url), token, owner)


@contextlib.asynccontextmanager
async def deployed(config: CloudConfig | None = None) -> AsyncIterator[Backend]:
    """The function in processes of its own, one for each event at a time, as Lambda runs it."""
    async with Cloud("backend_lambda.entry.handler", config) as cloud:
        cloud.add_token(TOKEN)
        async with httpx.AsyncClient(base_url=cloud.http_url, trust_env=False, timeout=30) as visitor:
            yield Backend(cloud, visitor)
