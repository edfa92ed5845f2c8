"""Recorded requests as code; tests know how the answer was when the fault was repaired."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

from app.domain.exchange import Exchange
from app.engine.replays_api import Replays
from app.interchange.code import fetch_code, httpx_code
from app.interchange.curl_command import curl_command
from app.interchange.pytest_file import pytest_code
from app.redaction.redactor import Redactor
from app.replay.judgement import is_failure
from app.replay.repair import Repair

Form = Literal["curl", "httpx", "fetch", "pytest"]

_REQUESTS: Mapping[str, Callable[[Exchange], str]] = {"curl": curl_command, "httpx": httpx_code, "fetch": fetch_code}


async def write_code(exchange: Exchange, form: Form, replays: Replays, *, redact: bool = True) -> str:
    """The code that sends the request; of `pytest`, a test that fails on the fault.

    exchange: with its body; of a replay that succeeded the test is that of the captured request which failed
    redact: secrets become variables
    """
    if form != "pytest":
        return await asyncio.to_thread(_request, exchange, form, redact)
    repair = await replays.repair(exchange.replay_of or exchange.id)
    return await asyncio.to_thread(_test, exchange, repair, redact)


def _request(exchange: Exchange, form: Form, redact: bool) -> str:
    return _REQUESTS[form](Redactor().exchange(exchange) if redact else exchange)


def _test(exchange: Exchange, repair: Repair | None, redact: bool) -> str:
    redactor = Redactor() if redact else None

    def clean(each: Exchange) -> Exchange:
        return each if redactor is None else redactor.exchange(each)

    if repair is None or not _sent_alike(exchange, repair.original):
        return pytest_code(clean(exchange))
    captured = exchange if is_failure(exchange) else repair.original
    # First the request: its secrets name those of the answer.
    return pytest_code(clean(captured), clean(repair.good), repair.steady)


def _sent_alike(exchange: Exchange, original: Exchange) -> bool:
    """A replay of an edited request is another request."""
    return (exchange.method, exchange.target) == (original.method, original.target) and (
        exchange.request_body.data == original.request_body.data
    )
