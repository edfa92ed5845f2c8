"""Replay: a captured request, edited or not, to an upstream, recorded as an exchange that names its original."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from app.domain.events import Event, ExchangeFinished, ExchangeResponded, ExchangeStarted
from app.domain.exchange import Body, Exchange, ExchangeState, Headers
from app.domain.problems import Problem, fail
from app.domain.replay import EditedRequest
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError, UpstreamOptions, UpstreamRequest
from app.upstream.client import upstream_client

_BODY_METHODS = ("POST", "PUT", "PATCH")  # announce their body even if it is empty (RFC 9110 section 8.6)
_CANCELLED = Problem("replay_cancelled", "The replay was cancelled", "you")


def request_of(original: Exchange) -> EditedRequest:
    """The captured request as it can be sent again.

    Raises HatchwayError `not_replayable` (a WebSocket), `body_not_kept` (the capture limit cut it),
    `body_incomplete` (the visitor has not sent all of it, or never did).
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
    if not _arrived(original):
        raise fail(
            "body_incomplete",
            "The body of this request may not have arrived completely",
            "visitor",
            "If it is still being sent, wait for its end; else edit the request and send that.",
        )
    return EditedRequest(original.method, original.target, original.request_headers, original.request_body.data)


async def replay(
    original: Exchange, request: EditedRequest, spec: TunnelSpec, publish: Callable[[Event], None]
) -> Exchange:
    """Send and wait for the whole answer. A failing upstream is a finished exchange in state FAILED."""
    options = UpstreamOptions(spec.upstream, spec.verify_tls, spec.connect_timeout, spec.response_timeout)
    limit = spec.capture_bytes
    request = replace(request, headers=_framed(request))
    record = Exchange(
        tunnel=spec.name,
        tunnel_id=spec.id,
        method=request.method,
        target=request.target,
        upstream=spec.upstream.origin,
        request_headers=request.headers,
        public_url=spec.upstream.origin + request.target,
        replay_of=original.replay_of or original.id,
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


def addressed(request: EditedRequest, before: Upstream, upstream: Upstream) -> EditedRequest:
    """The request for another service: Host, Origin and Referer that name the one before name this one instead."""
    headers = []
    for name, value in request.headers:
        match name.lower():
            case "host":
                headers.append((name, upstream.authority))
            case "origin" | "referer" if value == before.origin or value.startswith(f"{before.origin}/"):
                headers.append((name, upstream.origin + value[len(before.origin) :]))
            case _:
                headers.append((name, value))
    return replace(request, headers=tuple(headers))


def _arrived(original: Exchange) -> bool:
    """Whether the captured body is certainly the whole one."""
    announced = original.request_header("content-length")
    if announced is not None and announced.isdecimal():
        return original.request_body.size >= int(announced)
    if original.state is ExchangeState.DONE or original.first_byte_ns is not None:
        return True
    # A body in chunks announces nothing (the relay takes Transfer-Encoding off), and only its end would tell.
    return original.request_body.size == 0 and original.method not in _BODY_METHODS


def _framed(request: EditedRequest) -> Headers:
    """The headers as the client will send them, so that the record tells the truth: the length of this body."""
    length = str(len(request.body))
    headers = []
    announced = False
    for name, value in request.headers:
        match name.lower():
            case "transfer-encoding":
                continue
            case "content-length":
                if not announced:
                    headers.append((name, length))
                announced = True
            case _:
                headers.append((name, value))
    if not announced and (request.body or request.method in _BODY_METHODS):
        headers.append(("Content-Length", length))
    return tuple(headers)


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
