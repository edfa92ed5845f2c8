"""`hatchway import FILE`: the requests of a HAR file into the history."""

from __future__ import annotations

import argparse

from app.cli import exit_codes
from app.cli.arguments import absolute
from app.cli.exchange_lines import notices
from app.cli.output import Output
from app.cli.running import run
from app.domain.problems import HatchwayError
from app.engine.paths import user_paths
from app.engine.transfer import import_har
from app.engine.workspace import open_workspace


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda _: _main(options))


async def _main(options: argparse.Namespace) -> int:
    output = Output(as_json=options.json)
    try:
        async with open_workspace(user_paths(), remember=False, listener=notices(output)) as workspace:
            count = await import_har(workspace.archive, absolute(options.file))
        output.event({"event": "har.imported", "requests": count})
        what = "1 request" if count == 1 else f"{count} requests"
        output.text(f"{what} imported. See: hatchway requests is:imported")
        return exit_codes.OK
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("file", metavar="FILE", help="a HAR file of a browser, a proxy or Hatchway")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
