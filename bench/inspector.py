"""The window with 50 000 recorded requests: memory when all of them were scrolled through, how soon a filter shows, and
how late its frames are while 500 new rows a second arrive.

Lag is what a sleep of 5 ms takes longer than 5 ms on the window's loop, which also paints. Nothing else runs: the
requests are published as the agent would, and recorded.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from app.engine.archive import LiveArchive
from app.engine.paths import Paths
from app.history.store import History
from bench.history import COUNT, exchanges
from bench.processes import environment, home, stop
from bench.report import Result, result, say
from bench.window_start import Window, display

_TUNNEL = '[[tunnels]]\nname = "shop"\nupstream = "http://127.0.0.1:9"\nenabled = false\n'
_SECONDS = 10.0
_UNITS = {"memory": "MB", "CPU": "%", "rows/s": "/s", "captures dropped": ""}
_SEARCH_BUDGET = 300.0  # ms
_BUDGETS = {"memory": 400.0, "lag p95": 16.0, "shown": 100.0}


def run(rounds: int, seconds: float) -> list[Result]:
    """seconds is of no use here: shorter than ten, a round would not see the list trimmed."""
    figures: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number in range(rounds):
        with home(_TUNNEL) as (directory, _), display() as screen:
            asyncio.run(_fill(directory))
            _measure(directory, screen, figures)
        say(f"inspector: round {number + 1}: " + ", ".join(f"{case} {metric} {values[-1]:.1f}"
            for (case, metric), values in figures.items() if metric in _BUDGETS))  # fmt: skip
    return [
        result("inspector", case, metric, _UNITS.get(metric, "ms"), values, below=_budget(case, metric))
        for (case, metric), values in figures.items()
    ]


def _budget(case: str, metric: str) -> float | None:
    searches = metric == "shown" and case.startswith("body:")
    return _SEARCH_BUDGET if searches else _BUDGETS.get(metric)


async def _fill(directory: Path) -> None:
    file = Paths(directory / "config", directory / "data", directory / "state").history_file
    file.parent.mkdir()
    history, _ = await History.open(file)
    await LiveArchive(history, {}, lambda _: None).add(exchanges())
    await history.close()


def _measure(directory: Path, screen: dict[str, str], figures: dict[tuple[str, str], list[float]]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.inspector_process", str(_SECONDS)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(directory, **screen),
    )
    window = Window(process)
    try:
        scrolled = window.wait("scrolled")
        if scrolled["rows"] < COUNT:
            raise RuntimeError(f"only {scrolled['rows']} rows could be scrolled through")
        figures["all rows seen", "memory"].append(scrolled["memory"])
        for text, took in window.wait("filtered")["times"].items():
            figures[text, "shown"].append(took)
        for _ in range(3):
            loaded = window.wait("loaded")
            _note(loaded, figures)
    finally:
        stop(process)


def _note(loaded: dict[str, object], figures: dict[tuple[str, str], list[float]]) -> None:
    case, late = str(loaded["case"]), loaded["lags"]
    assert isinstance(late, list)
    ordered = sorted(late)
    for name, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
        figures[case, f"lag {name}"].append(ordered[min(len(ordered) - 1, int(len(ordered) * share))])
    for metric in ("memory", "CPU", "rows/s", "captures dropped"):
        value = loaded[metric]
        assert isinstance(value, float | int)
        figures[case, metric].append(value)
