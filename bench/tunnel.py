"""What the tunnel adds to small requests: latency of sequential ones, requests per second and CPU of many."""

from __future__ import annotations

from collections import defaultdict

from bench.bare_agent import bare_agent
from bench.nginx import nginx
from bench.processes import TUNNEL, Load, hatchway, upstream, visit
from bench.report import Result, result, say

_BODY = 1000  # bytes
_CONNECTIONS = (1, 32, 100)
_P50_BUDGET = 1.0  # ms
_RATE_BUDGET = 2000.0
_CPU_BUDGET = 800.0  # µs

Loads = dict[tuple[str, int], list[Load]]


def run(rounds: int, seconds: float) -> list[Result]:
    """Every round measures all ways to the same upstream one after the other, so that a ratio compares neighbours."""
    loads: Loads = defaultdict(list)
    with (
        upstream() as (port, service),
        hatchway(port) as tunnel,
        bare_agent(port) as bare,
        nginx(port) as proxy,
    ):
        if proxy is None:
            say("tunnel: SKIPPED the comparison with nginx: not installed (Debian: apt-get install nginx-light)")
        ways = {
            "direct": (port, f"/bytes/{_BODY}", [service]),
            "tunnel": (tunnel.port, f"/{TUNNEL}/bytes/{_BODY}", tunnel.pids),
            "no capture": (bare.port, f"/{TUNNEL}/bytes/{_BODY}", bare.pids),
        }
        if proxy is not None:
            ways["nginx"] = (proxy[0], f"/bytes/{_BODY}", proxy[1])
        for number in range(rounds):
            for connections in _CONNECTIONS:
                for way, (at, path, pids) in ways.items():
                    options = ("--connections", str(connections), "--seconds", str(seconds))
                    load = visit(at, path, *options, pids=pids)
                    loads[way, connections].append(load)
                    say(f"tunnel: round {number + 1} {connections:3} connections {way:10} {_line(load)}")
    return [*_latency(loads), *_throughput(loads)]


def _latency(loads: Loads) -> list[Result]:
    results = []
    case = f"sequential {_BODY} B"
    direct = loads["direct", 1]
    for name in ("p50", "p95", "p99"):
        plain = [getattr(load, name) * 1e3 for load in direct]
        results.append(result("tunnel", case, f"direct {name}", "ms", plain))
        for way in ("tunnel", "no capture", "nginx"):
            if (way, 1) not in loads:
                continue
            through = [getattr(load, name) * 1e3 for load in loads[way, 1]]
            results.append(
                result(
                    "tunnel", case, f"{way} added {name}", "ms",
                    [b - a for a, b in zip(plain, through, strict=True)],
                    ratios=[b / a for a, b in zip(plain, through, strict=True)],
                    below=_P50_BUDGET if (way, name) == ("tunnel", "p50") else None,
                )
            )  # fmt: skip
    return results


def _throughput(loads: Loads) -> list[Result]:
    results = []
    for connections in _CONNECTIONS:
        direct = loads["direct", connections]
        for way in ("direct", "tunnel", "no capture", "nginx"):
            several = loads.get((way, connections))
            if several is None:
                continue
            case = f"{connections} connections, {way}" if connections > 1 else f"sequential, {way}"
            judged = way == "tunnel" and connections == 32
            pairs = list(zip(direct, several, strict=True))
            results.append(
                result(
                    "tunnel", case, "requests/s", "/s", [load.rate for load in several],
                    ratios=[] if way == "direct" else [b.rate / a.rate for a, b in pairs],
                    least=_RATE_BUDGET if judged else None,
                )
            )  # fmt: skip
            results.append(
                result(
                    "tunnel", case, "CPU of upstream" if way == "direct" else "CPU per request", "µs",
                    [_cpu(load) for load in several],
                    ratios=[] if way == "direct" else [_cpu(b) / _cpu(a) for a, b in pairs],
                    below=_CPU_BUDGET if judged else None,
                )
            )  # fmt: skip
            if way == "tunnel":
                for index, part in enumerate(("relay", "agent")):
                    shares = [load.cpu[index] / load.requests * 1e6 for load in several]
                    results.append(result("tunnel", case, f"of which {part}", "µs", shares))
                generator = [load.own_cpu / load.requests * 1e6 for load in several]
                results.append(result("tunnel", case, "load generator beside it", "µs", generator))
    return results


def _cpu(load: Load) -> float:
    # A measurement too short for the clock of the kernel (10 ms) must not divide by zero.
    return max(sum(load.cpu), 0.001) / load.requests * 1e6


def _line(load: Load) -> str:
    return f"{load.rate:7.0f}/s  p50 {load.p50 * 1e3:6.3f} ms  p99 {load.p99 * 1e3:6.3f} ms  {_cpu(load):5.0f} µs CPU"
