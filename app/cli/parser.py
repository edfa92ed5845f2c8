"""The commands and their options."""

from __future__ import annotations

import argparse

from app import __version__
from app.cli import doctor, http, list, relay, replay

_EPILOG = """exit codes: 0 done (also after Ctrl+C), 1 unexpected failure, 2 wrong arguments, 3 refused (name taken,
wrong token, port in use), 4 no such exchange, 5 a replay or a page got no answer, 6 the doctor found something"""


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
        ("replay", replay, "send a recorded request again"),
        ("list", list, "show tunnels and the latest requests"),
        ("doctor", doctor, "tell what goes wrong with a page through a tunnel only"),
    ):
        sentence = f"{words[0].upper()}{words[1:]}."
        command = commands.add_parser(
            name, help=words, description=sentence, epilog=_EPILOG, allow_abbrev=False
        )  # fmt: skip
        module.add_arguments(command)
        command.set_defaults(command=module.main)
    return parser
