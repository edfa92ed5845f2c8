"""What the agent, the replay and the engine publish; the window, the history and the CLI listen.

Events are delivered synchronously on the event loop, in order; a listener must return at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.exchange import Exchange, Rewriting
from app.domain.problems import Problem
from app.domain.tunnel import TunnelStatus


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

    Whoever holds that exchange, or a copy, sets its `rewriting`; tunnel: the name
    """

    exchange_id: str
    tunnel_id: str
    tunnel: str
    rewriting: Rewriting


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know that belongs to no single tunnel (a corrupt file was kept aside …)."""

    problem: Problem


ExchangeEvent = ExchangeStarted | ExchangeResponded | ExchangeFinished
Event = TunnelChanged | TunnelRemoved | ExchangeEvent | ExchangeRewritten | Notice
Listener = Callable[[Event], None]
