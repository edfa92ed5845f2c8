"""`hatchway backends list|discover|add|use|remove`: where tunnels can run."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.cli.backend_command import with_backends
from app.cli.deploy_lines import deployment_fields, deployment_line, profile_fields, profile_line
from app.cli.output import Output, printable
from app.cli.running import run
from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.problems import fail
from app.engine.backends import LiveBackends, profile_of
from app.engine.paths import user_paths
from app.engine.settings_file import peek
from app.engine.tokens import read_token

Action = Callable[[argparse.Namespace, LiveBackends, Output], Awaitable[None]]


def main(options: argparse.Namespace) -> int:
    """Exit codes: see `exit_codes`."""
    action: Action = options.action
    return run(lambda _: with_backends(options.json, lambda backends, output: action(options, backends, output)))


async def _list(options: argparse.Namespace, backends: LiveBackends, output: Output) -> None:
    default = (await asyncio.to_thread(peek, user_paths().settings_file)).default_backend
    output.text(f"{'*' if default == EMBEDDED else ' '} {EMBEDDED:<24}  this computer's own relay")
    for profile in backends.profiles:
        chosen = profile.id == default
        output.event({"event": "backend", **profile_fields(profile, default=chosen)})
        output.text(profile_line(profile, default=chosen))


async def _discover(options: argparse.Namespace, backends: LiveBackends, output: Output) -> None:
    found = await backends.deployer.discover(options.profile, options.region)
    for deployment in found:
        set_up = backends.profile(profile_of(deployment, "").id) is not None
        output.event({"event": "deployment", **deployment_fields(deployment), "set_up": set_up})
        output.text(f"{deployment_line(deployment)}{'  set up here' if set_up else ''}")
    if not found:
        output.text("There are none in this account and region. Make one with: hatchway deploy apply")


async def _add(options: argparse.Namespace, backends: LiveBackends, output: Output) -> None:
    """A relay of one's own, with its token in the keyring."""
    token = await asyncio.to_thread(read_token, options.token_file)
    profile = await backends.add_relay(options.backend_name, options.relay, token)
    output.event({"event": "backend", **profile_fields(profile, default=False)})
    output.text(printable(f"Put a service on it: hatchway http 3000 --backend {profile.name}"))


async def _use(options: argparse.Namespace, backends: LiveBackends, output: Output) -> None:
    """Make it the one for new tunnels; a deployment that is not set up here gets a token first."""
    name: str = options.backend_name
    if name == EMBEDDED:
        await backends.set_default(EMBEDDED)
        output.text("New tunnels run on this computer's own relay.")
        return
    profile = _named(name, backends)
    if profile is None:
        found = [
            each for each in await backends.deployer.discover(options.profile, options.region) if each.name == name
        ]
        if not found:
            raise fail("unknown_backend", f"There is no backend “{name}”", "you", "`hatchway backends list` has all.")
        if not found[0].complete:
            raise fail(
                "deployment_incomplete",
                f"“{name}” is half-finished",
                "you",
                "Finish it first: `hatchway deploy apply`, where it was begun.",
            )
        profile = await backends.use(found[0], options.profile)
    await backends.set_default(profile.id)
    output.event({"event": "backend", **profile_fields(profile, default=True)})
    output.text(printable(f"New tunnels run on “{profile.name}”: {profile.public_url or profile.agent_url}"))


async def _remove(options: argparse.Namespace, backends: LiveBackends, output: Output) -> None:
    profile = named(options.backend_name, backends)
    await backends.remove(profile.id, move_back=options.move_back)
    output.text(printable(f"“{profile.name}” is forgotten here. What stands in the cloud goes on standing."))


def named(name: str, backends: LiveBackends) -> BackendProfile:
    """By its name or id. Raises HatchwayError `unknown_backend`."""
    profile = _named(name, backends)
    if profile is None:
        raise fail("unknown_backend", f"There is no backend “{name}”", "you", "`hatchway backends list` has all.")
    return profile


def _named(name: str, backends: LiveBackends) -> BackendProfile | None:
    return next((each for each in backends.profiles if name in (each.name, each.id)), None)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of this command, and their options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    def add(name: str, action: Action, words: str) -> argparse.ArgumentParser:
        command = actions.add_parser(
            name, help=words, description=f"{words[0].upper()}{words[1:]}.", allow_abbrev=False
        )  # fmt: skip
        command.add_argument("--json", action="store_true", help="one JSON object a line on stdout")
        command.set_defaults(action=action)
        return command

    def where(command: argparse.ArgumentParser) -> None:
        command.add_argument("--region", default="", metavar="REGION", help="AWS region (that of the configuration)")
        command.add_argument("--profile", default="", metavar="PROFILE", help="of the AWS configuration")

    add("list", _list, "show the backends that are set up here")
    where(add("discover", _discover, "find deployments in an AWS account"))
    command = add("add", _add, "set up a relay of yours")
    command.add_argument("backend_name", metavar="NAME", help="what you call it")
    command.add_argument("--relay", required=True, metavar="URL", help="its address (https or wss)")
    command.add_argument("--token-file", type=Path, metavar="FILE", help="its token (default: $HATCHWAY_RELAY_TOKEN)")
    command = add("use", _use, "let new tunnels run there")
    command.add_argument("backend_name", metavar="NAME", help=f"a backend, a deployment, or “{EMBEDDED}”")
    where(command)
    command = add("remove", _remove, "forget a backend here")
    command.add_argument("backend_name", metavar="NAME", help="as `list` shows it")
    command.add_argument("--move-back", action="store_true", help="its tunnels run on this computer from now on")
