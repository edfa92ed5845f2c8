"""Which exchanges the list shows: typed text and one of the quick buttons.

`matches` is the seam: the filter language will take its place.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from app.domain.exchange import Exchange, ExchangeState
from app.viewmodels.exchange_cells import readable


class Quick(enum.Enum):
    """The quick buttons; the value is the label."""

    ALL = "All"
    ERRORS = "Errors"
    WEBSOCKET = "WS"


_LEAK = "has:leak"


@dataclass(frozen=True, slots=True)
class ExchangeFilter:
    """text: words that must all occur in method, target or status, in any case; `has:leak` stands for requests that
    came without the tunnel's prefix."""

    text: str = ""
    quick: Quick = Quick.ALL

    @property
    def active(self) -> bool:
        return bool(self.text.strip()) or self.quick is not Quick.ALL

    @property
    def description(self) -> str:
        """What the user asked for, as the empty state quotes it."""
        parts = [self.quick.value] if self.quick is not Quick.ALL else []
        return " ".join([*parts, self.text.strip()]).strip()

    def matches(self, exchange: Exchange) -> bool:
        """Whether the list shows the exchange as it is now."""
        if not self._matches_quick(exchange):
            return False
        words = self.text.lower().split()
        if not words:
            return True
        if _LEAK in words:
            if exchange.leak is None:
                return False
            words = [word for word in words if word != _LEAK]
        status = "" if exchange.status is None else exchange.status
        haystack = f"{exchange.method} {readable(exchange.target)} {status}".lower()
        return all(word in haystack for word in words)

    def _matches_quick(self, exchange: Exchange) -> bool:
        match self.quick:
            case Quick.ERRORS:
                return exchange.state is ExchangeState.FAILED or (exchange.status or 0) >= 400
            case Quick.WEBSOCKET:
                return exchange.kind == "websocket"
        return True
