"""A `Deployer` without Terraform and without AWS: what it is to say, a test sets; what it was asked, a test reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from app.backends.api import Progress
from app.domain.deployment import (
    BackendToken,
    CostEstimate,
    Deployment,
    DeployOptions,
    DeployPlan,
    DeployProgress,
    Identity,
    PlannedChange,
    Step,
    ToolCheck,
)
from app.domain.problems import HatchwayError, Problem

ACCOUNT = "123456789012"
STOPPED = Problem("deploy_stopped", "Stopped as you wished", "you", "What was made stays; Create goes on from there.")
CHANGES = (
    PlannedChange("create", "module.hatchway.aws_dynamodb_table.tunnels", "table"),
    PlannedChange("create", "module.hatchway.aws_lambda_function.backend", "function"),
    PlannedChange("create", "module.hatchway.aws_apigatewayv2_api.visitors", "API"),
    PlannedChange("create", "module.hatchway.aws_apigatewayv2_api.agents", "API"),
)
COST = CostEstimate(
    1.75,
    4.6,
    (("Requests of visitors", 1.2), ("Alarms and dashboard", 0.55)),
    "250 000 requests a month of 20 KB, prices of us-east-1 in 2026",
)


def a_deployment(name: str = "hatchway", *, managed: bool = True, complete: bool = True) -> Deployment:
    return Deployment(
        name,
        "eu-west-1",
        ACCOUNT,
        f"https://{name}.example.com",
        f"wss://{name}.example.com/live",
        f"{name}-tunnels",
        managed,
        complete,
    )


class FakeDeployer:
    """errors: by the name of a method, raised by its next call (once)
    gate: while it is cleared, `apply` and `destroy` wait in the middle
    changes, cost: of every plan
    """

    def __init__(self) -> None:
        self.errors: dict[str, HatchwayError] = {}
        self.calls: list[str] = []
        self.standing: list[Deployment] = []
        self.options: list[DeployOptions] = []
        self.changes: Sequence[PlannedChange] = CHANGES
        self.cost = COST
        self.gate = asyncio.Event()
        self.gate.set()
        self._stopped = asyncio.Event()

    async def check_tools(self) -> ToolCheck:
        await self._called("check_tools")
        return ToolCheck("terraform", "1.9.8", "/usr/bin/terraform")

    async def profiles(self) -> Sequence[str]:
        return ("default", "dev")

    async def regions(self) -> Sequence[str]:
        return ("eu-central-1", "eu-west-1", "us-east-1")

    async def identity(self, credentials: str, region: str) -> Identity:
        await self._called("identity")
        return Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", region or "eu-west-1", credentials)

    async def managed(self) -> Sequence[Deployment]:
        return [deployment for deployment in self.standing if deployment.managed]

    async def options_of(self, deployment: Deployment) -> DeployOptions | None:
        return DeployOptions(deployment.name, deployment.region, alarm_email="ada@example.com")

    async def discover(self, credentials: str, region: str) -> Sequence[Deployment]:
        await self._called("discover")
        return [deployment for deployment in self.standing if deployment.region == region]

    async def plan(self, options: DeployOptions, progress: Progress) -> DeployPlan:
        await self._called("plan")
        self.options.append(options)
        progress(DeployProgress("plan", 0, 0, "Terraform reads what stands"))
        return self._plan(options, tuple(self.changes))

    async def plan_destroy(self, deployment: Deployment, progress: Progress) -> DeployPlan:
        await self._called("plan_destroy")
        changes = tuple(PlannedChange("destroy", change.address, change.kind) for change in self.changes)
        return self._plan(DeployOptions(deployment.name, deployment.region), changes, destroys=True)

    async def apply(self, plan: DeployPlan, progress: Progress) -> Deployment:
        await self._work("apply", "apply", plan, progress)
        made = a_deployment(plan.options.name)
        self.standing = [each for each in self.standing if each.name != made.name] + [made]
        return made

    async def destroy(self, plan: DeployPlan, progress: Progress) -> None:
        await self._work("destroy", "destroy", plan, progress)
        self.standing = [each for each in self.standing if each.name != plan.options.name]

    def stop(self) -> None:
        self.calls.append("stop")
        self._stopped.set()

    async def mint_token(self, deployment: Deployment, name: str, credentials: str) -> str:
        await self._called("mint_token")
        return f"token-of-{deployment.name}"

    async def tokens(self, deployment: Deployment, credentials: str) -> Sequence[BackendToken]:
        return ()

    async def revoke_token(self, deployment: Deployment, digest: str, credentials: str) -> None:
        await self._called("revoke_token")

    async def _called(self, method: str) -> None:
        self.calls.append(method)
        await asyncio.sleep(0)
        if (error := self.errors.pop(method, None)) is not None:
            raise error

    async def _work(self, method: str, step: Step, plan: DeployPlan, progress: Progress) -> None:
        total = len(plan.changes)
        self._stopped.clear()
        for done, change in enumerate(plan.changes):
            progress(DeployProgress(step, done, total, f"{change.address}: working", change.address, "started"))
            if done == total // 2:
                await self._until_told()
                await self._called(method)
            progress(DeployProgress(step, done + 1, total, f"{change.address}: complete", change.address, "done"))

    async def _until_told(self) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (self.gate, self._stopped)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if self._stopped.is_set():
            raise HatchwayError(STOPPED)

    def _plan(
        self, options: DeployOptions, changes: tuple[PlannedChange, ...], *, destroys: bool = False
    ) -> DeployPlan:
        identity = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", options.region, options.credentials)
        return DeployPlan(options, identity, changes, self.cost, "plan.bin", "# Terraform will create 4", destroys)
