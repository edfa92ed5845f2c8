"""How the commands about AWS backends print plans, progress and what stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Final

from app.cli.output import printable
from app.domain.backend import BackendProfile
from app.domain.deployment import BackendToken, Deployment, DeployPlan, DeployProgress

_VERBS: Final = {"create": "make", "update": "change", "replace": "replace", "destroy": "remove"}
_SHORT_DIGEST: Final = 12
"""Hex digits of a token's digest that people see and type."""


def plan_lines(plan: DeployPlan) -> list[str]:
    """What it would do, and what that costs."""
    where = f"account {plan.identity.account}, {plan.identity.region}"
    name = plan.options.name
    if not plan.changes:
        return [f"“{name}” ({where}) is up to date: nothing to do."]
    lines = [f"{'Take down' if plan.destroys else 'Deploy'} “{name}” in {where}, as {plan.identity.arn}:"]
    for action, verb in _VERBS.items():
        kinds = Counter(change.kind for change in plan.changes if change.action == action)
        if kinds:
            lines.append(
                f"  {verb} {sum(kinds.values()):>3}: {', '.join(_counted(kind, n) for kind, n in kinds.items())}"
            )
    if plan.destroys:
        lines.append("  Tokens and names of tunnels go too.")
    else:
        lines.append(f"  about ${plan.cost.monthly:.2f} a month ({plan.cost.assumes}):")
        lines += [f"    ${amount:.2f} {text}" for text, amount in plan.cost.lines]
        lines.append(f"    each further million requests ${plan.cost.per_million:.2f}")
    return [printable(line) for line in lines]


def plan_fields(plan: DeployPlan) -> dict[str, object]:
    """A plan as JSON has it."""
    cost = plan.cost
    return {
        "deployment": plan.options.name,
        "region": plan.identity.region,
        "account": plan.identity.account,
        "arn": plan.identity.arn,
        "destroys": plan.destroys,
        "changes": [asdict(change) for change in plan.changes],
        "cost": {"monthly": round(cost.monthly, 2), "per_million": round(cost.per_million, 2), "assumes": cost.assumes},
    }


def progress_fields(progress: DeployProgress) -> dict[str, object]:
    """What a run of Terraform says, as JSON has it."""
    return asdict(progress)


def progress_line(progress: DeployProgress) -> str:
    """For people; "" for what they need not see: only the beginning and the end of each piece of work."""
    if progress.address and progress.state != "done":
        # Every ten seconds Terraform says that it still works, which is good to know of what takes long.
        return printable(f"        {progress.line}") if "Still" in progress.line else ""
    if progress.step in ("apply", "destroy") and progress.address:
        return printable(f"{progress.done:>3}/{progress.total:<3} {progress.line.partition(' [id=')[0]}")
    return printable(progress.line) if progress.step == "prepare" else ""


def deployment_fields(deployment: Deployment) -> dict[str, object]:
    """A deployment as JSON has it."""
    return {
        "deployment": deployment.name,
        "region": deployment.region,
        "account": deployment.account,
        "public_url": deployment.public_url,
        "agent_url": deployment.agent_url,
        "managed": deployment.managed,
        "complete": deployment.complete,
    }


def deployment_line(deployment: Deployment) -> str:
    """One that stands, for people."""
    notes = [f"{deployment.region}, account {deployment.account}"]
    notes.append("deployed from here" if deployment.managed else "deployed from elsewhere")
    if not deployment.complete:
        notes.append("HALF-FINISHED")
    return printable(f"{deployment.name:<24}  {deployment.public_url or '-'}  ({', '.join(notes)})")


def profile_fields(profile: BackendProfile, *, default: bool) -> dict[str, object]:
    """A backend that is set up here, as JSON has it."""
    return {**asdict(profile), "default": default}


def profile_line(profile: BackendProfile, *, default: bool) -> str:
    """One that is set up here, for people."""
    where = f" ({profile.region}, account {profile.account})" if profile.kind == "aws" else ""
    url = profile.public_url or profile.agent_url
    return printable(f"{'*' if default else ' '} {profile.name:<24}  {profile.kind:<6}{url}{where}")


def token_fields(token: BackendToken) -> dict[str, object]:
    """A token that a deployment takes, as JSON has it."""
    return asdict(token)


def token_line(token: BackendToken, when: str) -> str:
    """when: the words for `created` and `expires`"""
    return printable(f"{token.digest[:_SHORT_DIGEST]}  {token.name:<32}  {when}".rstrip())


def _counted(kind: str, number: int) -> str:
    return kind if number == 1 else f"{number} × {kind}"
