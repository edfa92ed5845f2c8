"""The commands and their options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from app import __version__
from app.cli import backends, deploy, doctor, har, http, import_har, list, relay, replay, requests, show

_EPILOG = """exit codes: 0 done (also after Ctrl+C), 1 unexpected failure, 2 wrong arguments, 3 refused (name taken,
wrong token, port in use), 4 no such exchange, 5 a replay or a page got no answer, 6 the doctor found something,
7 a replay got another answer than expected"""


def build_parser() -> argparse.ArgumentParser:
    """`command` is None for the window, else the function that runs the chosen command."""
    parser = argparse.ArgumentParser(
        prog="hatchway",
        description="Put local web services on public URLs, watch every request, replay any of them. "
        "Without a command: opens the window.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"hatchway {__version__}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, module, words in (
        ("http", http, "put a local service on a public URL"),
        ("relay", relay, "run the relay on its own"),
        ("list", list, "show tunnels and the latest requests"),
        ("requests", requests, "find recorded requests, and follow new ones"),
        ("show", show, "show one recorded request, whole"),
        ("replay", replay, "send a recorded request again, and say whether it is fixed"),
        ("har", har, "write recorded requests into a HAR file"),
        ("import", import_har, "record the requests of a HAR file"),
        ("deploy", deploy, "make, change or take down a backend in your AWS account"),
        ("backends", backends, "show and choose where tunnels run"),
        ("doctor", doctor, "tell what goes wrong with a page through a tunnel only"),
    ):
        sentence = f"{words[0].upper()}{words[1:]}."
        command = commands.add_parser(
            name, help=words, description=sentence, epilog=_EPILOG, allow_abbrev=False
        )  # fmt: skip
        module.add_arguments(command)
        command.set_defaults(command=module.main)
    return parser


def protect_negations(arguments: Sequence[str]) -> Sequence[str]:
    """`-status:404` is a condition of a filter, not an option; `!status:404` means the same to the filter."""
    if not arguments or arguments[0] not in ("requests", "har"):
        return arguments
    return [
        f"!{each[1:]}" if len(each) > 2 and each[0] == "-" and each[1] != "-" else each for each in arguments
    ]  # fmt: skip
