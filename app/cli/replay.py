"""`hatchway replay ID`: send a recorded request to its service again."""

from __future__ import annotations

import argparse
import asyncio

from app.cli import exit_codes
from app.cli.arguments import seconds
from app.cli.exchange_lines import human_size, notices, outcome_fields, request_fields
from app.cli.output import Output, printable
from app.cli.running import run
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import HatchwayError, fail
from app.domain.tasks import spawn
from app.engine.paths import user_paths
from app.engine.workspace import LiveWorkspace, open_workspace

LAST = "last"


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda ended: _main(options, ended))


async def _main(options: argparse.Namespace, ended: asyncio.Event) -> int:
    output = Output(as_json=options.json)
    try:
        async with open_workspace(user_paths(), remember=False, listener=notices(output)) as workspace:
            if options.id == LAST:
                original = await workspace.last_exchange()
            else:
                original = await workspace.exchange(options.id) if options.id.isascii() else None
            if original is None:
                what = "no exchange yet" if options.id == LAST else f"no exchange {printable(options.id)}"
                raise fail("unknown_exchange", f"There is {what}", "you", "See: hatchway list")
            sending = spawn(_send(workspace, original, options), name="replay")
            interrupted = spawn(ended.wait(), name="interrupt")
            await asyncio.wait((sending, interrupted), return_when=asyncio.FIRST_COMPLETED)
            interrupted.cancel()
            if not sending.done():
                sending.cancel()
                await asyncio.wait((sending,))
                return exit_codes.NO_ANSWER
            again = sending.result()
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    else:
        _report(output, original, again)
        return exit_codes.OK if again.state is ExchangeState.DONE else exit_codes.NO_ANSWER
    finally:
        output.close()


async def _send(workspace: LiveWorkspace, original: Exchange, options: argparse.Namespace) -> Exchange:
    verify_tls = False if options.insecure else None
    return await workspace.replay(original.id, verify_tls=verify_tls, response_timeout=options.timeout)


def _report(output: Output, original: Exchange, again: Exchange) -> None:
    fields = {**request_fields(again), **outcome_fields(again), "original_status": original.status}
    output.event({"event": "replay.finished", **fields})
    if again.state is not ExchangeState.DONE and again.problem is not None:
        output.text(f"{again.method} {printable(again.target)} → no answer. {printable(str(again.problem))}")
        return
    was = "no answer" if original.status is None else str(original.status)
    output.text(
        f"{again.method} {printable(again.target)} → {again.status} in {again.duration_ms or 0:.0f} ms, "
        f"{human_size(again.response_body.size)} (was {was})  {again.id}"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("id", metavar="ID", help=f"id of the exchange, or “{LAST}”")
    parser.add_argument("--insecure", action="store_true", help="accept a self-signed certificate of the service")
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="until the head of the answer (60)")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
