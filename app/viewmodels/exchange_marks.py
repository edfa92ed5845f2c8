"""What stands in front of a path in the list, beside the status: pinned, noted, replayed, leaked, not kept."""

from __future__ import annotations

import enum

from app.domain.exchange import Body, Exchange
from app.viewmodels.exchange_cells import format_size


class Mark(enum.Enum):
    """In the order in which they stand; the value is the shape in text."""

    PINNED = "★"
    NOTE = "✎"
    REPLAY = "↻"
    LEAK = "⚠"  # came without the tunnel's prefix
    CUT = "✂"  # a body, or messages, were not kept as a whole


def marks(exchange: Exchange) -> tuple[Mark, ...]:
    """All that apply, empty for an ordinary exchange."""
    found = []
    if exchange.pinned:
        found.append(Mark.PINNED)
    if exchange.note:
        found.append(Mark.NOTE)
    if exchange.replay_of:
        found.append(Mark.REPLAY)
    if exchange.leak is not None:
        found.append(Mark.LEAK)
    if cut_words(exchange):
        found.append(Mark.CUT)
    return tuple(found)


def cut_words(exchange: Exchange) -> str:
    """What of it was not kept, in a sentence for each part; empty if all is there, or it still runs."""
    if exchange.finished_ns is None:
        return ""
    if exchange.kind == "websocket" and exchange.status == 101:
        # Its bytes are kept as messages.
        lost = exchange.frames_lost
        return "" if not lost else f"Not kept: {lost} of {exchange.frames} messages"
    parts = (("request", exchange.request_body), ("answer", exchange.response_body))
    return "\n".join([_cut(name, body) for name, body in parts if body.incomplete])


def _cut(name: str, body: Body) -> str:
    if not body.recorded:
        return f"Not kept: the body of the {name} ({format_size(body.size)})"
    return f"Kept of the {name}'s body: the first {format_size(body.recorded)} of {format_size(body.size)}"
