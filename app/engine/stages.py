"""The four stages of a recorded exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from app.domain.exchange import Exchange, ExchangeState
from app.domain.stage import Stage
from app.domain.tunnel import TunnelSpec
from app.history.preview import delivered_body

_NO_VISITOR = "There was no visitor: this request was sent to the service directly."
_NOT_TOLD = "The relay did not tell; it may be of another version."
_CUT = "Not kept whole."


async def stages_of(exchange: Exchange, spec: TunnelSpec) -> Sequence[Stage]:
    """As the visitor sent it, as it went to the service, the raw answer, the delivered one. Rewriting runs in a thread.

    exchange: with its bodies; spec: of its tunnel
    """
    return (_visitor(exchange), _upstream(exchange), _raw(exchange), await _delivered(exchange, spec))


def _visitor(exchange: Exchange) -> Stage:
    asked = exchange.visitor_request
    if asked is None:
        return Stage("visitor", note=_without_relay(exchange))
    line, body = f"{asked.method} {asked.target}", exchange.request_body
    # Bodies of requests are never changed on their way.
    coding = exchange.request_header("content-encoding") or ""
    return Stage("visitor", line, asked.headers, body.data, coding, _CUT if body.truncated else "")


def _upstream(exchange: Exchange) -> Stage:
    line, body = f"{exchange.method} {exchange.target}", exchange.request_body
    coding = exchange.request_header("content-encoding") or ""
    return Stage("upstream", line, exchange.request_headers, body.data, coding, _CUT if body.truncated else "")


def _raw(exchange: Exchange) -> Stage:
    if exchange.status is None:
        return Stage("raw", note="The service has not answered.")
    line, body = f"{exchange.status} {exchange.reason}".strip(), exchange.response_body
    coding = exchange.response_header("content-encoding") or ""
    return Stage("raw", line, exchange.response_headers, body.data, coding, _CUT if body.truncated else "")


async def _delivered(exchange: Exchange, spec: TunnelSpec) -> Stage:
    if exchange.visitor_request is None and exchange.delivered is None:
        return Stage("delivered", note=_without_relay(exchange))
    if exchange.state is ExchangeState.RUNNING:
        return Stage("delivered", note="The answer is not complete yet.")
    if exchange.status is None:
        return Stage("delivered", note="The visitor got an error page of Hatchway, if anything.")
    raw, told = _raw(exchange), exchange.delivered
    if told is None:
        if exchange.rewriting is not None:
            return Stage("delivered", note=_NOT_TOLD)
        return Stage("delivered", raw.line, raw.headers, raw.body, raw.coding, raw.note)
    # A reason phrase is not passed on where the status has changed.
    line = raw.line if told.status == exchange.status else str(told.status)
    if not told.digest:
        return Stage("delivered", line, told.headers, raw.body, raw.coding, raw.note)
    preview = await asyncio.to_thread(delivered_body, exchange, spec)
    return Stage("delivered", line, told.headers, preview.body, "", preview.note, preview.verified)


def _without_relay(exchange: Exchange) -> str:
    return _NO_VISITOR if exchange.replay_of or exchange.imported else _NOT_TOLD
