"""An attempt of a replay as one line."""

from __future__ import annotations

from app.domain.exchange import Exchange
from app.viewmodels.exchange_cells import (
    duration_ms,
    format_duration,
    format_time,
    status_class,
    status_text,
    verdict_text,
)


def attempt_line(number: int, attempt: Exchange) -> str:
    """number: from 1, the oldest"""
    took = "" if attempt.finished_ns is None else format_duration(duration_ms(attempt, 0))
    return (
        f"{number:>3}  {format_time(attempt.started_ns)}  {status_class(attempt).value} {status_text(attempt):<4}"
        f" {took:>9}  {verdict_text(attempt.verdict)}"
    )
