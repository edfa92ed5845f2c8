"""Environments that are processes: the real runtime client, or a custom runtime, against the Runtime API."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.domain.tasks import spawn
from tests.aws.emulator.lambda_environment import EnvironmentDied, Invocation
from tests.aws.emulator.runtime_api import RuntimeApi

_ROOT = Path(__file__).resolve().parents[3]
# What a process needs to run at all here; everything else of our environment stays away from the function.
_INHERITED = ("PATH", "LANG", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "SYSTEMROOT")


class ProcessEnvironment:
    """command: the runtime, e.g. [python, "-m", "awslambdaric", "backend_lambda.entry.handler"], started in the root of
    the project. Between events the process is stopped, as Lambda freezes it. log: gets its lines of output."""

    def __init__(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        *,
        name: str,
        memory: int,
        log: list[str],
        root: Path = _ROOT,
        freeze: bool = True,
    ) -> None:
        self._command = command
        self._variables = variables
        self._name = name
        self._memory = memory
        self._log = log
        self._root = root
        self._freeze = freeze
        self._process: asyncio.subprocess.Process | None = None
        self.alive = True
        self._api = RuntimeApi(f"arn:aws:lambda:eu-central-1:123456789012:function:{name}", self._busy)

    async def start(self) -> None:
        await self._api.server.start()
        variables = {key: os.environ[key] for key in _INHERITED if key in os.environ}
        variables |= {
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_LAMBDA_FUNCTION_NAME": self._name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._memory),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self._name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "emulated",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "LAMBDA_TASK_ROOT": str(self._root),
            "PYTHONPATH": str(self._root),
            "PYTHONUNBUFFERED": "1",
            "TZ": ":UTC",
            **self._variables,
        }
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._root,
            env=variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=1 << 20,
        )
        spawn(self._follow(self._process), name="lambda-output")
        await self._api.ready

    def run(self, invocation: Invocation) -> None:
        self._api.put(invocation)

    async def kill(self) -> None:
        self.alive = False
        self._signal(signal.SIGKILL)
        if self._process:
            await self._process.wait()
        await self._api.server.stop()

    def _busy(self, busy: bool) -> None:
        if self._freeze:
            self._signal(signal.SIGCONT if busy else signal.SIGSTOP)

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        async for line in process.stdout:
            self._log.append(line.decode("utf-8", "replace").rstrip("\n"))
        status = await process.wait()
        self.alive = False
        self._api.fail(EnvironmentDied(f"Runtime exited with status {status}"))
