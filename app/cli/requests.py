"""`hatchway requests [FILTER]`: the recorded requests, also those of other processes, and new ones as they come."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from app.cli import exit_codes
from app.cli.arguments import count
from app.cli.exchange_lines import notices, outcome_fields, request_fields, request_line
from app.cli.filters import read_filter
from app.cli.output import Output
from app.cli.running import run, threadsafe
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import HatchwayError
from app.engine.archive_api import Archive
from app.engine.paths import user_paths
from app.engine.workspace import open_workspace
from app.filter.filter import Filter

_POLL_SECONDS = 0.4
_LOOK_BACK = 500
"""Newest exchanges that are looked at in each round: enough for a thousand requests a second."""


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda ended: _main(options, ended))


async def _main(options: argparse.Namespace, ended: asyncio.Event) -> int:
    output = Output(as_json=options.json, on_closed=threadsafe(ended))
    try:
        where = read_filter(" ".join(options.filter), output)
        if where is None:
            return exit_codes.USAGE
        async with open_workspace(user_paths(), remember=False, listener=notices(output)) as workspace:
            recent = await workspace.archive.page(options.limit, where=where)
            for exchange in reversed(recent):
                _print(exchange, output)
            if options.follow:
                await _follow(workspace.archive, where, recent, output, ended)
            elif not recent:
                what = (
                    "No requests match." if where.active else "No requests yet. Start a tunnel with: hatchway http 3000"
                )
                output.text(what)
        return exit_codes.OK
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


async def _follow(
    archive: Archive, where: Filter, known: Sequence[Exchange], output: Output, ended: asyncio.Event
) -> None:
    """Print what begins to match from now on, once it is over."""
    told = {exchange.id for exchange in known if exchange.state is not ExchangeState.RUNNING}
    newest = await archive.page(_LOOK_BACK)
    # What was over before we began is history, whether it was in the first lines or not.
    told |= {exchange.id for exchange in newest if exchange.state is not ExchangeState.RUNNING}
    while not ended.is_set():
        found = await archive.page(_LOOK_BACK, where=where)
        fresh = [each for each in found if each.id not in told and each.state is not ExchangeState.RUNNING]
        for exchange in reversed(fresh):
            _print(exchange, output)
        told |= {exchange.id for exchange in fresh}
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                await ended.wait()
        except TimeoutError:
            continue


def _print(exchange: Exchange, output: Output) -> None:
    output.event({"event": "request", **request_fields(exchange), **outcome_fields(exchange)})
    output.text(request_line(exchange, colour=output.colour))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("filter", nargs="*", metavar="FILTER", help="such as: status:5xx path:/api (docs/filters.md)")
    parser.add_argument("--follow", "-f", action="store_true", help="go on with new ones until Ctrl+C")
    parser.add_argument("--limit", type=count, default=50, metavar="N", help="how many of the newest (50)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
