"""The seam between what deploys backends and those who ask for it (engine, window, command line).

`app.backends.deployer.LiveDeployer` implements it. All methods run on the event loop and block it never; everything
that goes wrong is a HatchwayError that says whose side it is and what to do next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from app.domain.deployment import (
    BackendToken,
    Deployment,
    DeployOptions,
    DeployPlan,
    DeployProgress,
    Identity,
    ToolCheck,
)

Progress = Callable[[DeployProgress], None]
"""Called on the event loop."""


class Deployer(Protocol):
    """One at a time of `plan`, `plan_destroy`, `apply` and `destroy`; the others whenever you like.

    credentials: the name of a profile of the AWS configuration, "" for the usual chain
    """

    async def check_tools(self) -> ToolCheck:
        """What will deploy. Raises HatchwayError `terraform_missing` or `terraform_old`, with the way to get it."""
        ...

    async def profiles(self) -> Sequence[str]:
        """The profiles of the AWS configuration of this computer."""
        ...

    async def regions(self) -> Sequence[str]:
        """Codes of the regions that are known here, without asking AWS."""
        ...

    async def identity(self, credentials: str, region: str) -> Identity:
        """Who that is, asked of AWS. region: "" for the one that the configuration names.

        Raises HatchwayError: `aws_no_credentials`, `aws_expired`, `aws_bad_credentials`, `aws_no_permission`,
        `aws_no_region`, `aws_unknown_region`, `aws_unknown_profile`, `aws_clock`, `aws_unreachable`.
        """
        ...

    async def managed(self) -> Sequence[Deployment]:
        """Those whose state is on this computer, without asking AWS; complete=False after an apply that stopped."""
        ...

    async def options_of(self, deployment: Deployment) -> DeployOptions | None:
        """What it was deployed with, to upgrade or change it; None if it is not managed here."""
        ...

    async def discover(self, credentials: str, region: str) -> Sequence[Deployment]:
        """What stands in this account and region by its tag, whoever made it, and what is managed here."""
        ...

    async def plan(self, options: DeployOptions, progress: Progress) -> DeployPlan:
        """What Terraform would do for these options: nothing is changed yet. Also upgrades what stands, and goes on
        with what has stopped half-way. Raises HatchwayError, `deployment_name_taken` among them."""
        ...

    async def plan_destroy(self, deployment: Deployment, progress: Progress) -> DeployPlan:
        """What would go. Raises HatchwayError `deployment_not_managed` if its state is not on this computer."""
        ...

    async def apply(self, plan: DeployPlan, progress: Progress) -> Deployment:
        """Do what the plan says. What was made before a failure stays, and the next plan goes on from there."""
        ...

    async def destroy(self, plan: DeployPlan, progress: Progress) -> None:
        """Do what a plan of `plan_destroy` says; afterwards nothing of it is left, here neither."""
        ...

    def stop(self) -> None:
        """End what runs, safely: what AWS is doing right now is waited for, and the state stays whole. The method that
        runs then raises HatchwayError `deploy_stopped`. A second call ends it at once; resources may then be left that
        nobody knows of."""
        ...

    async def mint_token(self, deployment: Deployment, name: str, credentials: str) -> str:
        """A new token; the deployment learns its SHA-256 only. name: whose it is, it appears in logs."""
        ...

    async def tokens(self, deployment: Deployment, credentials: str) -> Sequence[BackendToken]:
        """All that it takes."""
        ...

    async def revoke_token(self, deployment: Deployment, digest: str, credentials: str) -> None:
        """No new connection with it; connections that stand end within two hours."""
        ...
