"""The processes of a measurement: Hatchway itself as users start it, the upstream, the visitors."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_START_SECONDS = 30.0
_END_SECONDS = 10.0
TUNNEL = "bench"


@dataclass(frozen=True, slots=True)
class Load:
    """What `bench.load` saw. Latencies in seconds; cpu: seconds of each observed process."""

    requests: int
    seconds: float
    errors: int
    received: int
    p50: float
    p95: float
    p99: float
    cpu: list[float]
    own_cpu: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Hatchway:
    """`hatchway http` and its relay: pids, and the port where visitors come."""

    agent: int
    relay: int
    port: int

    @property
    def pids(self) -> list[int]:
        return [self.relay, self.agent]


def visit(port: int, path: str, *options: str, pids: Sequence[int] = (), limit: float = 120.0) -> Load:
    """Run the load generator as a process of its own. Raises RuntimeError if any request failed."""
    command = [sys.executable, "-m", "bench.load", str(port), path, *options]
    if pids:
        command += ["--pids", *map(str, pids)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=True)
    load = Load(**json.loads(done.stdout))
    if load.errors or not load.requests:
        raise RuntimeError(f"{load.errors} errors, {load.requests} requests at {path}")
    return load


@contextlib.contextmanager
def upstream() -> Iterator[tuple[int, int]]:
    """(port, pid) of a service that costs as little as possible."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.upstream"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["port"], process.pid
    finally:
        stop(process)


@contextlib.contextmanager
def hatchway(target: int) -> Iterator[Hatchway]:
    """`hatchway http TARGET --json >/dev/null` with a home of its own: capture on, history on disk."""
    with home() as (directory, port):
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "http", str(target), "--name", TUNNEL, "--json"],
            stdout=subprocess.DEVNULL,
            env=environment(directory),
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/{TUNNEL}/bytes/1", process)
            yield Hatchway(process.pid, relay_of(process.pid), port)
        finally:
            stop(process)


@contextlib.contextmanager
def home(settings: str = "") -> Iterator[tuple[Path, int]]:
    """(fresh HATCHWAY_HOME, port of its relay); `settings` is added to the settings file."""
    with tempfile.TemporaryDirectory(prefix="hatchway-bench-", ignore_cleanup_errors=True) as name:
        directory, port = Path(name), free_port()
        (directory / "config").mkdir()
        text = f"version = 1\nrelay_port = {port}\n{settings}"
        (directory / "config" / "settings.toml").write_text(text, encoding="utf-8")
        yield directory, port


def environment(directory: Path, **more: str) -> dict[str, str]:
    """Of a process with that home. Compiled modules are kept, as on every machine where Hatchway is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "HATCHWAY_HOME": str(directory), "PYTHONPYCACHEPREFIX": _bytecode(), **more}


def relay_of(agent: int) -> int:
    """The pid of the relay that this process started."""
    return next(child.pid for child in psutil.Process(agent).children() if "app.relay" in child.cmdline())


def wait_for(url: str, process: subprocess.Popen[Any]) -> float:
    """Ask until there is an answer with status 200; returns time.time() of that moment.

    Raises RuntimeError if none comes, or if the process that should give it ends.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(url, timeout=5) as answer:
            answer.read()
            return time.time()
        time.sleep(0.005)
    raise RuntimeError(f"no answer from {url}")


def free_port() -> int:
    """A TCP port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[Any]) -> None:
    """End it politely, then by force; whoever it started goes along."""
    children = []
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    if process.stdout is not None:
        process.stdout.close()


class MemoryWatch:
    """Samples the resident memory of processes ten times a second: `with MemoryWatch(pids) as watch: …; watch.peak`."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.before = self._now()
        self.peak = list(self.before)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._note()

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            self._note()

    def _note(self) -> None:
        self.peak = [max(pair) for pair in zip(self.peak, self._now(), strict=True)]

    def _now(self) -> list[float]:
        return [process.memory_info().rss / 1e6 for process in self._processes]


def _bytecode() -> str:
    """One cache for the whole run; it does not touch that of the working tree."""
    return os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir(), "hatchway-bench-bytecode")))
