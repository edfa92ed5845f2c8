"""Visitors' HTTP requests: ASGI to `PublicRequest`, the core, and `PublicResponse` back to ASGI."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from app.domain.hosts import ip_address
from app.relay.hosts import Hosts, RequestRefused
from app.relay.visit import Visit
from backend_lambda.core.forward import Forwarder
from backend_lambda.core.model import PublicRequest, PublicResponse, ResponseCut, VisitorGone
from backend_lambda.core.pages import failure_response
from backend_lambda.core.routing import origin_form
from backend_lambda.protocol.messages import Headers

_log = logging.getLogger(__name__)

# RFC 9110: these never have a body, and a Content-Length there describes something else.
_BODILESS = (204, 304)


class AsgiBody:
    """The request body from ASGI's `receive`, which also paces the visitor."""

    __slots__ = ("_done", "_receive", "length")

    def __init__(self, receive: Any, length: int | None) -> None:
        self._receive = receive
        self._done = False
        self.length = length

    async def read(self) -> bytes:
        while not self._done:
            event = await self._receive()
            if event["type"] == "http.disconnect":
                raise VisitorGone
            self._done = not event.get("more_body", False)
            if piece := event.get("body", b""):
                return bytes(piece)
        return b""


class VisitorEndpoint:
    """Serves every HTTP request that is not for the relay itself."""

    def __init__(self, forwarder: Forwarder, hosts: Hosts, proxy_scheme: str | None) -> None:
        """proxy_scheme: what visitors use, where a proxy in front of us ends TLS; None without a proxy."""
        self._forwarder = forwarder
        self._hosts = hosts
        self._proxy_scheme = proxy_scheme

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        visit: Visit = scope["hatchway"]
        visit.cancel_when_gone()
        try:
            try:
                request = read_request(scope, visit, receive, self._hosts, self._proxy_scheme)
                answer = await self._forwarder.handle(request)
            except RequestRefused as refused:
                answer = failure_response(refused.code, text_headers(visit.headers))
            await _send(scope, visit, send, answer)
        except asyncio.CancelledError:
            if not visit.gone:
                raise
        except ResponseCut as cut:
            _log.info("response cut code=%s", cut.code)
            visit.abort()
        except Exception:
            _log.exception("request failed method=%s", scope["method"])
            if visit.started:
                visit.abort()
            else:
                await _send(scope, visit, send, failure_response("relay_failure", []))


def read_request(scope: Any, visit: Visit, receive: Any, hosts: Hosts, proxy_scheme: str | None) -> PublicRequest:
    """Raises RequestRefused: target, framing or host make no sense, or the host is not ours."""
    found = origin_form(visit.target.decode("latin-1"))
    version = scope["http_version"]
    if found is None or scope["method"] == "CONNECT" or version not in ("1.1", "1.0"):
        raise RequestRefused("bad_request")
    target, authority = found
    named: list[str] = []
    length, has_body = None, False
    for name, value in scope["headers"]:  # the same headers with lower-case names
        if name == b"host":
            named.append(value.decode("latin-1"))
        elif name == b"content-length":
            length = int(value)  # llhttp lets nothing but digits through
            has_body = length > 0
        elif name == b"transfer-encoding":
            if value.lower() != b"chunked":
                raise RequestRefused("bad_request")  # RFC 9112 section 6.1: a coding that we cannot pass on as it is
            has_body = True
    return PublicRequest(
        method=scope["method"],
        target=target,
        headers=text_headers(visit.headers),
        scheme=proxy_scheme or scope["scheme"],
        host=hosts.choose(named, authority, needed=version == "1.1"),
        client=visitor_address(scope, behind_proxy=proxy_scheme is not None),
        body=AsgiBody(receive, length) if has_body else None,
        received=time.time_ns() // 1000,
    )


def text_headers(headers: list[tuple[bytes, bytes]]) -> Headers:
    """As the core wants them: each character stands for one byte."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def visitor_address(scope: Any, *, behind_proxy: bool) -> str:
    """Who asks. The proxy in front of us appends its visitor to X-Forwarded-For, so only the last entry is its
    word; and only a proxy on this computer is believed, since anybody else could write what he likes."""
    peer: str = scope["client"][0] if scope["client"] else ""
    if behind_proxy and peer in ("127.0.0.1", "::1"):
        for name, value in reversed(scope["headers"]):
            if name.lower() == b"x-forwarded-for":
                last = value.decode("latin-1").rpartition(",")[2].strip()
                return last if ip_address(last) is not None else peer
    return peer


async def _send(scope: Any, visit: Visit, send: Any, answer: PublicResponse) -> None:
    headers = answer.headers
    bodiless = answer.status in _BODILESS
    old = scope["http_version"] == "1.0"
    if bodiless:
        headers = [pair for pair in headers if pair[0].lower() not in ("content-length", "transfer-encoding")]
    wire = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    body = answer.body
    unsized = (
        old
        and scope["method"] != "HEAD"
        and not bodiless
        and not any(name.lower() == b"content-length" for name, _ in wire)
    )
    if isinstance(body, bytes):
        if unsized:
            wire.append((b"content-length", b"%d" % len(body)))  # uvicorn would send chunks
        await send({"type": "http.response.start", "status": answer.status, "headers": wire})
        await send({"type": "http.response.body", "body": b"" if bodiless else body})
        return
    async with contextlib.aclosing(body) as pieces:
        if unsized:
            visit.send_until_close()
        await send({"type": "http.response.start", "status": answer.status, "headers": wire})
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    if unsized:
        visit.finish_by_close()
    else:
        await send({"type": "http.response.body", "body": b""})
