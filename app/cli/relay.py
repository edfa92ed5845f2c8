"""`hatchway relay`: the relay on its own, on any server."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from app.cli import exit_codes
from app.cli.arguments import seconds, size
from app.cli.output import Output
from app.cli.running import run, threadsafe
from app.domain.problems import HatchwayError, fail
from app.domain.settings import DEFAULT_RELAY_PORT
from app.domain.tasks import spawn


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda ended: _main(options, ended))


async def _main(options: argparse.Namespace, ended: asyncio.Event) -> int:
    # Only this command needs the server; importing it would slow every other one down.
    from app.relay.application import RelayConfig
    from app.relay.server import RelayServer, bind
    from app.relay.tokens import read_token_file

    output = Output(as_json=options.json, on_closed=threadsafe(ended))
    try:
        host, port = _listen(options.listen)
        config = RelayConfig(
            host=host,
            port=port,
            public_url=None if options.public_url is None else _public_url(options.public_url),
            tokens=() if options.token_file is None else tuple(read_token_file(options.token_file)),
            max_body=options.max_body,
            deadline=options.deadline,
        )
        listener = bind(config)

        def ready(url: str) -> None:
            output.event({"event": "relay.online", "url": url, "listen": f"{host}:{listener.getsockname()[1]}"})
            output.text(f"Relay at {url} (listening on {host}:{listener.getsockname()[1]}). Ctrl+C ends it.")

        server = RelayServer(config, listener, ready)
        serving = spawn(server.run_until_told(), name="relay")
        ending = spawn(ended.wait(), name="end of the relay")
        await asyncio.wait((serving, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        server.should_exit = True
        await serving
        return exit_codes.OK
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


def _listen(text: str) -> tuple[str, int]:
    """`HOST:PORT`, `[::1]:PORT`, `:PORT` or `PORT`."""
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = "127.0.0.1", text
    host = host.removeprefix("[").removesuffix("]") or "0.0.0.0"
    if not port.isdecimal() or int(port) > 65535:
        raise fail("bad_address", f"“{text}” is not HOST:PORT", "you", "Use for example 127.0.0.1:4780.")
    return host, int(port)


def _public_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/")
        # Agents take ASCII only: what they get is printed and put on the clipboard.
        valid = (
            valid
            and text.isascii()
            and text.isprintable()
            and not parts.query
            and not parts.fragment
            and parts.username is None
            and parts.port != 0
        )
    except ValueError:
        valid = False
    if not valid:
        raise fail("bad_public_url", f"“{text}” is not a public URL", "you", "Use for example https://t.example.com")
    return text.rstrip("/")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "--listen",
        default=f"127.0.0.1:{DEFAULT_RELAY_PORT}",
        metavar="HOST:PORT",
        help=f"where (127.0.0.1:{DEFAULT_RELAY_PORT})",
    )
    parser.add_argument("--public-url", metavar="URL", help="where visitors reach it, if a proxy stands in front")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="one `token` or `name:token` a line; required where others reach it",
    )
    parser.add_argument("--max-body", type=size, metavar="SIZE", help="largest request body, e.g. 100M (no limit)")
    parser.add_argument("--deadline", type=seconds, default=120.0, metavar="SECONDS", help="until an answer (120)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
