"""`hatchway list`: the tunnels of this computer, running and saved, and the latest requests with their ids."""

from __future__ import annotations

import argparse
import asyncio

from app.cli import exit_codes
from app.cli.exchange_lines import outcome_fields, request_fields, request_line
from app.cli.output import Output
from app.cli.running import run
from app.domain.problems import HatchwayError
from app.engine.paths import Paths, user_paths
from app.engine.running import RunningTunnel, running_tunnels
from app.engine.settings_file import load
from app.engine.workspace import open_workspace


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda _: _main(options))


async def _main(options: argparse.Namespace) -> int:
    output = Output(as_json=options.json)
    try:
        paths = user_paths()
        tunnels = await asyncio.to_thread(_tunnels, paths)
        for tunnel in tunnels:
            output.event({"event": "tunnel", **_fields(tunnel)})
            pid = f"pid {tunnel.pid}" if tunnel.pid else ""
            output.text(f"{tunnel.state:<13}{tunnel.path_url or tunnel.name}  → {tunnel.upstream}  {pid}".rstrip())
        if not tunnels:
            output.text("No tunnels. Start one with: hatchway http 3000")
        async with open_workspace(paths, remember=False) as workspace:
            recent = await workspace.recent_exchanges(options.limit)
        if recent:
            output.text()
        for exchange in reversed(recent):
            output.event({"event": "request", **request_fields(exchange), **outcome_fields(exchange)})
            output.text(request_line(exchange, colour=output.colour))
        return exit_codes.OK
    except HatchwayError as error:
        output.problem(error.problem)
        return exit_codes.FAILED
    finally:
        output.close()


def _tunnels(paths: Paths) -> list[RunningTunnel]:
    running = running_tunnels(paths)
    names = {tunnel.name for tunnel in running}
    settings, _ = load(paths.settings_file)
    saved = [
        RunningTunnel(spec.name, 0, spec.upstream.origin, "stopped")
        for spec in settings.tunnels
        if spec.name not in names
    ]
    return [*running, *saved]


def _fields(tunnel: RunningTunnel) -> dict[str, object]:
    urls = {"path": tunnel.path_url, "host": tunnel.host_url} if tunnel.path_url else None
    return {
        "tunnel": tunnel.name,
        "state": tunnel.state,
        "upstream": tunnel.upstream,
        "urls": urls,
        "pid": tunnel.pid or None,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many requests (20)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
