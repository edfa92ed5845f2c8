"""The deployed backend behind a Function URL that streams, with the loop of its own runtime in threads."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import httpx

from backend_lambda.adapters import clients
from backend_lambda.adapters.settings import read_settings
from tests.aws.backend import TOKEN, Backend
from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.lambda_service import FunctionConfig
from tests.aws.emulator.module_copy import ModuleCopy

_OWN = ("backend_lambda.streaming", "backend_lambda.entry", "backend_lambda.adapters", "backend_lambda.core")


def config_of(**function: float) -> CloudConfig:
    """What infra/terraform deploys with `front_door = "function_url"`."""
    settings = FunctionConfig(**({"timeout": 300.0} | function))  # type: ignore[arg-type]
    return CloudConfig(function=settings, invoke_mode="RESPONSE_STREAM", variables={"HATCHWAY_PUBLIC_URL": ""})


@contextlib.asynccontextmanager
async def streaming(config: CloudConfig | None = None) -> AsyncIterator[Backend]:
    """A deployed backend whose visitors use the Function URL."""
    # As in threaded.py: threads share the clients of boto3, so they are made here.
    clients._client.cache_clear()
    pool = logging.getLogger("urllib3.connectionpool")
    level = pool.level
    pool.setLevel(logging.ERROR)
    cloud = Cloud(make_loop=_loop, config=config or config_of())
    async with cloud:
        key = {"pk": {"S": "settings"}, "sk": {"S": "public_url"}}
        cloud.table.write(key, {**key, "url": {"S": cloud.function_url}})
        settings = read_settings()
        clients.dynamodb(settings)
        clients.connections(settings)
        cloud.add_token(TOKEN)
        async with httpx.AsyncClient(base_url=cloud.function_url, trust_env=False, timeout=40) as visitor:
            yield Backend(cloud, visitor)
    pool.setLevel(level)
    clients._client.cache_clear()


def _loop() -> Callable[[str], None]:
    """One environment's own copy of what keeps state, as in threaded.py."""
    copy = ModuleCopy("backend_lambda.streaming.loop.serve_forever", _OWN, shared=(clients.__name__,))
    return lambda address: copy(address, None)
