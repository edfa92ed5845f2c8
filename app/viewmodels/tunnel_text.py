"""How the state of a tunnel is said in words: the list, the header, the banner and screen readers share these."""

from __future__ import annotations

import math

from app.domain.tunnel import Scope, TunnelSpec, TunnelState, TunnelStatus

_STATE_WORDS = {
    TunnelState.STOPPED: "paused",
    TunnelState.CONNECTING: "connecting…",
    TunnelState.ONLINE: "online",
    TunnelState.RECONNECTING: "reconnecting…",
    TunnelState.FAILED: "failed",
}
_SCOPE_WORDS: dict[Scope, str] = {
    "computer": "This computer",
    "network": "Local network",
    "internet": "Internet",
}
_SCOPE_EXPLANATIONS: dict[Scope, str] = {
    "computer": "These URLs open on this computer only.",
    "network": "These URLs open on every device of your local network.",
    "internet": "These URLs open from anywhere on the internet.",
}


def state_words(status: TunnelStatus, now: float) -> str:
    """`online`, `paused`, `retrying in 8 s` …; `now` is Unix time in seconds."""
    if status.state is TunnelState.RECONNECTING and (seconds := seconds_to_retry(status, now)) is not None:
        return f"retrying in {seconds} s" if seconds else "retrying…"
    return _STATE_WORDS[status.state]


def list_words(status: TunnelStatus, now: float) -> str:
    """What stands beside the name in the list: the port while online, otherwise the state."""
    return port_words(status.spec) if status.state is TunnelState.ONLINE else state_words(status, now)


def header_words(status: TunnelStatus, now: float) -> str:
    """The state in the header, with its age where that says something: `up 2 h`, `paused`."""
    if status.state is TunnelState.ONLINE and status.since:
        return f"up {duration(now - status.since)}"
    return state_words(status, now)


def spoken(status: TunnelStatus, now: float) -> str:
    """One line for screen readers."""
    return f"{status.spec.name}, {state_words(status, now)}, forwards to {status.spec.upstream.origin}"


def seconds_to_retry(status: TunnelStatus, now: float) -> int | None:
    """Whole seconds until the next attempt, never negative; None if no attempt is planned."""
    return None if status.retry_at is None else max(0, math.ceil(status.retry_at - now))


def port_words(spec: TunnelSpec) -> str:
    return f":{spec.upstream.port}"


def scope_words(scope: Scope) -> str:
    return _SCOPE_WORDS[scope]


def scope_explanation(scope: Scope) -> str:
    """One honest sentence on who can open the URL."""
    return _SCOPE_EXPLANATIONS[scope]


def duration(seconds: float) -> str:
    """`8 s`, `5 min`, `2 h`, `3 d`: one unit, rounded down; under a second is `0 s`."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def grouped(number: int) -> str:
    """`1 204`: digits in groups of three with a narrow no-break space (ISO 80000-1)."""
    return f"{number:,}".replace(",", "\u202f")
