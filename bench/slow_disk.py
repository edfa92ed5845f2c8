"""500 requests/s while the history's disk takes seconds for each commit: what visitors feel of it, and what is dropped.

Two tunnels with services of their own take the same load in turn; they differ in nothing but the disk. Before that the
slow one is loaded until its history has no room left. Afterwards the histories are counted: what the slow one misses
must be what Hatchway says it dropped.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.engine.paths import Paths
from bench.processes import TUNNEL, Hatchway, Load, environment, home, relay_of, stop, upstream, visit, wait_for
from bench.report import Result, result, say

_RATE = 500
_CONNECTIONS = 32
_BODY = 20_000  # bytes; the history holds 64 MB that wait
_PAUSE = 10.0  # seconds of each commit, which takes a thousand exchanges
_FILL_SECONDS = 15.0
_TURNS = 3  # of each round: in short ones both tunnels meet the same noise
_END_SECONDS = 60.0  # what waits is written at the end, with the disk quick again
_BUDGET = 5.0  # ms


@dataclass(frozen=True, slots=True)
class _Tunnel:
    """said: what the command prints; service: the port where it leads"""

    hatchway: Hatchway
    process: subprocess.Popen[bytes]
    history: Path
    said: Path
    service: int


def run(rounds: int, seconds: float) -> list[Result]:
    """In turns of so many seconds; the budget is for the median of the turns' differences."""
    fast: list[Load] = []
    slow: list[Load] = []
    with _tunnel(0.0) as quick, _tunnel(_PAUSE) as throttled:
        _load(throttled, _FILL_SECONDS)
        for number in range(rounds * _TURNS):
            fast.append(_load(quick, seconds))
            slow.append(_load(throttled, seconds))
            say(f"slow_disk: turn {number + 1}: p99 {fast[-1].p99 * 1e3:.2f} ms, slow {slow[-1].p99 * 1e3:.2f} ms")
        counts = [_counts(tunnel) for tunnel in (quick, throttled)]
    (none, said_none, _), (missing, said, served) = counts
    say(f"slow_disk: not recorded {missing}, said {said}; on the usual disk {none}, said {said_none}")
    pairs = list(zip(fast, slow, strict=True))
    case = f"{_RATE} requests/s, {_PAUSE:g} s for a commit"
    latencies = [
        result(
            "slow_disk", case, f"added {name}", "ms", [(getattr(b, name) - getattr(a, name)) * 1e3 for a, b in pairs],
            ratios=[getattr(b, name) / getattr(a, name) for a, b in pairs], below=_BUDGET if name == "p99" else None,
        )
        for name in ("p50", "p95", "p99")
    ]  # fmt: skip
    return [
        *(result("slow_disk", "usual disk", name, "ms", [getattr(load, name) * 1e3 for load in fast])
          for name in ("p50", "p99")),
        *latencies,
        result("slow_disk", case, "requests/s", "/s", [load.rate for load in slow]),
        result("slow_disk", case, "requests that failed", "", [float(sum(load.errors for load in slow))], below=1),
        result("slow_disk", case, "requests served", "", [float(served)]),
        result("slow_disk", case, "not recorded", "", [float(missing)], least=1),
        result("slow_disk", case, "counted as dropped, and yet recorded or not counted", "",
               [float(abs(missing - said) + abs(none - said_none))], below=1),
    ]  # fmt: skip


def _load(tunnel: _Tunnel, seconds: float) -> Load:
    options = ("--connections", str(_CONNECTIONS), "--rate", str(_RATE), "--seconds", str(seconds))
    return visit(tunnel.hatchway.port, f"/{TUNNEL}/bytes/{_BODY}", *options, pids=tunnel.hatchway.pids)


def _counts(tunnel: _Tunnel) -> tuple[int, int, int]:
    """(requests that are not in the history, those said to be dropped, those the service got) after the end."""
    with urllib.request.urlopen(f"http://127.0.0.1:{tunnel.service}/served") as answer:
        served = int(answer.read())
    tunnel.process.send_signal(signal.SIGUSR1)
    tunnel.process.send_signal(signal.SIGTERM)
    tunnel.process.wait(_END_SECONDS)
    connection = sqlite3.connect(tunnel.history)
    (recorded,) = connection.execute("SELECT count(*) FROM exchanges WHERE state <> 'running'").fetchone()
    connection.close()
    events = [json.loads(line) for line in tunnel.said.read_text(encoding="utf-8").splitlines()]
    said = sum(event["count"] for event in events if event["event"] == "capture.dropped")
    return served - recorded, said, served


@contextlib.contextmanager
def _tunnel(pause: float) -> Iterator[_Tunnel]:
    with upstream() as (service, _), home() as (directory, port):
        said = directory / "said.jsonl"
        with said.open("wb") as output:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "bench.slow_disk_agent",
                    str(pause),
                    "http",
                    str(service),
                    "--name",
                    TUNNEL,
                    "--json",
                ],
                stdout=output,
                env=environment(directory),
            )
        try:
            wait_for(f"http://127.0.0.1:{port}/{TUNNEL}/bytes/1", process)
            paths = Paths(directory / "config", directory / "data", directory / "state")
            hatchway = Hatchway(process.pid, relay_of(process.pid), port)
            yield _Tunnel(hatchway, process, paths.history_file, said, service)
        finally:
            stop(process)
