"""What the agent, the replay and the engine publish; the window, the history and the CLI listen.

Events are delivered synchronously on the event loop, in order; a listener must return at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.backend import BackendProfile
from app.domain.exchange import Delivered, Exchange, Rewriting
from app.domain.frame import Frame
from app.domain.problems import Problem
from app.domain.tunnel import TunnelStatus
from app.domain.usage import Usage
from app.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class TunnelChanged:
    """A tunnel was added, edited or changed state."""

    status: TunnelStatus


@dataclass(frozen=True, slots=True)
class TunnelRemoved:
    """A tunnel is gone from the list."""

    tunnel_id: str


@dataclass(frozen=True, slots=True)
class ExchangeStarted:
    """A request arrived; the exchange is in flight."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class ExchangeResponded:
    """The head of the answer is there."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class ExchangeFinished:
    """The exchange is over (done, failed or cancelled); only what rewriting did to it may still become known."""

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class ExchangeRewritten:
    """The relay has told what it did to the answer, as a rule after the exchange was over.

    Whoever holds that exchange, or a copy, sets its `rewriting` and `delivered`; tunnel: the name
    """

    exchange_id: str
    tunnel_id: str
    tunnel: str
    rewriting: Rewriting
    delivered: Delivered | None = None


@dataclass(frozen=True, slots=True)
class FrameSeen:
    """A WebSocket message or a server-sent event passed; the exchange has counted it already."""

    exchange_id: str
    tunnel_id: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class ExchangeAnnotated:
    """The user pinned it or wrote a note, or a replay was judged. None: that one is as it was."""

    exchange_id: str
    pinned: bool | None = None
    note: str | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class ExchangesRemoved:
    """The user deleted these; `ExchangesRestored` may take it back."""

    exchange_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExchangesRestored:
    """These are in the history (again): a deletion was undone, or a file was imported."""

    exchange_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackendsChanged:
    """The backends that the user has set up, as they are now."""

    backends: tuple[BackendProfile, ...]


@dataclass(frozen=True, slots=True)
class UsageChanged:
    """A tunnel on AWS has used so much more of the account since the last such event, at most one a second.

    tunnel: the name
    """

    tunnel_id: str
    tunnel: str
    spent: Usage


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know that belongs to no single tunnel (a corrupt file was kept aside …)."""

    problem: Problem


ExchangeEvent = ExchangeStarted | ExchangeResponded | ExchangeFinished
Event = (
    TunnelChanged
    | TunnelRemoved
    | ExchangeEvent
    | ExchangeRewritten
    | FrameSeen
    | ExchangeAnnotated
    | ExchangesRemoved
    | ExchangesRestored
    | BackendsChanged
    | UsageChanged
    | Notice
)
Listener = Callable[[Event], None]
