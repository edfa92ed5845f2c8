"""`hatchway deploy plan|apply|destroy|token`: a backend in an AWS account, without the window."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

from app.backends.api import Deployer
from app.cli import deploy_apply, deploy_token
from app.cli.arguments import count
from app.cli.backend_command import with_backends
from app.cli.output import Output
from app.cli.running import run
from app.domain.deployment import DeployOptions, DomainChoice, FrontDoor
from app.domain.problems import fail
from app.engine.backends import LiveBackends

DEFAULT_NAME = DeployOptions().name
_NO_DOMAIN = "none"
Action = Callable[[argparse.Namespace, LiveBackends, Output, asyncio.Event], Awaitable[None]]


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    action: Action = options.action
    return run(
        lambda ended: with_backends(options.json, lambda backends, output: action(options, backends, output, ended))
    )


async def _plan(options: argparse.Namespace, backends: LiveBackends, output: Output, ended: asyncio.Event) -> None:
    chosen = await _options(options, backends.deployer)
    await deploy_apply.plan(chosen, backends, output, ended)


async def _apply(options: argparse.Namespace, backends: LiveBackends, output: Output, ended: asyncio.Event) -> None:
    chosen = await _options(options, backends.deployer)
    await deploy_apply.apply(chosen, backends, output, ended, sure=options.yes)


async def _destroy(options: argparse.Namespace, backends: LiveBackends, output: Output, ended: asyncio.Event) -> None:
    await deploy_apply.destroy(options.name, options.region, backends, output, ended, sure=options.yes)


async def _options(options: argparse.Namespace, deployer: Deployer) -> DeployOptions:
    """What the command line says; for all that it does not say, what the deployment was made with, if there is one."""
    domain = None
    if options.domain not in (None, _NO_DOMAIN):
        domain = DomainChoice(
            options.domain.lower().rstrip("."), not options.no_wildcard, options.zone_id, options.certificate_arn
        )  # fmt: skip
        if not (domain.zone_id or domain.certificate_arn):
            raise fail(
                "bad_deploy_option",
                "A domain needs --zone-id (Route 53 makes records and certificate) or --certificate-arn",
                "you",
                "See docs/deploy.md.",
            )
    elif options.no_wildcard or options.zone_id or options.certificate_arn:
        raise fail("bad_deploy_option", "--zone-id, --certificate-arn and --no-wildcard belong to --domain", "you")
    said = {
        "region": options.region or None,
        "credentials": options.profile or None,
        "front_door": options.front_door,
        "domain": domain,
        "alarm_email": options.email,
        "monthly_budget": options.budget,
    }
    before = DeployOptions(name=options.name)
    for deployment in await deployer.managed():
        if deployment.name == options.name and options.region in ("", deployment.region):
            known = await deployer.options_of(deployment)
            before = before if known is None else replace(known, region=deployment.region)
    if options.domain == _NO_DOMAIN:
        before = replace(before, domain=None)
    return replace(before, **{key: value for key, value in said.items() if value is not None})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of this command, and their options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, action, words in (
        ("plan", _plan, "show what would be made or changed, and what it costs"),
        ("apply", _apply, "make the backend, upgrade or change it, or go on with one that stopped half-way"),
    ):
        command = _action(actions, name, action, words)
        command.add_argument(
            "--front-door",
            choices=get_args(FrontDoor),
            help="what visitors talk to: API Gateway, or the function",
        )
        command.add_argument("--domain", metavar="NAME", help=f"a domain of your own; “{_NO_DOMAIN}” for none any more")
        command.add_argument("--zone-id", default="", metavar="ID", help="its Route 53 zone")
        command.add_argument("--certificate-arn", default="", metavar="ARN", help="its certificate, without a zone")
        command.add_argument("--no-wildcard", action="store_true", help="no host of their own for tunnels")
        command.add_argument("--budget", type=count, metavar="USD", help="tell when a month costs more (needs --email)")
        command.add_argument("--email", metavar="ADDRESS", help="who hears of alarms and of the budget")
        if name == "apply":
            command.add_argument("--yes", action="store_true", help="do not ask")
    command = _action(actions, "destroy", _destroy, "take down all that was made")
    command.add_argument("--yes", action="store_true", help="do not ask")
    token = actions.add_parser("token", help="who may connect", description="Who may connect.", allow_abbrev=False)
    tokens = token.add_subparsers(title="actions", metavar="ACTION", required=True)
    command = _action(tokens, "create", deploy_token.create, "make a token for a person or a machine")
    command.add_argument("token_name", metavar="WHOSE", help="whose it is; it appears in logs")
    command.add_argument("--output", type=Path, metavar="FILE", help="write it there instead of stdout")
    _action(tokens, "list", deploy_token.list_all, "show all tokens, without the secrets")
    command = _action(tokens, "revoke", deploy_token.revoke, "refuse a token from now on")
    command.add_argument("token_name", metavar="WHOSE", help="its name, or the first digits that `list` shows")


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, action: Action, words: str
) -> argparse.ArgumentParser:
    command = actions.add_parser(
        name, help=words, description=f"{words[0].upper()}{words[1:]}.", allow_abbrev=False
    )  # fmt: skip
    command.add_argument("--name", default=DEFAULT_NAME, metavar="NAME", help=f"of the deployment ({DEFAULT_NAME})")
    command.add_argument("--region", default="", metavar="REGION", help="AWS region (that of the AWS configuration)")
    if name != "destroy":
        command.add_argument("--profile", default="", metavar="PROFILE", help="of the AWS configuration")
    command.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
    command.set_defaults(action=action)
    return command
