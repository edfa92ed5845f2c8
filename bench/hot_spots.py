"""Where the CPU goes: relay and agent under cProfile while visitors come. The profiler doubles the cost of Python
calls and does not see other threads (recording, printing), so only compare its figures with each other."""

from __future__ import annotations

import json
import os
import pstats
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.processes import TUNNEL, environment, home, stop, upstream, visit, wait_for
from bench.report import Result, result, say

_SHOWN = 25


def run(rounds: int, seconds: float) -> list[Result]:
    """Print the costliest functions for sequential requests and for 32 connections."""
    results = []
    for connections in (1, 32):
        with tempfile.TemporaryDirectory(prefix="hatchway-bench-") as folder:
            requests = _record(Path(folder), connections, seconds)
            for part in ("relay", "agent"):
                profile = pstats.Stats(str(Path(folder, part)))
                say(f"\n-- {part}, {connections} connections, {requests} requests: µs per request")
                _print(profile, requests)
                total = profile.total_tt / requests * 1e6  # type: ignore[attr-defined]
                results.append(
                    result("hot_spots", f"{part}, {connections} connections", "profiled time", "µs", [total])
                )
    return results


def _record(folder: Path, connections: int, seconds: float) -> int:
    token = "x" * 43
    with upstream() as (port, _service), home() as (directory, relay_port):
        relay = subprocess.Popen(
            [sys.executable, "-m", "cProfile", "-o", str(folder / "relay"),
             "-m", "app.relay", "--port", str(relay_port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment(directory, HATCHWAY_CHILD_RELAY_TOKEN=token),
        )  # fmt: skip
        try:
            assert relay.stdout is not None
            ready = json.loads(relay.stdout.readline())
            # Found by the agent as any other process of this user finds the relay that runs.
            (directory / "state").mkdir()
            known = {"url": ready["url"], "port": relay_port, "token": token}
            (directory / "state" / "relay.json").write_text(json.dumps(known), encoding="utf-8")
            agent = subprocess.Popen(
                [sys.executable, "-m", "cProfile", "-o", str(folder / "agent"),
                 "-m", "app", "http", str(port), "--name", TUNNEL, "--json"],
                stdout=subprocess.DEVNULL, env=environment(directory),
            )  # fmt: skip
            try:
                wait_for(f"http://127.0.0.1:{relay_port}/{TUNNEL}/bytes/1", agent)
                options = ("--connections", str(connections), "--seconds", str(seconds), "--warm-up", "0")
                return visit(relay_port, f"/{TUNNEL}/bytes/1000", *options).requests
            finally:
                stop(agent)
        finally:
            stop(relay)


def _print(profile: pstats.Stats, requests: int) -> None:
    entries = profile.stats.items()  # type: ignore[attr-defined]
    ranked = sorted(entries, key=lambda entry: entry[1][2], reverse=True)
    for (file, line, name), (_, calls, own, cumulated, _) in ranked[:_SHOWN]:
        place = name if file == "~" else f"{os.sep.join(Path(file).parts[-3:])}:{line} {name}"
        own_us, all_us = own / requests * 1e6, cumulated / requests * 1e6
        say(f"{own_us:7.1f} own {all_us:8.1f} with calls {calls / requests:6.1f} x  {place}")
