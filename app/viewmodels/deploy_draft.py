"""A backend in an AWS account before it is made: what the user chooses, who he is there, what stands, and the plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.backends.api import Deployer, Progress
from app.domain.deployment import Deployment, DeployOptions, DeployPlan, DomainChoice, Identity, ToolCheck
from app.domain.problems import HatchwayError, Problem
from app.engine.api import Workspace

# As the variables of infra/terraform have them.
_NAME = re.compile(r"[a-z][a-z0-9-]{1,22}[a-z0-9]")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_ANY_REGION = "us-east-1"  # who somebody is, every region knows


class DeployDraft(QObject):
    """`options` is what is chosen so far; `changed` comes after every answer and every choice.

    identity: None until AWS has said who the credentials are; tool: what will deploy, None until it was found
    found: what stands in the account, in the region of the last look; plan: for `options` as they are, or None
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.options = DeployOptions()
        self.profiles: Sequence[str] = ()
        self.regions: Sequence[str] = ()
        self.tool: ToolCheck | None = None
        self.identity: Identity | None = None
        self.found: Sequence[Deployment] = ()
        self.plan: DeployPlan | None = None

    @property
    def _deployer(self) -> Deployer:
        return self._workspace.backends.deployer

    def choose(self, **fields: object) -> None:
        """Replace these fields of the options; a plan for others is void."""
        options = replace(self.options, **fields)  # type: ignore[arg-type]
        if options != self.options:
            if options.credentials != self.options.credentials:
                self.identity, self.found = None, ()
            self.options, self.plan = options, None
            self.changed.emit()

    async def load(self) -> None:
        """What this computer knows by itself. Raises HatchwayError."""
        self.profiles = await self._deployer.profiles()
        self.regions = await self._deployer.regions()
        self.changed.emit()

    async def find_tool(self) -> None:
        """Raises HatchwayError: Terraform is missing or too old."""
        self.tool = None
        self.tool = await self._deployer.check_tools()
        self.changed.emit()

    async def check_account(self) -> None:
        """Ask AWS who the credentials are, and what stands there already. Raises HatchwayError."""
        credentials = self.options.credentials
        self.identity, self.found = None, ()
        try:
            identity = await self._deployer.identity(credentials, self.options.region)
        except HatchwayError as error:
            if error.problem.code != "aws_no_region":
                raise
            identity = await self._deployer.identity(credentials, _ANY_REGION)
        if credentials != self.options.credentials:
            return  # another profile was chosen meanwhile
        self.identity = identity
        self.changed.emit()
        await self._look(identity.region)

    async def check_region(self) -> None:
        """Whether the account may use the chosen region, and what stands there. Raises HatchwayError."""
        options = self.options
        identity = await self._deployer.identity(options.credentials, options.region)
        if options == self.options:
            self.identity = identity
            await self._look(identity.region)

    async def make_plan(self, progress: Progress) -> None:
        """Raises HatchwayError."""
        options = self.options
        plan = await self._deployer.plan(options, progress)
        if options == self.options:
            self.plan = plan
            self.changed.emit()

    def standing(self) -> Deployment | None:
        """What has the chosen name in the chosen region, as far as that was looked at."""
        chosen = (self.options.name, self.options.region)
        return next((each for each in self.found if (each.name, each.region) == chosen), None)

    async def _look(self, region: str) -> None:
        self.found = await self._deployer.discover(self.options.credentials, region)
        self.changed.emit()


def name_problem(name: str) -> Problem | None:
    """Why this cannot be the name of a deployment."""
    if _NAME.fullmatch(name):
        return None
    hint = "Use 3 to 24 lower-case letters, digits and inner hyphens; begin with a letter."
    return Problem("bad_deployment_name", f"“{name}” cannot be a name", "you", hint)


def domain_problem(domain: DomainChoice | None, front_door: str) -> Problem | None:
    """Why this domain cannot be used."""
    if domain is None:
        return None
    if front_door != "http_api":
        hint = "Choose the HTTP API in step 2, or the address that AWS gives."
        return Problem("domain_needs_http_api", "A function URL cannot have a domain of yours", "you", hint)
    if not _DOMAIN.fullmatch(domain.name):
        hint = "Use a host name in lower case, such as tunnels.example.com."
        return Problem("bad_domain", f"“{domain.name}” cannot be a domain", "you", hint)
    if not domain.zone_id and not domain.certificate_arn:
        hint = "Give the id of the Route 53 zone (then all is made), or the ARN of a certificate."
        return Problem("domain_needs_zone", "Nobody proves that the domain is yours", "you", hint)
    return None
