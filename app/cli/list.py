"""`hatchway list`: the tunnels of this computer, running and saved, and the latest requests with their ids."""

from __future__ import annotations

import argparse
import asyncio

from app.cli import exit_codes
from app.cli.arguments import count
from app.cli.cost_lines import cost_fields, cost_words
from app.cli.exchange_lines import notices, outcome_fields, request_fields, request_line
from app.cli.output import Output, printable
from app.cli.running import run
from app.domain.problems import HatchwayError
from app.domain.settings import Settings
from app.engine.paths import Paths, user_paths
from app.engine.running import RunningTunnel, running_tunnels
from app.engine.workspace import open_workspace


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda _: _main(options))


async def _main(options: argparse.Namespace) -> int:
    output = Output(as_json=options.json)
    try:
        paths = user_paths()
        async with open_workspace(paths, remember=False, listener=notices(output)) as workspace:
            recent = await workspace.archive.page(options.limit)
            tunnels = await asyncio.to_thread(_tunnels, paths, workspace.settings)
            usage = workspace.usage_book.report_of
        for tunnel in tunnels:
            output.event({"event": "tunnel", **_fields(tunnel), "cost": cost_fields(usage(tunnel.name))})
            output.text(_line(tunnel, cost_words(usage(tunnel.name))))
        if not tunnels:
            output.text("No tunnels. Start one with: hatchway http 3000")
        if recent:
            output.text()
        for exchange in reversed(recent):
            output.event({"event": "request", **request_fields(exchange), **outcome_fields(exchange)})
            output.text(request_line(exchange, colour=output.colour))
        return exit_codes.OK
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


def _tunnels(paths: Paths, settings: Settings) -> list[RunningTunnel]:
    running = running_tunnels(paths)
    names = {tunnel.name for tunnel in running}
    saved = [
        RunningTunnel(spec.name, 0, spec.upstream.origin, "stopped", mode=spec.mode)
        for spec in settings.tunnels
        if spec.name not in names
    ]
    return [*running, *saved]


def _line(tunnel: RunningTunnel, cost: str = "") -> str:
    """One tunnel for people."""
    url = (tunnel.mode == "host" and tunnel.host_url) or tunnel.path_url or tunnel.name
    parts = [f"{tunnel.state:<13}{url}", f"→ {tunnel.upstream}"]
    if tunnel.mode != "auto":
        parts.append(f"mode {tunnel.mode}")
    if tunnel.pid:
        parts.append(f"pid {tunnel.pid}")
    if cost:
        parts.append(cost)
    return printable("  ".join(parts))


def _fields(tunnel: RunningTunnel) -> dict[str, object]:
    urls = {"path": tunnel.path_url, "host": tunnel.host_url} if tunnel.path_url else None
    return {
        "tunnel": tunnel.name,
        "state": tunnel.state,
        "upstream": tunnel.upstream,
        "mode": tunnel.mode,
        "urls": urls,
        "pid": tunnel.pid or None,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="how many requests (20)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
