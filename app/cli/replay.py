"""`hatchway replay ID`: send a recorded request to its service again, and say whether it is fixed."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict

from app.cli import exit_codes
from app.cli.arguments import count, seconds
from app.cli.exchange_lines import human_size, notices, outcome_fields, request_fields
from app.cli.output import Output, printable
from app.cli.recorded import LAST, find
from app.cli.running import run
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import HatchwayError
from app.domain.replay import ReplayTarget
from app.domain.tasks import spawn
from app.engine.paths import user_paths
from app.engine.workspace import LiveWorkspace, open_workspace
from app.replay.expectation import Expectation, Result, check_expectations, parse_expectations
from app.replay.judgement import Judgement


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda ended: _main(options, ended))


async def _main(options: argparse.Namespace, ended: asyncio.Event) -> int:
    output = Output(as_json=options.json)
    try:
        expected = [each for text in options.expect or [] for each in parse_expectations(text)]
        async with open_workspace(user_paths(), remember=False, listener=notices(output)) as workspace:
            original = await find(workspace, options.id)
            replaying = spawn(_replay(workspace, original, expected, options, output), name="replay")
            interrupted = spawn(ended.wait(), name="interrupt")
            await asyncio.wait((replaying, interrupted), return_when=asyncio.FIRST_COMPLETED)
            interrupted.cancel()
            if not replaying.done():
                replaying.cancel()
                await asyncio.wait((replaying,))
                return exit_codes.NO_ANSWER
            return replaying.result()
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


async def _replay(
    workspace: LiveWorkspace,
    original: Exchange,
    expected: list[Expectation],
    options: argparse.Namespace,
    output: Output,
) -> int:
    target = ReplayTarget(url=options.to) if options.to else None
    code = exit_codes.OK
    for number in range(options.times):
        if number:
            await asyncio.sleep(options.delay)
        again = await workspace.replays.send(
            original.id,
            target=target,
            verify_tls=False if options.insecure else None,
            response_timeout=options.timeout,
            resign=not options.as_captured,
        )
        judgement = await workspace.replays.judgement(again.id)
        results = await asyncio.to_thread(check_expectations, expected, again)
        _report(output, original, again, judgement, results)
        code = code or _code(again, results)
    return code


def _code(again: Exchange, results: list[Result]) -> int:
    if again.state is not ExchangeState.DONE:
        return exit_codes.NO_ANSWER
    return exit_codes.OK if all(result.passed for result in results) else exit_codes.NOT_AS_EXPECTED


def _report(
    output: Output, original: Exchange, again: Exchange, judgement: Judgement | None, results: list[Result]
) -> None:
    output.event({
        "event": "replay.finished",
        **request_fields(again),
        **outcome_fields(again),
        "original_status": original.status,
        "verdict": None if judgement is None else judgement.verdict.value,
        "explanation": None if judgement is None else judgement.explanation,
        "differences": [] if judgement is None else [asdict(each) for each in judgement.differences],
        "expectations": [
            {"expect": each.expectation.text, "passed": each.passed, "actual": each.actual} for each in results
        ],
    })  # fmt: skip
    if again.state is not ExchangeState.DONE and again.problem is not None:
        output.text(f"{again.method} {printable(again.target)} → no answer. {printable(str(again.problem))}")
    else:
        was = "no answer" if original.status is None else str(original.status)
        output.text(
            f"{again.method} {printable(again.target)} → {again.status} in {again.duration_ms or 0:.0f} ms, "
            f"{human_size(again.response_body.size)} (was {was})  {again.id}"
        )
    if judgement is not None:
        words = judgement.verdict.value.replace("-", " ")
        output.text(f"  {words}: {printable(judgement.explanation)}")
    for result in results:
        found = "" if result.passed else f", but: {printable(result.actual)}"
        output.text(f"  {'ok  ' if result.passed else 'FAIL'} {printable(result.expectation.text)}{found}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("id", metavar="ID", help=f"id of the exchange, or “{LAST}”")
    parser.add_argument(
        "--expect", action="append", metavar="LIST", help="what the answer must be: status=200,json=.ok,time<500ms"
    )
    parser.add_argument("--to", metavar="ADDRESS", help="another service: 3000, or https://staging.example.com")
    parser.add_argument("--as-captured", action="store_true", help="do not make webhook signatures anew")
    parser.add_argument("--times", type=count, default=1, metavar="N", help="how often (1)")
    parser.add_argument("--delay", type=seconds, default=0.0, metavar="SECONDS", help="between two of them (0)")
    parser.add_argument("--insecure", action="store_true", help="accept a self-signed certificate of the service")
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="until the head of the answer (60)")
    parser.add_argument("--json", action="store_true", help="one JSON object for each replay on stdout")
