"""`hatchway http TARGET`: one tunnel, headless, until it is told to end."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
from dataclasses import replace
from pathlib import Path
from typing import get_args

from app.agent.connection import Endpoint
from app.cli import exit_codes
from app.cli.arguments import seconds
from app.cli.cost_lines import tell_cost
from app.cli.exchange_lines import (
    SCOPES,
    online_event,
    outcome_fields,
    request_fields,
    request_line,
    rewritten_event,
)
from app.cli.output import Output, printable, problem_fields
from app.cli.running import run, threadsafe
from app.domain.backend import EMBEDDED
from app.domain.events import Event, ExchangeFinished, ExchangeRewritten, ExchangeStarted, Notice, TunnelChanged
from app.domain.problems import HatchwayError, Problem, fail
from app.domain.relay_address import agent_url_of
from app.domain.tunnel import Forwarded, TunnelSpec, TunnelState, TunnelStatus, check_name
from app.domain.upstream import Upstream, parse_upstream
from app.engine.garbage import collecting_when_quiet
from app.engine.paths import user_paths
from app.engine.settings_file import peek
from app.engine.tokens import read_token
from app.engine.workspace import LiveWorkspace, open_workspace
from backend_lambda.protocol.messages import Mode

DEMO = "demo"
_NO_HOST = Problem(
    "no_host_url",
    "This relay has no URLs with a host of their own",
    "relay",
    "Use another mode, or a relay whose public URL has a name with sub-domains.",
)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda ended: _main(options, ended))


async def _main(options: argparse.Namespace, ended: asyncio.Event) -> int:
    output = Output(as_json=options.json, on_closed=threadsafe(ended))
    try:
        return await _tunnel(options, output, ended)
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    finally:
        output.close()


async def _tunnel(options: argparse.Namespace, output: Output, ended: asyncio.Event) -> int:
    upstream = None if options.target == DEMO else parse_upstream(options.target)
    name = None if options.name is None else check_name(options.name)
    endpoint, backend = await _place(options)
    reporter = _Reporter(output, ended)
    async with open_workspace(user_paths(), remember=False, endpoint=endpoint, listener=reporter) as workspace:
        service = upstream if upstream is not None else await workspace.start_demo()
        if name is None:
            name = _stable_name(workspace.owner, upstream)
        spec = TunnelSpec(
            name,
            service,
            host_header=options.host_header,
            forwarded=options.forwarded,
            mode=options.mode,
            rewrite_oauth=options.rewrite_oauth,
            verify_tls=not options.insecure,
            backend=backend,
        )
        if options.timeout is not None:
            spec = replace(spec, response_timeout=options.timeout)
        await workspace.add_tunnel(spec)
        with collecting_when_quiet(workspace):
            await ended.wait()
        _report_dropped(workspace, output)
    tell_cost(name, workspace.usage(spec.id), output)
    if reporter.refused is not None:
        output.error(reporter.refused)
        return exit_codes.of(reporter.refused)
    return exit_codes.OK


class _Reporter:
    """Prints events as they come; with --json, `tunnel.online` comes first whatever else there is to say."""

    def __init__(self, output: Output, ended: asyncio.Event) -> None:
        self._output = output
        self._ended = ended
        self._online_once = False
        self._early: list[Problem] = []
        self.refused: Problem | None = None

    def __call__(self, event: Event) -> None:
        output = self._output
        match event:
            case ExchangeStarted(exchange):
                if output.as_json:
                    output.event({"event": "request.started", **request_fields(exchange)})
            case ExchangeFinished(exchange):
                if output.as_json:
                    output.event(
                        {"event": "request.finished", **request_fields(exchange), **outcome_fields(exchange)}
                    )  # fmt: skip
                else:
                    output.text(request_line(exchange, colour=output.colour))
            case ExchangeRewritten():
                output.event(rewritten_event(event))
            case TunnelChanged(status):
                self._tunnel(status)
            case Notice(problem):
                self._early.append(problem)
                if self._online_once or not output.as_json:
                    self.tell_early()

    def tell_early(self) -> None:
        """Say what had to wait."""
        for problem in self._early:
            self._output.notice(problem)
        self._early.clear()

    def _tunnel(self, status: TunnelStatus) -> None:
        match status.state:
            case TunnelState.ONLINE if status.urls is not None:
                self._output.event(online_event(status))
                again = f"Online again: {printable(_urls(status)[0])}"
                self._output.text(again if self._online_once else _banner(status))
                if status.spec.mode == "host" and not status.urls.host and not self._online_once:
                    self._early.append(_NO_HOST)
                self._online_once = True
                self.tell_early()
            case TunnelState.FAILED:
                self.refused = status.problem
                self.tell_early()
                self._ended.set()
            case TunnelState.RECONNECTING if status.problem is not None:
                self._reconnecting(status, status.problem)

    def _reconnecting(self, status: TunnelStatus, problem: Problem) -> None:
        wait = max(0.0, (status.retry_at or 0) - status.since)
        when = f"in {wait:.0f} s" if wait >= 1 else "now"
        words = f"Not connected: {printable(str(problem))} Retrying {when}."
        if not self._output.as_json:
            self._output.text(words)
        elif self._online_once:
            fields = problem_fields(problem)
            self._output.event(
                {"event": "tunnel.reconnecting", "tunnel": status.spec.name, "retry_in": round(wait, 3), **fields}
            )
        else:
            self._output.aside(words)


def _banner(status: TunnelStatus) -> str:
    first, *others = _urls(status)
    lines = [
        "",
        f"  {printable(first)}   ({SCOPES[status.scope]})",
        *(f"  {printable(other)}" for other in others),
        f"  → {printable(status.spec.upstream.origin)}",
        "",
        "  Ctrl+C ends the tunnel. Replay a request with: hatchway replay ID",
        "",
    ]
    return "\n".join(lines)


def _urls(status: TunnelStatus) -> list[str]:
    """The one to use first."""
    assert status.urls is not None
    urls = [status.public_url, status.urls.path, status.urls.host]
    return [url for url in dict.fromkeys(urls) if url is not None]


def _stable_name(key: str, upstream: Upstream | None) -> str:
    """The same target gets the same name, and so the same URL, on every start; nobody else can guess it."""
    what = DEMO if upstream is None else upstream.origin
    digest = hmac.digest(key.encode(), f"name {what}".encode(), hashlib.sha256)
    suffix = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:6])
    return f"{DEMO if upstream is None else f'port-{upstream.port}'}-{suffix}"


async def _place(options: argparse.Namespace) -> tuple[Endpoint | None, str]:
    """Where the tunnel runs: an address of the command line's, or else the id of a backend."""
    if options.relay is not None:
        if options.backend is not None:
            raise fail("bad_relay_url", "--relay and --backend exclude each other", "you", "Use one of them.")
        return _endpoint(options), EMBEDDED
    settings = await asyncio.to_thread(peek, user_paths().settings_file)
    chosen = settings.default_backend if options.backend is None else options.backend
    if chosen == EMBEDDED:
        return _endpoint(options), EMBEDDED
    profile = next((each for each in settings.backends if chosen in (each.id, each.name)), None)
    if profile is None:
        raise fail(
            "unknown_backend", f"There is no backend “{chosen}”", "you", "`hatchway backends list` shows all."
        )  # fmt: skip
    # Where there is no keyring, as on a server, the token is given.
    if token := read_token(options.token_file):
        return Endpoint(agent_url_of(profile.agent_url), token), EMBEDDED
    return None, profile.id


def _endpoint(options: argparse.Namespace) -> Endpoint | None:
    """The relay of --relay, None for the embedded one."""
    if options.relay is None:
        if options.token_file is not None:
            raise fail("bad_relay_url", "--token-file needs --relay or --backend", "you", "Add --relay URL.")
        return None
    return Endpoint(agent_url_of(options.relay), read_token(options.token_file))


def _report_dropped(workspace: LiveWorkspace, output: Output) -> None:
    if dropped := workspace.archive.dropped:
        output.event({"event": "capture.dropped", "count": dropped})
        output.text(f"{dropped} requests were forwarded but not recorded (overload).")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "target", metavar="TARGET", help="port, host:port or http(s) URL of the service; “demo” for the built-in one"
    )
    parser.add_argument(
        "--name", metavar="NAME", help="public name, one DNS label (default: a stable, unguessable one)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    parser.add_argument(
        "--host-header", choices=("upstream", "public"), default="upstream", help="which Host the service sees"
    )
    parser.add_argument(
        "--mode", choices=get_args(Mode), default="auto", help="how answers are rewritten for their place below a path"
    )
    parser.add_argument(
        "--forwarded",
        choices=get_args(Forwarded),
        default="localhost",
        help="whether the service is told of its public address (X-Forwarded-*)",
    )
    parser.add_argument(
        "--rewrite-oauth", action="store_true", help="sign-in redirects lead back to the public address"
    )
    parser.add_argument("--insecure", action="store_true", help="accept a self-signed certificate of the service")
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="until the head of an answer (60)")
    parser.add_argument("--backend", metavar="NAME", help="where it runs, see “hatchway backends” (the chosen one)")
    parser.add_argument("--relay", metavar="URL", help="a relay elsewhere instead of a backend that is set up")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="its token (default: $HATCHWAY_RELAY_TOKEN)")
