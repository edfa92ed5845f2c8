"""One row of the exchange list: its columns, formatted cells and native values."""

from __future__ import annotations

import enum
import time
from dataclasses import replace

from PySide6.QtCore import Qt

from app.domain.events import ExchangeAnnotated
from app.domain.exchange import Body, Exchange
from app.filter.match import host_of
from app.viewmodels.exchange_cells import (
    Mark,
    StatusClass,
    duration_ms,
    format_duration,
    format_running,
    format_size,
    format_time,
    mark,
    readable,
    short_type,
    spoken,
    status_class,
    status_text,
    verdict_text,
)
from app.viewmodels.rewriting_text import leak_words


class Column(enum.IntEnum):
    """Table columns, left to right; those after DURATION are shown on request."""

    STATUS = 0
    TIME = 1
    METHOD = 2
    PATH = 3
    TYPE = 4
    SIZE = 5
    DURATION = 6
    VERDICT = 7
    TUNNEL = 8
    HOST = 9
    VISITOR = 10
    NOTE = 11


OPTIONAL = (Column.VERDICT, Column.TUNNEL, Column.HOST, Column.VISITOR, Column.NOTE)


class Role(enum.IntEnum):
    """Own roles; `SORT` gives native values."""

    SORT = Qt.ItemDataRole.UserRole + 1
    EXCHANGE_ID = Qt.ItemDataRole.UserRole + 2


class ExchangeRow:
    """One formatted row. A finished exchange is kept without its bodies: those belong to the history."""

    __slots__ = ("accessible", "cells", "exchange", "key", "mark", "passes", "recorded", "running", "status")

    def __init__(self, exchange: Exchange, *, recorded: bool) -> None:
        self.key = (exchange.started_ns, exchange.id)
        self.recorded = recorded
        self.passes = True
        self.update(exchange, time.time_ns())

    exchange: Exchange
    cells: tuple[str, ...]
    status: StatusClass
    mark: Mark | None
    accessible: str
    passes: bool  # the filter
    running: bool  # as last formatted: the exchange itself changes before its event is delivered

    def update(self, exchange: Exchange, now_ns: int) -> None:
        """Format the exchange as it is now."""
        self.running = exchange.finished_ns is None
        self.exchange = exchange if self.running else without_bodies(exchange)
        self.status = status_class(exchange)
        self.mark = mark(exchange)
        self.accessible = spoken(exchange, now_ns)
        self.cells = (
            status_text(exchange),
            format_time(exchange.started_ns),
            exchange.method,
            readable(exchange.target),
            "ws" if exchange.kind == "websocket" else short_type(exchange.response_header("content-type")),
            self._size(),
            self._duration(now_ns),
            verdict_text(exchange.verdict),
            exchange.tunnel,
            host_of(exchange),
            exchange.visitor,
            exchange.note,
        )

    def annotate(self, event: ExchangeAnnotated) -> None:
        """The user's marks, or a verdict."""
        exchange = self.exchange
        exchange.pinned = exchange.pinned if event.pinned is None else event.pinned
        exchange.note = exchange.note if event.note is None else event.note
        exchange.verdict = exchange.verdict if event.verdict is None else event.verdict
        self.update(exchange, time.time_ns())

    def tick(self, now_ns: int) -> None:
        """Renew what changes while the exchange runs."""
        self.cells = (
            *self.cells[: Column.SIZE], self._size(), self._duration(now_ns), *self.cells[Column.VERDICT :],
        )  # fmt: skip

    def _size(self) -> str:
        return "" if self.exchange.status is None else format_size(self.exchange.response_body.size)

    def _duration(self, now_ns: int) -> str:
        elapsed = duration_ms(self.exchange, now_ns)
        return format_running(elapsed) if self.running else format_duration(elapsed)


def tool_tip(row: ExchangeRow, column: int) -> str | None:
    """What a cell cannot show: the whole target and who asked, the problem, the reason phrase."""
    exchange = row.exchange
    if column == Column.PATH:
        note = f"✎ {exchange.note}" if exchange.note else ""
        return "\n".join(filter(None, (readable(exchange.target), leak_words(exchange), note)))
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
        case Column.SIZE:
            return exchange.response_body.size
        case Column.DURATION:
            return exchange.duration_ms or 0.0
        case Column.VERDICT:
            return "" if exchange.verdict is None else exchange.verdict.value
        case Column.TUNNEL:
            return exchange.tunnel
        case Column.HOST:
            return host_of(exchange)
        case Column.VISITOR:
            return exchange.visitor
        case Column.NOTE:
            return exchange.note
    return short_type(exchange.response_header("content-type"))


def without_bodies(exchange: Exchange) -> Exchange:
    """The outline of a finished exchange: everything but the captured bytes."""
    request, response = exchange.request_body, exchange.response_body
    if not request.kept and not response.kept:
        return exchange
    return replace(exchange, request_body=Body(size=request.size), response_body=Body(size=response.size))
