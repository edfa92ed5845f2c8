"""`hatchway deploy plan|apply|destroy`: show, ask, carry out, and stop safely when told to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.backends.api import Deployer
from app.cli.asking import confirmed
from app.cli.deploy_lines import deployment_fields, plan_fields, plan_lines, progress_fields, progress_line
from app.cli.output import Output, printable
from app.domain.deployment import Deployment, DeployOptions, DeployPlan, DeployProgress
from app.domain.problems import HatchwayError, fail
from app.domain.tasks import spawn
from app.engine.backend_tokens import BackendTokens
from app.engine.backends import LiveBackends, profile_of

T = TypeVar("T")


async def plan(options: DeployOptions, backends: LiveBackends, output: Output, ended: asyncio.Event) -> None:
    """Only show."""
    _show(await _planned(options, backends, output, ended), output)


async def apply(
    options: DeployOptions, backends: LiveBackends, output: Output, ended: asyncio.Event, *, sure: bool
) -> None:
    """Show, ask unless `sure`, make it, and set it up as a backend of this computer."""
    planned = await _planned(options, backends, output, ended)
    _show(planned, output)
    if planned.changes and not sure:
        await confirmed("Deploy this?", output, ended)
    deployer = backends.deployer
    deployment = await _stoppable(deployer, output, ended, lambda tell: deployer.apply(planned, tell))
    name = await _set_up(deployment, options.credentials, backends)
    output.event({"event": "deploy.online", "backend": name, **deployment_fields(deployment)})
    output.text()
    output.text(printable(f"  {deployment.public_url}"))
    output.text(printable(f"  Put a service on it: hatchway http 3000 --backend {name}"))


async def destroy(
    name: str, region: str, backends: LiveBackends, output: Output, ended: asyncio.Event, *, sure: bool
) -> None:
    """Show, ask unless `sure`, take it down, and forget the backend."""
    deployer = backends.deployer
    deployment = _one(name, [each for each in await deployer.managed() if region in ("", each.region)])
    planned = await _stoppable(deployer, output, ended, lambda tell: deployer.plan_destroy(deployment, tell))
    _show(planned, output)
    if not sure:
        await confirmed(f"Take down “{name}” for everybody who uses it?", output, ended)
    await _stoppable(deployer, output, ended, lambda tell: deployer.destroy(planned, tell))
    profile = backends.profile(profile_of(deployment, "").id)
    if profile is not None:
        await backends.remove(profile.id, move_back=True)
    output.event({"event": "deploy.destroyed", **deployment_fields(deployment)})
    output.text(f"“{printable(name)}” is gone.")


def _one(name: str, managed: list[Deployment]) -> Deployment:
    found = [each for each in managed if each.name == name]
    if not found:
        others = ", ".join(f"{each.name} ({each.region})" for each in managed)
        raise fail(
            "no_deployment",
            f"No deployment “{name}” was made from this computer",
            "you",
            f"There is: {others}." if others else "Only where it was deployed from it can be taken down.",
        )
    if len(found) > 1:
        places = ", ".join(f"{each.region} (account {each.account})" for each in found)
        raise fail("ambiguous_deployment", f"“{name}” stands in several places: {places}", "you", "Use --region.")
    return found[0]


async def _planned(options: DeployOptions, backends: LiveBackends, output: Output, ended: asyncio.Event) -> DeployPlan:
    deployer = backends.deployer
    return await _stoppable(deployer, output, ended, lambda tell: deployer.plan(options, tell))


async def _set_up(deployment: Deployment, credentials: str, backends: LiveBackends) -> str:
    """The backend's name here. A token that is kept already stays."""
    profile = profile_of(deployment, credentials)
    known = backends.profile(profile.id)
    if known is not None and (known.agent_url, known.public_url) == (profile.agent_url, profile.public_url):
        with contextlib.suppress(HatchwayError):
            await BackendTokens().read(known)
            return known.name
    return (await backends.use(deployment, credentials)).name


def _show(planned: DeployPlan, output: Output) -> None:
    output.event({"event": "deploy.plan", **plan_fields(planned)})
    for line in plan_lines(planned):
        output.text(line)


async def _stoppable(
    deployer: Deployer,
    output: Output,
    ended: asyncio.Event,
    do: Callable[[Callable[[DeployProgress], None]], Awaitable[T]],
) -> T:
    """Run it with its progress; Ctrl+C stops it safely, and only a second one at once."""

    def tell(progress: DeployProgress) -> None:
        output.event({"event": "deploy.progress", **progress_fields(progress)})
        if line := progress_line(progress):
            output.text(line)

    async def watch() -> None:
        warning = "Stopping: what AWS does right now is waited for. Once more: at once, and things may be left over."
        while True:
            await ended.wait()
            ended.clear()
            output.aside(warning)
            deployer.stop()

    watching = spawn(watch(), name="stop of the deployment")
    try:
        return await do(tell)
    finally:
        watching.cancel()
