"""Deploys the module of infra/terraform, from a folder of its own for each deployment, and looks at what stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from app.backends import aws, aws_tokens
from app.backends.api import Progress
from app.backends.estimate import estimate
from app.backends.folder import DeploymentFolder, Record, check_options, module_directory
from app.backends.standing import check_free, merged, records_in
from app.backends.terraform import find_terraform
from app.backends.terraform_events import Tally
from app.backends.work import Work, alone
from app.domain.deployment import (
    BackendToken,
    Deployment,
    DeployOptions,
    DeployPlan,
    Identity,
    ToolCheck,
)
from app.domain.problems import HatchwayError, fail

T = TypeVar("T")

_PARALLEL = "-parallelism=20"


class LiveDeployer:
    """Implements `app.backends.api.Deployer`.

    folder: of all deployments; module: the Terraform module, where it is not that of this installation
    """

    def __init__(self, folder: Path, module: Path | None = None) -> None:
        self._folder = folder
        self._module = module or module_directory()
        self._works: set[Work] = set()

    async def check_tools(self) -> ToolCheck:
        return await asyncio.to_thread(find_terraform)

    async def profiles(self) -> Sequence[str]:
        return await asyncio.to_thread(aws.profiles)

    async def regions(self) -> Sequence[str]:
        return await asyncio.to_thread(aws.regions)

    async def identity(self, credentials: str, region: str) -> Identity:
        return await asyncio.to_thread(aws.identity, credentials, region)

    async def managed(self) -> Sequence[Deployment]:
        records = await asyncio.to_thread(records_in, self._folder)
        return [record.deployment for record in records]

    async def options_of(self, deployment: Deployment) -> DeployOptions | None:
        record = await asyncio.to_thread(self._folder_of(deployment).read_record)
        return record.options if record is not None else None

    async def discover(self, credentials: str, region: str) -> Sequence[Deployment]:
        def look() -> list[Deployment]:
            who = aws.identity(credentials, region)
            return merged(who, aws.discover(who), records_in(self._folder))

        return await asyncio.to_thread(look)

    async def plan(self, options: DeployOptions, progress: Progress) -> DeployPlan:
        check_options(options)
        return await self._work(progress, lambda work: self._plan(work, options))

    async def plan_destroy(self, deployment: Deployment, progress: Progress) -> DeployPlan:
        return await self._work(progress, lambda work: self._plan_destroy(work, deployment))

    async def apply(self, plan: DeployPlan, progress: Progress) -> Deployment:
        return await self._work(progress, lambda work: self._apply(work, plan))

    async def destroy(self, plan: DeployPlan, progress: Progress) -> None:
        await self._work(progress, lambda work: self._destroy(work, plan))

    def stop(self) -> None:
        for work in self._works:
            work.stop()

    async def mint_token(self, deployment: Deployment, name: str, credentials: str) -> str:
        return await asyncio.to_thread(aws_tokens.mint, deployment, name, credentials)

    async def tokens(self, deployment: Deployment, credentials: str) -> Sequence[BackendToken]:
        return await asyncio.to_thread(aws_tokens.tokens, deployment, credentials)

    async def revoke_token(self, deployment: Deployment, digest: str, credentials: str) -> None:
        await asyncio.to_thread(aws_tokens.revoke, deployment, digest, credentials)

    # -- in a thread -------------------------------------------------------------------------------------------------

    async def _work(self, progress: Progress, do: Callable[[Work], T]) -> T:
        work = Work(progress)
        self._works.add(work)
        try:
            return await asyncio.to_thread(do, work)
        except asyncio.CancelledError:
            work.stop()  # Terraform comes to its end in the thread
            raise
        finally:
            self._works.discard(work)

    def _plan(self, work: Work, options: DeployOptions) -> DeployPlan:
        tool = find_terraform()
        work.tell("prepare", "Asking AWS who you are")
        who = aws.identity(options.credentials, options.region)
        folder = DeploymentFolder.of(self._folder, who.account, who.region, options.name)
        with alone(folder):
            if not folder.state.is_file():
                check_free(who, options.name)
            return self._planned(work, tool, folder, who, options)

    def _plan_destroy(self, work: Work, deployment: Deployment) -> DeployPlan:
        folder = self._folder_of(deployment)
        record = folder.read_record()
        if record is None or not folder.state.is_file():
            raise fail(
                "deployment_not_managed",
                f"“{deployment.name}” was not deployed from this computer",
                "you",
                "Only where its Terraform state is it can be taken down: ask whoever deployed it.",
            )
        tool = find_terraform()
        work.tell("prepare", "Asking AWS who you are")
        who = self._same_account(record.options.credentials, record.identity)
        with alone(folder):
            return self._planned(work, tool, folder, who, record.options, destroys=True)

    def _planned(
        self,
        work: Work,
        tool: ToolCheck,
        folder: DeploymentFolder,
        who: Identity,
        options: DeployOptions,
        *,
        destroys: bool = False,
    ) -> DeployPlan:
        work.check_stopped()
        work.tell("prepare", "Preparing the module and the function")
        folder.prepare(options, who.region, self._module)
        if not folder.is_initialised(tool):
            work.tell("prepare", "Fetching the AWS provider of Terraform, if it is not here yet")
            work.terraform(
                tool, folder, who, options.name, Tally("prepare"), "prepare", "init", "-input=false", "-no-color"
            )  # fmt: skip
            folder.remember_initialised(tool)
        tally = Tally("plan")
        try:
            work.terraform(
                tool, folder, who, options.name, tally, "plan",
                "plan", "-json", "-input=false", f"-out={folder.plan}", *folder.variable_files,
                *(["-destroy"] if destroys else []),
            )  # fmt: skip
        except HatchwayError as error:
            if error.problem.code == "provider_download":
                folder.remember_initialised(None)
            raise
        text = work.terraform(
            tool, folder, who, options.name, Tally("plan"), "plan", "show", "-no-color", str(folder.plan)
        )  # fmt: skip
        return DeployPlan(
            options, who, tuple(tally.changes), estimate(options), str(folder.plan), work.masked(text), destroys
        )  # fmt: skip

    def _apply(self, work: Work, plan: DeployPlan) -> Deployment:
        tool = find_terraform()
        who = self._same_account(plan.options.credentials, plan.identity)
        folder = DeploymentFolder(Path(plan.file).parent)
        with alone(folder):
            _check_plan(folder)
            folder.mark_incomplete(plan.options, plan.identity)
            tally = Tally("apply", _steps(plan))
            work.terraform(
                tool, folder, who, plan.options.name, tally, "apply",
                "apply", "-json", "-input=false", _PARALLEL, str(folder.plan),
            )  # fmt: skip
            outputs = {name: value for name, value in tally.outputs.items() if isinstance(value, str)}
            record = Record(
                plan.options,
                plan.identity,
                outputs.get("public_url", ""),
                outputs.get("socket_url", ""),
                outputs.get("table", plan.options.name),
                complete=True,
            )
            folder.write_record(record)
            folder.plan.unlink(missing_ok=True)
        return record.deployment

    def _destroy(self, work: Work, plan: DeployPlan) -> None:
        tool = find_terraform()
        who = self._same_account(plan.options.credentials, plan.identity)
        folder = DeploymentFolder(Path(plan.file).parent)
        with alone(folder):
            _check_plan(folder)
            folder.mark_incomplete(plan.options, plan.identity)
            work.terraform(
                tool, folder, who, plan.options.name, Tally("destroy", _steps(plan)), "destroy",
                "apply", "-json", "-input=false", _PARALLEL, str(folder.plan),
            )  # fmt: skip
            folder.remove()

    def _same_account(self, credentials: str, planned: Identity) -> Identity:
        """Who that is now. Raises HatchwayError if the profile leads elsewhere than when it was planned."""
        who = aws.identity(credentials, planned.region)
        if who.account != planned.account:
            raise fail(
                "aws_other_account",
                f"These credentials are for the account {who.account} now, not {planned.account}",
                "you",
                "Use the profile it was deployed with.",
            )
        return who

    def _folder_of(self, deployment: Deployment) -> DeploymentFolder:
        return DeploymentFolder.of(self._folder, deployment.account, deployment.region, deployment.name)


def _check_plan(folder: DeploymentFolder) -> None:
    if not folder.plan.is_file():
        raise fail("plan_stale", "This plan has been carried out already, or is gone", "you", "Plan again.")


def _steps(plan: DeployPlan) -> int:
    """A replacement is two: what was is destroyed, what comes is created."""
    return sum(2 if change.action == "replace" else 1 for change in plan.changes)
