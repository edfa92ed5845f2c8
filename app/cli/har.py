"""`hatchway har [FILTER] --output FILE`: recorded requests as a HAR file, without secrets."""

from __future__ import annotations

import argparse

from app.cli import exit_codes
from app.cli.arguments import absolute
from app.cli.exchange_lines import notices
from app.cli.filters import read_filter
from app.cli.output import Output
from app.cli.running import run
from app.domain.problems import HatchwayError
from app.engine.paths import user_paths
from app.engine.transfer import export_har
from app.engine.workspace import open_workspace


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda _: _main(options))


async def _main(options: argparse.Namespace) -> int:
    output = Output(as_json=options.json)
    try:
        where = read_filter(" ".join(options.filter), output)
        if where is None:
            return exit_codes.USAGE
        path = absolute(options.output)
        async with open_workspace(user_paths(), remember=False, listener=notices(output)) as workspace:
            count = await export_har(workspace.archive, path, where=where, redact=not options.with_secrets)
        output.event(
            {"event": "har.written", "file": str(path), "requests": count, "redacted": not options.with_secrets}
        )
        what = "1 request" if count == 1 else f"{count} requests"
        secrets = "WITH secrets" if options.with_secrets else "without secrets"
        output.text(f"{what} written to {options.output}, {secrets}.")
        return exit_codes.OK
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("filter", nargs="*", metavar="FILTER", help="such as: status:5xx path:/api (docs/filters.md)")
    parser.add_argument("--output", "-o", required=True, metavar="FILE", help="where to write")
    parser.add_argument("--with-secrets", action="store_true", help="do not replace secrets by placeholders")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
