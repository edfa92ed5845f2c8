"""`hatchway doctor URL`: what goes wrong with a page through a tunnel, and only there."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from typing import get_args

from app.cli import exit_codes
from app.cli.arguments import count, seconds
from app.cli.doctor_lines import Report
from app.cli.output import Output
from app.cli.running import run, threadsafe
from app.doctor.chromium import find_chromium
from app.doctor.diagnosis import Diagnosis
from app.doctor.examination import Examination, is_tunnelled
from app.doctor.look import Plan
from app.doctor.symptoms import layers_of
from app.doctor.targets import KnownTunnel, PageTarget, TunnelPage, foreign_page, parse_target, tunnel_page
from app.domain.events import Event, TunnelChanged
from app.domain.problems import HatchwayError, Problem
from app.domain.tasks import spawn
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus, suggest_name
from app.domain.upstream import Upstream, parse_upstream
from app.engine.paths import Paths, user_paths
from app.engine.running import running_tunnels
from app.engine.workspace import LiveWorkspace, open_workspace
from backend_lambda.protocol.messages import Mode

DEMO = "demo"
_ONLINE_SECONDS = 20.0
_BAD_MODE = Problem(
    "bad_mode",
    "This tunnel runs already, with a mode of its own",
    "you",
    "Leave out --mode, or name the service instead of the tunnel.",
)
_NOT_ONLINE = Problem("not_online", "The tunnel does not come online", "relay", "See hatchway.log.")


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    return run(lambda ended: _main(options, ended))


async def _main(options: argparse.Namespace, ended: asyncio.Event) -> int:
    output = Output(as_json=options.json, on_closed=threadsafe(ended))
    try:
        examining = spawn(_verdict(options, output), name="doctor")
        interrupted = spawn(ended.wait(), name="interrupt")
        await asyncio.wait((examining, interrupted), return_when=asyncio.FIRST_COMPLETED)
        interrupted.cancel()
        if not ended.is_set():
            return examining.result()
        # In a terminal Ctrl+C has ended the driver of the browser, too, of which the loop would complain.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        examining.cancel()
        await asyncio.wait((examining,))
        return exit_codes.NO_ANSWER
    finally:
        output.close()


async def _verdict(options: argparse.Namespace, output: Output) -> int:
    try:
        target = None if options.target == DEMO else parse_target(options.target)
        chromium = await asyncio.to_thread(find_chromium)
        verdict = await _examine(options, output, target, chromium)
    except HatchwayError as error:
        output.error(error.problem)
        return exit_codes.of(error.problem)
    return exit_codes.FOUND if verdict.findings else exit_codes.OK


async def _examine(options: argparse.Namespace, output: Output, target: PageTarget | None, chromium: str) -> Diagnosis:
    report = Report(output, options.wait)
    paths = user_paths()
    async with open_workspace(paths, remember=False, listener=report.listener) as workspace:
        if target is None:
            target = PageTarget(await workspace.start_demo(), "/")
        page = tunnel_page(target, await asyncio.to_thread(_known, paths))
        if page is not None and options.mode is not None:
            raise HatchwayError(_BAD_MODE)
        report.begin()
        plan = Plan(target.path if page is None else page.path, options.wait, options.reload, options.follow)
        examination = Examination(chromium, plan, report.visited, verify_tls=not options.insecure)
        if page is None:
            verdict = await _service(workspace, examination, target, options)
        else:
            verdict = await _tunnel(examination, page)
    report.finish(verdict)
    return verdict


async def _tunnel(examination: Examination, page: TunnelPage) -> Diagnosis:
    """A tunnel of this computer, whose service is known."""
    assert page.tunnel is not None
    service = parse_upstream(page.tunnel.upstream)
    direct = await examination.direct(service)
    return await examination.examine(page.base, service, direct, auto=page.tunnel.mode == "auto")


async def _service(
    workspace: LiveWorkspace, examination: Examination, target: PageTarget, options: argparse.Namespace
) -> Diagnosis:
    """A service, by a tunnel for as long as this takes; or what turns out to be somebody else's tunnel."""
    direct = await examination.direct(target.service)
    if is_tunnelled(direct):
        page = foreign_page(target, layers_of(direct))
        elsewhere = replace(examination, plan=replace(examination.plan, path=page.path))
        return await elsewhere.examine(page.base, None, None, auto=True)
    status = await _temporary_tunnel(workspace, target.service, options)
    assert status.public_url is not None
    base = status.public_url.rstrip("/")
    return await examination.examine(base, target.service, direct, auto=status.spec.mode == "auto")


async def _temporary_tunnel(workspace: LiveWorkspace, service: Upstream, options: argparse.Namespace) -> TunnelStatus:
    """It ends with the workspace. Raises HatchwayError if it does not come online."""
    settled: asyncio.Future[TunnelStatus] = asyncio.get_running_loop().create_future()
    latest: list[TunnelStatus] = []

    def listener(event: Event) -> None:
        if isinstance(event, TunnelChanged):
            latest.append(event.status)
            if event.status.state in (TunnelState.ONLINE, TunnelState.FAILED) and not settled.done():
                settled.set_result(event.status)

    unsubscribe = workspace.subscribe(listener)
    mode: Mode = options.mode or "auto"
    spec = TunnelSpec(suggest_name("doctor"), service, mode=mode, verify_tls=not options.insecure)
    await workspace.add_tunnel(spec)
    try:
        status = await asyncio.wait_for(settled, _ONLINE_SECONDS)
    except TimeoutError:
        status = latest[-1]
    finally:
        unsubscribe()
    if status.state is not TunnelState.ONLINE:
        raise HatchwayError(status.problem or _NOT_ONLINE)
    return status


def _known(paths: Paths) -> list[KnownTunnel]:
    return [
        KnownTunnel(tunnel.name, tunnel.path_url, tunnel.host_url, tunnel.upstream, tunnel.mode)
        for tunnel in running_tunnels(paths)
    ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument(
        "target", metavar="URL", help="a page of a local service (also 3000/page), or of a tunnel; “demo” for the demo"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    parser.add_argument("--mode", choices=get_args(Mode), help="of the tunnel that is made for a service (auto)")
    parser.add_argument(
        "--wait", type=seconds, default=3.0, metavar="SECONDS", help="how long to watch a page that is loaded (3)"
    )
    parser.add_argument("--reload", action="store_true", help="reload the page as well")
    parser.add_argument("--follow", type=count, default=0, metavar="N", help="open up to N pages it links to, too (0)")
    parser.add_argument("--insecure", action="store_true", help="accept a self-signed certificate")
