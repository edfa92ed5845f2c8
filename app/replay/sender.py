"""Replay: a captured request, edited or not, to an upstream, recorded as an exchange that names its original."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from app.domain.events import Event, ExchangeFinished, ExchangeResponded, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import Problem, fail
from app.domain.replay import EditedRequest
from app.domain.tunnel import TunnelSpec
from app.upstream.api import UpstreamError, UpstreamOptions, UpstreamRequest
from app.upstream.client import upstream_client

_CANCELLED = Problem("replay_cancelled", "The replay was cancelled", "you")


def request_of(original: Exchange) -> EditedRequest:
    """The captured request as it can be sent again.

    Raises HatchwayError `not_replayable` (a WebSocket), `body_not_kept` (the capture limit cut it).
    """
    if original.kind == "websocket":
        raise fail("not_replayable", "A WebSocket cannot be replayed", "Hatchway", "Replay an HTTP request instead.")
    if original.request_body.truncated:
        raise fail(
            "body_not_kept",
            f"Only {original.request_body.kept} of {original.request_body.size} bytes of the body were kept",
            "you",
            "Raise the capture limit of the tunnel and send the request once more.",
        )
    return EditedRequest(original.method, original.target, original.request_headers, original.request_body.data)


async def replay(
    original: Exchange, request: EditedRequest, spec: TunnelSpec, publish: Callable[[Event], None]
) -> Exchange:
    """Send and wait for the whole answer. A failing upstream is a finished exchange in state FAILED."""
    options = UpstreamOptions(spec.upstream, spec.verify_tls, spec.connect_timeout, spec.response_timeout)
    limit = spec.capture_bytes
    record = Exchange(
        tunnel=spec.name,
        tunnel_id=spec.id,
        method=request.method,
        target=request.target,
        upstream=spec.upstream.origin,
        request_headers=request.headers,
        public_url=spec.upstream.origin + request.target,
        replay_of=original.id,
        # A replay must be replayable itself, so its own body is kept whole.
        request_body=Body(request.body, limit=max(limit, len(request.body))),
        response_body=Body(limit=limit),
    )
    publish(ExchangeStarted(record))
    try:
        await _send(record, request, options, publish)
        record.state = ExchangeState.DONE
    except UpstreamError as error:
        record.state, record.problem = ExchangeState.FAILED, error.problem
    except asyncio.CancelledError:
        record.state, record.problem = ExchangeState.CANCELLED, _CANCELLED
        raise
    finally:
        record.finished_ns = time.time_ns()
        publish(ExchangeFinished(record))
    return record


async def _send(
    record: Exchange, request: EditedRequest, options: UpstreamOptions, publish: Callable[[Event], None]
) -> None:
    client = upstream_client(options)
    try:
        record.sent_ns = time.time_ns()
        outgoing = UpstreamRequest(request.method, request.target, list(request.headers), request.body)
        response = await client.send(outgoing)
        try:
            record.first_byte_ns = time.time_ns()
            record.status, record.reason = response.status, response.reason
            record.response_headers = tuple(response.headers)
            publish(ExchangeResponded(record))
            while piece := await response.read():
                record.response_body.append(piece)
        finally:
            await response.aclose()
    finally:
        await client.aclose()
