"""How late the event loop of the window runs while a tunnel of it serves 200 requests per second."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict

from bench.processes import TUNNEL, home, upstream
from bench.report import Result, result, say
from bench.window_start import display, window

_RATE = 200
_SECONDS = 10.0
_P99_BUDGET = 16.0  # ms, one frame
_CASES = {"list only": (), "details open": ("--select",)}


def run(rounds: int, seconds: float) -> list[Result]:
    """Lag is what a sleep of 5 ms takes longer than 5 ms, measured on the loop that tunnels and window share."""
    figures: dict[tuple[str, str], list[float]] = defaultdict(list)
    with upstream() as (port, _service), display() as screen:
        say(f"window: on {screen['QT_QPA_PLATFORM']}")
        for number in range(rounds):
            for case, options in _CASES.items():
                _measure(number, case, options, port, screen, figures)
    results = []
    for (case, metric), values in figures.items():
        unit = (
            "ms"
            if metric.startswith("lag")
            else "/s"
            if metric.endswith("/s")
            else "MB"
            if metric.startswith("memory")
            else "%"
        )
        below = _P99_BUDGET if metric == "lag p99" and not case.endswith("idle") else None
        results.append(result("window", case, metric, unit, values, below=below))
    return results


def _measure(
    number: int, case: str, options: tuple[str, ...], port: int, screen: dict[str, str],
    figures: dict[tuple[str, str], list[float]],
) -> None:  # fmt: skip
    tunnel = f'[[tunnels]]\nname = "{TUNNEL}"\nupstream = "http://127.0.0.1:{port}"\nenabled = true\n'
    with (
        home(tunnel) as (directory, relay_port),
        window(directory, "--lag", str(_SECONDS), *options, display=screen) as (shown, _),
    ):
        _note(figures, f"{case}, idle", shown.wait("idle")["lags"])
        visitors = _visitors(relay_port)
        try:
            loaded = shown.wait("loaded")
        finally:
            visitors.terminate()
            visitors.wait()
    if not loaded["visible"] or loaded["rows"] < 0.9 * _RATE * _SECONDS:
        raise RuntimeError(f"the list did not follow: {loaded['rows']} rows, visible: {loaded['visible']}")
    _note(figures, f"{case}, {_RATE} requests/s", loaded["lags"])
    figures[f"{case}, {_RATE} requests/s", "rows shown/s"].append(loaded["rows"] / _SECONDS)
    figures[f"{case}, {_RATE} requests/s", "CPU of the window"].append(loaded["cpu"])
    figures[f"{case}, {_RATE} requests/s", "memory of the window"].append(loaded["memory"])
    p99 = figures[f"{case}, {_RATE} requests/s", "lag p99"][-1]
    say(f"window: round {number + 1} {case}: p99 {p99:.1f} ms, {loaded['cpu']:.0f} % CPU")


def _visitors(port: int) -> subprocess.Popen[bytes]:
    seconds = str(_SECONDS + 6)
    path = f"/{TUNNEL}/bytes/1000"
    arguments = [path, "--rate", str(_RATE), "--connections", "10", "--seconds", seconds]
    return subprocess.Popen([sys.executable, "-m", "bench.load", str(port), *arguments], stdout=subprocess.DEVNULL)


def _note(figures: dict[tuple[str, str], list[float]], case: str, lags: list[float]) -> None:
    ordered = sorted(lags)
    for name, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
        figures[case, f"lag {name}"].append(ordered[min(len(ordered) - 1, int(len(ordered) * share))])
