"""The columns of the exchange list: their order, titles, native values and tips."""

from __future__ import annotations

import enum

from PySide6.QtCore import Qt

from app.domain.exchange import Exchange
from app.filter.match import host_of
from app.viewmodels.exchange_cells import readable, short_type, signed_by_text
from app.viewmodels.exchange_marks import cut_words
from app.viewmodels.rewriting_text import leak_words


class Column(enum.IntEnum):
    """Left to right, unless the user moves them; settings know them by name."""

    STATUS = 0
    TIME = 1
    METHOD = 2
    PATH = 3
    TYPE = 4
    REQUEST_SIZE = 5
    SIZE = 6
    DURATION = 7
    VERDICT = 8
    REPLAY_OF = 9
    TUNNEL = 10
    HOST = 11
    VISITOR = 12
    SIGNATURE = 13
    NOTE = 14


ALWAYS = (Column.STATUS, Column.PATH)
"""Shown whatever the user chooses."""

OPTIONAL = (
    Column.REQUEST_SIZE, Column.VERDICT, Column.REPLAY_OF, Column.TUNNEL, Column.HOST, Column.VISITOR,
    Column.SIGNATURE, Column.NOTE,
)  # fmt: skip
"""Shown on request only."""

RIGHT = frozenset({Column.REQUEST_SIZE, Column.SIZE, Column.DURATION})
"""Numbers, set at the right of their cells."""

TITLES = (
    "Status", "Time", "Method", "Path", "Type", "Request size", "Size", "Duration", "Verdict", "Replay of", "Tunnel",
    "Host", "Visitor", "Signature", "Note",
)  # fmt: skip

TIPS = {
    Column.REQUEST_SIZE: "Bytes of the request's body, as they were sent",
    Column.SIZE: "Bytes of the answer's body, as they were sent",
    Column.DURATION: "From the arrival of the request to the last byte of the answer",
    Column.VERDICT: "How the answer to a replay compares with the original's",
    Column.REPLAY_OF: "Id of the request that was sent again",
    Column.VISITOR: "Address of the visitor",
    Column.SIGNATURE: "Whose signature a webhook carries; the filter sig: tells what it was worth",
}


class Role(enum.IntEnum):
    """Own roles; `SORT` gives native values."""

    SORT = Qt.ItemDataRole.UserRole + 1
    EXCHANGE_ID = Qt.ItemDataRole.UserRole + 2


def tool_tip(exchange: Exchange, column: int) -> str | None:
    """What a cell cannot show: the whole target, who asked, what was not kept, the problem, the reason phrase."""
    if column == Column.PATH:
        note = f"✎ {exchange.note}" if exchange.note else ""
        replay = f"↻ Replay of {exchange.replay_of}" if exchange.replay_of else ""
        cut = cut_words(exchange)
        parts = (readable(exchange.target), replay, leak_words(exchange), cut and f"✂ {cut}", note)
        return "\n".join(filter(None, parts))
    if column == Column.STATUS and exchange.problem is not None:
        return str(exchange.problem)
    if column == Column.STATUS and exchange.reason:
        return f"{exchange.status} {exchange.reason}"
    return None


def sort_value(exchange: Exchange, column: int) -> int | float | str:
    """The native value behind a cell."""
    match column:
        case Column.STATUS:
            return exchange.status or 0
        case Column.TIME:
            return exchange.started_ns
        case Column.METHOD:
            return exchange.method
        case Column.PATH:
            return exchange.target
        case Column.REQUEST_SIZE:
            return exchange.request_body.size
        case Column.SIZE:
            return exchange.response_body.size
        case Column.DURATION:
            return exchange.duration_ms or 0.0
        case Column.VERDICT:
            return "" if exchange.verdict is None else exchange.verdict.value
        case Column.REPLAY_OF:
            return exchange.replay_of or ""
        case Column.TUNNEL:
            return exchange.tunnel
        case Column.HOST:
            return host_of(exchange)
        case Column.VISITOR:
            return exchange.visitor
        case Column.SIGNATURE:
            return signed_by_text(exchange)
        case Column.NOTE:
            return exchange.note
    return short_type(exchange.response_header("content-type"))
