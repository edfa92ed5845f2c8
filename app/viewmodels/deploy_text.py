"""A deployment in words: who, what, what it costs, how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from app.domain.backend import EMBEDDED, BackendProfile
from app.domain.deployment import Action, CostEstimate, Deployment, DeployPlan, Identity, PlannedChange
from app.domain.tunnel import TunnelSpec
from app.viewmodels.tunnel_text import grouped

THIS_COMPUTER = "This computer"

_ACTIONS: dict[Action, str] = {"create": "create", "update": "change", "replace": "make anew", "destroy": "delete"}


def account_words(identity: Identity) -> str:
    """`Account 1234 5678 9012 · user/ada · eu-west-1`"""
    who = identity.arn.rpartition(":")[2]
    return f"Account {spaced(identity.account)} · {who} · {identity.region}"


def spaced(account: str) -> str:
    """`1234 5678 9012`, as AWS itself groups it"""
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def deployment_words(deployment: Deployment) -> str:
    """`hatchway · eu-west-1 · https://…`"""
    state = deployment.public_url if deployment.complete else "not finished"
    return f"{deployment.name} · {deployment.region} · {state}"


def plan_title(plan: DeployPlan) -> str:
    """`18 resources to create`, `2 to change, 1 to delete`"""
    counts = Counter(change.action for change in plan.changes)
    if not counts:
        return f"Nothing to do: “{plan.options.name}” stands as you want it"
    parts = [f"{counts[action]} to {word}" for action, word in _ACTIONS.items() if counts[action]]
    if len(parts) > 1:
        return ", ".join(parts)
    noun = "resource" if len(plan.changes) == 1 else "resources"
    return parts[0].replace(" ", f" {noun} ", 1)


def change_lines(changes: Iterable[PlannedChange]) -> list[str]:
    """`create: 3 × API, table, 2 × role`: a line for each action"""
    lines = []
    changes = list(changes)
    for action, word in _ACTIONS.items():
        kinds = Counter(change.kind for change in changes if change.action == action)
        if kinds:
            words = [kind if count == 1 else f"{count} × {kind}" for kind, count in sorted(kinds.items())]
            lines.append(f"{word}: {', '.join(words)}")
    return lines


def money(usd: float) -> str:
    """`$1.75`; `less than $0.01` for what rounds to nothing but is not"""
    return "less than $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def cost_title(cost: CostEstimate) -> str:
    return f"About {money(cost.monthly)} a month, {money(cost.per_million)} for each further million requests"


def cost_lines(cost: CostEstimate) -> list[str]:
    """What it consists of, then what it is for."""
    return [*(f"{text}: {money(usd)}" for text, usd in cost.lines), f"For: {cost.assumes}"]


def elapsed(seconds: float) -> str:
    """`1:12`"""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


def progress_words(done: int, total: int) -> str:
    return f"{done} of {total}" if total else "Starting"


def backend_words(profile: BackendProfile) -> str:
    """What kind of thing it is and where: `AWS · eu-west-1 · account 1234 5678 9012`"""
    if profile.kind == "aws":
        return f"AWS · {profile.region} · account {spaced(profile.account)}"
    return f"Relay · {profile.public_url or profile.agent_url}"


def place_words(spec: TunnelSpec, profile: BackendProfile | None) -> str:
    """Where the tunnel runs, in the header; nothing for this computer."""
    if spec.backend == EMBEDDED:
        return ""
    return f"on {profile.name}" if profile is not None else "on a backend that has been removed"


def tunnels_words(count: int) -> str:
    """`1 tunnel`, `3 tunnels`"""
    return f"{grouped(count)} {'tunnel' if count == 1 else 'tunnels'}"
