"""The runtime as Lambda starts it: the script of the package, given the interpreter that Lambda's own would use."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.aws.emulator.cloud import Cloud
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.emulator.lambda_environment import FunctionError
from tests.aws.emulator.lambda_processes import ProcessEnvironment

_SCRIPT = Path(__file__).resolve().parents[2] / "backend_lambda" / "streaming" / "start.sh"
_RUNTIME = ["/bin/sh", str(_SCRIPT), sys.executable, "/var/runtime/bootstrap.py"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Lambda is Linux")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.01)


def test_lambda_can_start_it() -> None:
    assert _SCRIPT.stat().st_mode & 0o111 == 0o111


async def test_it_streams_pages_and_answers_agents_in_one_process_and_logs_in_json() -> None:
    config = CloudConfig(invoke_mode="RESPONSE_STREAM", variables={"PYTHONUNBUFFERED": ""})
    async with (
        Cloud(runtime=_RUNTIME, config=config) as cloud,
        httpx.AsyncClient(base_url=cloud.function_url, trust_env=False, timeout=30) as visitor,
    ):
        for _ in range(2):
            answer = await visitor.get("/nobody/", headers={"Accept": "application/json"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_tunnel")
            assert answer.headers["transfer-encoding"] == "chunked"
        assert cloud.function.environments == 1
        await until(lambda: sum('"Requests":1' in line for line in cloud.log) == 2)  # metrics are not held back
        with pytest.raises(FunctionError, match="UnknownEvent"):
            await cloud.thread.run(cloud.function.invoke(b'{"a": 1}'))
        await until(lambda: any("event failed" in line for line in cloud.log))
        line = json.loads(next(line for line in cloud.log if "event failed" in line))
        assert (line["level"], line["logger"], len(line["requestId"])) == ("ERROR", "backend_lambda.streaming.loop", 36)
        # Lambda says so before it ends an environment.
        [environment] = cloud.function._all
        assert isinstance(environment, ProcessEnvironment)
        process = environment._process
        assert process is not None
        seen = psutil.Process(process.pid)
        await until(lambda: seen.status() == psutil.STATUS_STOPPED)  # it has asked for the next event
        environment._signal(signal.SIGTERM)
        environment._signal(signal.SIGCONT)
        assert await cloud.thread.run(process.wait()) == 0


async def test_what_keeps_it_from_starting_is_told_as_an_error_of_init() -> None:
    async with Cloud(runtime=_RUNTIME, config=CloudConfig(variables={"HATCHWAY_TABLE": ""})) as cloud:
        with pytest.raises(FunctionError, match="HATCHWAY_TABLE") as caught:
            await cloud.thread.run(cloud.function.invoke(b"{}"))
        assert caught.value.kind == "NotConfigured"
