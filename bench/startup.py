"""From the start of the process to the tunnel's URL, to the first answered request, and to a usable window."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict

from bench.processes import TUNNEL, environment, home, stop, upstream, wait_for
from bench.report import Result, result, say
from bench.window_start import display, window

_WINDOW_BUDGET = 2.0  # s
Figures = dict[tuple[str, str], list[float]]


def run(rounds: int, seconds: float) -> list[Result]:
    """Cold: no compiled modules, as at the first start after an installation (files may be in the disk cache).
    Warm: every later start."""
    figures: Figures = defaultdict(list)
    with upstream() as (port, _service), display() as screen:
        say(f"startup: window on {screen['QT_QPA_PLATFORM']}")
        for number in range(rounds):
            with tempfile.TemporaryDirectory(prefix="hatchway-bench-") as bytecode:
                for temper in ("cold", "warm", "warm"):
                    _command(figures, temper, port, bytecode)
            with tempfile.TemporaryDirectory(prefix="hatchway-bench-") as bytecode:
                for temper in ("cold", "warm", "warm"):
                    _window(figures, temper, port, bytecode, screen)
            say(f"startup: round {number + 1} " + ", ".join(f"{' '.join(k)} {v[-1]:.2f} s" for k, v in figures.items()))
    return [
        result(
            "startup", case, metric, "s", values,
            below=_WINDOW_BUDGET if metric == "window usable" else None,
        )
        for (case, metric), values in figures.items()
    ]  # fmt: skip


def _command(figures: Figures, temper: str, port: int, bytecode: str) -> None:
    case = f"hatchway http, {temper}"
    with home() as (directory, relay_port):
        begun = time.time()
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "http", str(port), "--name", TUNNEL, "--json"],
            stdout=subprocess.PIPE,
            env=environment(directory, PYTHONPYCACHEPREFIX=bytecode),
        )
        try:
            assert process.stdout is not None
            first = json.loads(process.stdout.readline())
            if first["event"] != "tunnel.online":
                raise RuntimeError(f"unexpected: {first}")
            figures[case, "tunnel online"].append(time.time() - begun)
            answered = wait_for(f"http://127.0.0.1:{relay_port}/{TUNNEL}/bytes/1", process)
            figures[case, "first public request"].append(answered - begun)
        finally:
            stop(process)


def _window(figures: Figures, temper: str, port: int, bytecode: str, screen: dict[str, str]) -> None:
    with home() as (directory, _), window(directory, display=screen, PYTHONPYCACHEPREFIX=bytecode) as (shown, begun):
        case = f"window, first screen, {temper}"
        figures[case, "window shown"].append(shown.wait("shown")["time"] - begun)
        figures[case, "window usable"].append(shown.wait("usable")["time"] - begun)
    if temper == "cold":
        return
    tunnel = f'[[tunnels]]\nname = "{TUNNEL}"\nupstream = "http://127.0.0.1:{port}"\nenabled = true\n'
    with (
        home(tunnel) as (directory, relay_port),
        window(directory, "--stay", display=screen, PYTHONPYCACHEPREFIX=bytecode) as (shown, begun),
    ):
        case = f"window, one saved tunnel, {temper}"
        figures[case, "window usable"].append(shown.wait("usable")["time"] - begun)
        figures[case, "tunnel online"].append(shown.wait("online")["time"] - begun)
        answered = wait_for(f"http://127.0.0.1:{relay_port}/{TUNNEL}/bytes/1", shown.process)
        figures[case, "first public request"].append(answered - begun)
