"""A tunnel as the user defines it (`TunnelSpec`) and as it is right now (`TunnelStatus`)."""

from __future__ import annotations

import enum
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal

from app.domain.backend import EMBEDDED
from app.domain.problems import Problem, fail
from app.domain.upstream import Upstream
from backend_lambda.protocol.messages import Mode

# One DNS label, so that every tunnel can also be reached as <name>.<host> (RFC 1035, section 2.3.1).
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

HostHeader = Literal["upstream", "public"]
Forwarded = Literal["localhost", "aware"]
Scope = Literal["computer", "network", "internet"]


@dataclass(frozen=True, slots=True)
class RewriteOptions:
    """The part of a `TunnelSpec` that decides how answers are rewritten; see there.

    socket_url: where the backend sends pages' WebSockets, if not where everything else goes; else empty
    store_origin: where pages find and put bodies that the backend cannot carry, if there is such a place; else empty
    """

    mode: Mode = "auto"
    host_header: HostHeader = "upstream"
    forwarded: Forwarded = "localhost"
    rewrite_oauth: bool = False
    socket_url: str = ""
    store_origin: str = ""


@dataclass(frozen=True, slots=True)
class TunnelSpec:
    """What the user asked for; survives restarts.

    id: stable key of the tunnel inside this installation; the name may be edited, the id never changes
    name: the public name, one DNS label
    host_header: `upstream` sends the service its own host (dev servers insist on it), `public` the visitor's
    forwarded: `localhost` lets the service believe that it is asked directly, `aware` tells it of the public address
    mode: how its answers are rewritten for their place below the tunnel's name
    rewrite_oauth: sign-in redirects that name the service's own address send the visitor back to the public one
    verify_tls: False accepts a self-signed certificate of an https service
    enabled: whether the tunnel is started with the app
    connect_timeout, response_timeout: seconds; until connected, until the first byte of the answer
    capture_bytes: how much of each body the history keeps
    backend: where it runs, the id of a `BackendProfile` or EMBEDDED
    """

    name: str
    upstream: Upstream
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    host_header: HostHeader = "upstream"
    forwarded: Forwarded = "localhost"
    mode: Mode = "auto"
    rewrite_oauth: bool = False
    verify_tls: bool = True
    enabled: bool = True
    connect_timeout: float = 5.0
    response_timeout: float = 60.0
    capture_bytes: int = 1024 * 1024
    backend: str = EMBEDDED

    @property
    def rewrite_options(self) -> RewriteOptions:
        return RewriteOptions(self.mode, self.host_header, self.forwarded, self.rewrite_oauth)


class TunnelState(enum.Enum):
    """Where a tunnel stands; the value is the word that JSON output uses."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    ONLINE = "online"
    RECONNECTING = "reconnecting"
    FAILED = "failed"  # will not be retried without the user (name taken, wrong token)


@dataclass(frozen=True, slots=True)
class TunnelUrls:
    """The public addresses of a tunnel; `host` is None where the backend has no host mode."""

    path: str
    host: str | None = None


@dataclass(frozen=True, slots=True)
class TunnelStatus:
    """A tunnel right now. A new value is published for every change.

    retry_at: Unix time in seconds of the next attempt, while RECONNECTING
    since: Unix time in seconds at which this state began
    problem: why it is not online, while RECONNECTING or FAILED
    """

    spec: TunnelSpec
    state: TunnelState = TunnelState.STOPPED
    urls: TunnelUrls | None = None
    scope: Scope = "computer"
    generation: int = 0
    since: float = 0.0
    retry_at: float | None = None
    problem: Problem | None = None

    @property
    def public_url(self) -> str | None:
        """The address to give away: the host URL in mode `host` where there is one, else the path URL. None if it has
        not been online."""
        if self.urls is None:
            return None
        return (self.spec.mode == "host" and self.urls.host) or self.urls.path


def check_name(name: str) -> str:
    """Return the name in canonical form (trimmed, lower case); raises HatchwayError `bad_name`."""
    canonical = name.strip().lower()
    if not _NAME.fullmatch(canonical):
        raise fail(
            "bad_name",
            f"“{name}” cannot be a tunnel name",
            "you",
            "Use 1 to 63 lower-case letters, digits and inner hyphens.",
        )
    return canonical


def suggest_name(base: str = "") -> str:
    """A fresh name: the readable part of `base` plus 6 random characters, so that it cannot be guessed."""
    readable = re.sub(r"[^a-z0-9]+", "-", base.lower()).strip("-")[:40].strip("-") or "hatch"
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return f"{readable}-{''.join(secrets.choice(alphabet) for _ in range(6))}"
