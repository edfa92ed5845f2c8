"""The function of the AWS backend: how long a cold start computes, and what a warm invocation costs.

Processor time, since that is what is slow on AWS: below 1,769 MB an event has only a part of one processor. A cold
start is compared with importing boto3 alone, which a function that calls AWS pays in any case; an invocation with a
function that does nothing, below the same runtime client (awslambdaric) on the emulator.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import httpx
import psutil

from bench.report import Result, result, say
from tests.aws.backend import TOKEN, Backend
from tests.aws.emulator.cloud import Cloud
from tests.e2e.service import Service

_RUNTIME = [sys.executable, "-m", "awslambdaric"]
_VARIABLES = {
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "HATCHWAY_TABLE": "hatchway",
    "HATCHWAY_CALLBACK_URL": "https://callback.example/live",
}
_STARTS = {
    "nothing": "pass",
    "boto3 alone": "import boto3",
    "function without clients": "import os; del os.environ['AWS_LAMBDA_RUNTIME_API']; import backend_lambda.entry",
    "function, ready for events": "import backend_lambda.entry",
}


def run(rounds: int, seconds: float) -> list[Result]:
    """Each round starts every process once, with byte code and without, then loads the warm functions in turn."""
    starts: dict[tuple[str, str], list[float]] = defaultdict(list)
    warm: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="hatchway-bench-") as directory:
        sources, compiled = Path(directory, "sources"), Path(directory, "compiled")
        for root in (sources, compiled):
            shutil.copytree("backend_lambda", root / "backend_lambda", ignore=shutil.ignore_patterns("__pycache__"))
        for number in range(rounds):
            # The package holds sources only, and Lambda cannot write beside them: each cold start compiles.
            for case, code in _STARTS.items():
                starts[case, "as deployed"].append(_start(code, sources))
            for case, code in _STARTS.items():
                _start(code, compiled, write=True)
                starts[case, "compiled"].append(_start(code, compiled))
            asyncio.run(_load(warm, max(seconds, 1.0)))
            say(f"function: round {number + 1} " + ", ".join(f"{k[0]} {v[-1]:.0f} ms" for k, v in starts.items()))
    found = []
    for (case, how), values in starts.items():
        bare = starts["boto3 alone", how]
        ratios = [value / other for value, other in zip(values, bare, strict=True)]
        found.append(result("function", f"cold start, {how}", case, "ms", values, ratios=ratios))
    empty = [cpu for cpu, _ in warm["empty handler"]]
    for case, pairs in warm.items():
        ratios = [cpu / other for (cpu, _), other in zip(pairs, empty, strict=True)]
        found.append(result("function", f"warm, {case}", "processor", "ms", [cpu for cpu, _ in pairs], ratios=ratios))
        found.append(result("function", f"warm, {case}", "time", "ms", [taken for _, taken in pairs]))
    return found


def _start(code: str, root: Path, *, write: bool = False) -> float:
    """Milliseconds of processor time. write: byte code too"""
    variables = {**_VARIABLES, "PATH": os.environ["PATH"], "PYTHONPATH": str(root)}
    # The standard library and botocore are compiled where they lie, as on Lambda.
    variables["PYTHONDONTWRITEBYTECODE"] = "" if write else "1"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=variables, cwd=root, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


async def _load(warm: dict[str, list[tuple[float, float]]], seconds: float) -> None:
    async with Cloud("bench.empty_handler.handler", runtime=_RUNTIME) as cloud:
        warm["empty handler"].append(await _each(cloud, "/", seconds))
    async with Cloud("backend_lambda.entry.handler", runtime=_RUNTIME) as cloud, Service() as service:
        cloud.add_token(TOKEN)
        async with httpx.AsyncClient() as visitor:
            agent = Backend(cloud, visitor).agent()
            await agent.open(service.port, "bench")
            warm["no such tunnel"].append(await _each(cloud, "/nobody/", seconds))
            warm["request through a tunnel"].append(await _each(cloud, "/bench/", seconds))
            await agent.aclose()


async def _each(cloud: Cloud, path: str, seconds: float) -> tuple[float, float]:
    """Milliseconds of one invocation: processor time of the function's processes, and what the visitor waits."""
    async with httpx.AsyncClient(base_url=cloud.http_url, trust_env=False, timeout=30) as visitor:
        for _ in range(5):
            await visitor.get(path)
        processes = [each for each in psutil.Process().children(recursive=True) if "awslambdaric" in each.cmdline()]
        before, begun, count = _processor(processes), time.perf_counter(), 0
        while time.perf_counter() < begun + seconds:
            await visitor.get(path)
            count += 1
        taken = time.perf_counter() - begun
    return (_processor(processes) - before) / count * 1000, taken / count * 1000


def _processor(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (each.cpu_times() for each in processes))
