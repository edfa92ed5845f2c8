"""The same backend with its function in threads: quick enough for many environments, faults and repetitions."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Iterator

import httpx

from app.agent.supervisor import Supervisor
from backend_lambda.adapters import clients, tokens
from backend_lambda.adapters.settings import read_settings
from tests.aws.backend import TOKEN, Backend
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.module_copy import ModuleCopy
from tests.e2e.tunnels import Agent


@contextlib.contextmanager
def cloud_in_threads(config: CloudConfig | None = None) -> Iterator[Cloud]:
    """A cloud with the function deployed, whose environments are threads, and TOKEN known to it."""
    # Threads share the clients of boto3, processes would not: there must be none of the test before, they are made
    # here because boto3's session is not thread-safe, and they warn when more threads use them than they expect.
    clients._client.cache_clear()
    pool = logging.getLogger("urllib3.connectionpool")
    level = pool.level
    pool.setLevel(logging.ERROR)
    cloud = Cloud(make_handler=_handler, config=config)
    cloud.start()
    try:
        settings = read_settings()
        clients.dynamodb(settings)
        clients.connections(settings)
        cloud.add_token(TOKEN)
        yield cloud
    finally:
        cloud.stop()
        pool.setLevel(level)
        clients._client.cache_clear()


@contextlib.asynccontextmanager
async def in_threads(config: CloudConfig | None = None) -> AsyncIterator[Backend]:
    """A deployed backend whose environments are threads."""
    with cloud_in_threads(config) as cloud:
        async with httpx.AsyncClient(base_url=cloud.http_url, trust_env=False, timeout=40) as visitor:
            yield Backend(cloud, visitor)


def _handler() -> ModuleCopy:
    """One environment's: the rewriter and the protocol have no state and are shared, which saves most of the import."""
    own = ("backend_lambda.entry", "backend_lambda.adapters", "backend_lambda.core")
    return ModuleCopy("backend_lambda.entry.handler", own, shared=(clients.__name__, tokens.__name__))


def rotating(agent: Agent, every: float) -> Agent:
    """The same agent, that moves to a new connection every so many seconds."""
    agent.supervisor = Supervisor(agent.owner, agent._endpoint, agent._publish, rotate_every=every)
    return agent
