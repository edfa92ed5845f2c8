"""One row of the exchange list: its exchange, formatted cells and marks."""

from __future__ import annotations

import time
from dataclasses import replace

from app.domain.events import ExchangeAnnotated
from app.domain.exchange import Exchange
from app.filter.match import host_of
from app.viewmodels.exchange_cells import (
    StatusClass,
    duration_ms,
    format_duration,
    format_running,
    format_size,
    format_time,
    short_type,
    signed_by_text,
    spoken,
    status_class,
    status_text,
    unescaped,
    verdict_text,
)
from app.viewmodels.exchange_columns import Column
from app.viewmodels.exchange_marks import Mark, marks


class ExchangeRow:
    """One formatted row. A finished exchange is kept without its bodies: those belong to the history."""

    __slots__ = ("accessible", "cells", "exchange", "key", "marks", "passed", "recorded", "running", "status")

    def __init__(self, exchange: Exchange, *, recorded: bool) -> None:
        self.key = (exchange.started_ns, exchange.id)
        self.recorded = recorded
        self.passed = 0
        self.update(exchange, time.time_ns())

    exchange: Exchange
    cells: tuple[str, ...]
    status: StatusClass
    marks: tuple[Mark, ...]
    accessible: str
    passed: int  # number of the latest filter that let it through, see `exchange_passing`
    running: bool  # as last formatted: the exchange itself changes before its event is delivered

    def update(self, exchange: Exchange, now_ns: int) -> None:
        """Format the exchange as it is now."""
        self.running = exchange.finished_ns is None
        self.exchange = exchange if self.running else without_bodies(exchange)
        self.status = status_class(exchange)
        self.marks = marks(exchange)
        self.accessible = spoken(exchange, now_ns)
        if Mark.CUT in self.marks:
            self.accessible += ", not kept as a whole"
        self.cells = (
            status_text(exchange),
            format_time(exchange.started_ns),
            exchange.method,
            unescaped(exchange.target),
            "ws" if exchange.kind == "websocket" else short_type(exchange.response_header("content-type")),
            *self._amounts(now_ns),
            verdict_text(exchange.verdict),
            exchange.replay_of or "",
            exchange.tunnel,
            host_of(exchange),
            exchange.visitor,
            signed_by_text(exchange),
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
            *self.cells[: Column.REQUEST_SIZE], *self._amounts(now_ns), *self.cells[Column.VERDICT :],
        )  # fmt: skip

    def _amounts(self, now_ns: int) -> tuple[str, str, str]:
        """The cells of both sizes and of the duration."""
        exchange = self.exchange
        asked = exchange.request_body.size
        elapsed = duration_ms(exchange, now_ns)
        return (
            format_size(asked) if asked else "",
            "" if exchange.status is None else format_size(exchange.response_body.size),
            format_running(elapsed) if self.running else format_duration(elapsed),
        )


def without_bodies(exchange: Exchange) -> Exchange:
    """The outline of a finished exchange: everything but the captured bytes."""
    request, response = exchange.request_body, exchange.response_body
    if not request.kept and not response.kept:
        return exchange
    return replace(exchange, request_body=request.outline(), response_body=response.outline())
