"""Megabytes per second of large bodies, down and up, and what they do to the memory of the processes."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

from bench.nginx import nginx
from bench.processes import TUNNEL, Load, MemoryWatch, hatchway, upstream, visit
from bench.report import Result, result, say

_MB = 1_000_000
_GROWTH_BUDGET = 100.0  # MB
# (size in MB, connections, requests; 0 requests: as many as the time allows)
_CASES = ((1, 1, 0), (1, 4, 0), (100, 1, 2))
_LARGE = 1000  # MB, for the memory


def run(rounds: int, seconds: float) -> list[Result]:
    """Every round sends the same body directly and through the tunnel, one right after the other."""
    speeds: dict[tuple[str, str], list[float]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    with upstream() as (port, _service), hatchway(port) as tunnel, nginx(port) as proxy:
        ways = {"direct": (port, ""), "tunnel": (tunnel.port, f"/{TUNNEL}")}
        if proxy is not None:
            ways["nginx"] = (proxy[0], "")
        else:
            say("bodies: SKIPPED the comparison with nginx: not installed (Debian: apt-get install nginx-light)")
        with MemoryWatch(tunnel.pids) as memory:
            for number in range(rounds):
                for (size, connections, requests), direction in product(_CASES, ("down", "up")):
                    case = f"{size} MB {direction}" + (f", {connections} at once" if connections > 1 else "")
                    for way, (at, prefix) in ways.items():
                        load = _transfer(at, prefix, direction, size, connections, requests, seconds, tunnel.pids)
                        speed = load.requests * size / load.seconds
                        speeds[case, way].append(speed)
                        if way == "tunnel":
                            cpu[case].append(sum(load.cpu) / (load.requests * size) * 1e3)
                        say(f"bodies: round {number + 1} {case:22} {way:7} {speed:7.0f} MB/s")
    return [*_speeds(speeds, cpu), *_memory("all of the above", memory, judged=False), *_large()]


def _large() -> list[Result]:
    """Memory must stay flat however large one body is."""
    results = []
    for direction in ("down", "up"):
        with upstream() as (port, _), hatchway(port) as tunnel, MemoryWatch(tunnel.pids) as memory:
            _transfer(tunnel.port, f"/{TUNNEL}", direction, _LARGE, 1, 1, 0, tunnel.pids)
        results += _memory(f"{_LARGE} MB {direction}", memory, judged=True)
    return results


def _transfer(
    port: int, prefix: str, direction: str, size: int, connections: int, requests: int, seconds: float, pids: list[int]
) -> Load:
    path = f"{prefix}/bytes/{size * _MB}" if direction == "down" else f"{prefix}/sink"
    # A warm-up would cut the first body in two; the first request pays for the start of the connection instead.
    options = ["--connections", str(connections), "--warm-up", "0"]
    options += ["--requests", str(requests)] if requests else ["--seconds", str(seconds)]
    if direction == "up":
        options += ["--upload", str(size * _MB)]
    return visit(port, path, *options, pids=pids)


def _speeds(speeds: dict[tuple[str, str], list[float]], cpu: dict[str, list[float]]) -> list[Result]:
    results = []
    for (case, way), values in speeds.items():
        direct = speeds[case, "direct"]
        ratios = [] if way == "direct" else [value / plain for value, plain in zip(values, direct, strict=True)]
        results.append(result("bodies", f"{case}, {way}", "throughput", "MB/s", values, ratios=ratios))
        if way == "tunnel":
            results.append(result("bodies", f"{case}, {way}", "CPU per MB", "ms", cpu[case]))
    return results


def _memory(case: str, watch: MemoryWatch, *, judged: bool) -> list[Result]:
    results = []
    for name, before, peak in zip(("relay", "agent"), watch.before, watch.peak, strict=True):
        what = f"{case}, memory of the {name}"
        results.append(result("bodies", what, "peak", "MB", [peak]))
        below = _GROWTH_BUDGET if judged else None
        results.append(result("bodies", what, "growth", "MB", [peak - before], below=below))
    return results
