"""A backend in an AWS account on its way: what is asked for, what Terraform would do, what it does, what stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FrontDoor = Literal["http_api", "function_url"]
Action = Literal["create", "update", "replace", "destroy"]
Step = Literal["prepare", "plan", "apply", "destroy", "token"]


@dataclass(frozen=True, slots=True)
class DomainChoice:
    """A domain of the user's own, see the variable `domain` of infra/terraform."""

    name: str
    wildcard: bool = True
    zone_id: str = ""
    certificate_arn: str = ""


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """What the user chose. credentials: profile of the AWS configuration, "" for the usual chain; region "" for the one
    that this chain says."""

    name: str = "hatchway"
    region: str = ""
    credentials: str = ""
    front_door: FrontDoor = "http_api"
    domain: DomainChoice | None = None
    alarm_email: str = ""
    monthly_budget: int = 0  # USD; 0 for no budget alarm


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials are. arn: of the user or role; account: 12 digits"""

    account: str
    arn: str
    region: str
    credentials: str


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """address: as Terraform names it; kind: the resource's type in words a user knows, e.g. "table" """

    action: Action
    address: str
    kind: str


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """USD. lines: what it consists of, (text, USD a month); assumes: the traffic it is for, in words"""

    monthly: float
    per_million: float
    lines: tuple[tuple[str, float], ...]
    assumes: str


@dataclass(frozen=True, slots=True)
class DeployPlan:
    """file: Terraform's plan, which `apply` takes as it is; text: Terraform's own words, secrets masked"""

    options: DeployOptions
    identity: Identity
    changes: tuple[PlannedChange, ...]
    cost: CostEstimate
    file: str
    text: str
    destroys: bool = False


@dataclass(frozen=True, slots=True)
class DeployProgress:
    """done, total: resources; line: the newest line of the log, secrets masked; address, state: of the resource that
    the line is about, if any"""

    step: Step
    done: int
    total: int
    line: str
    address: str = ""
    state: Literal["", "started", "done", "failed"] = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A backend that stands, deployed from this computer or discovered in the account by its tag.

    managed: whether its Terraform state is on this computer, so that it can be changed or taken down from here
    complete: False after an apply that stopped half-way
    """

    name: str
    region: str
    account: str
    public_url: str
    agent_url: str
    table: str
    managed: bool
    complete: bool = True


@dataclass(frozen=True, slots=True)
class ToolCheck:
    """The program that deploys. name: "Terraform" or "OpenTofu"; program: its path"""

    name: str
    version: str
    program: str


@dataclass(frozen=True, slots=True)
class BackendToken:
    """A token that a deployment takes; nobody can read the token itself again.

    name: whose it is; digest: its SHA-256 in hex; created, expires: Unix time in seconds, 0 for unknown and for never
    """

    name: str
    digest: str
    created: float = 0.0
    expires: float = 0.0
