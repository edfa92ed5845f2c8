"""What every exchange of one tunnel needs at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from app.agent.ends import visitor_request
from app.agent.leaks import Leaks
from app.domain.events import Event
from app.domain.exchange import Body, Exchange
from app.domain.tunnel import TunnelSpec
from app.upstream.api import UpstreamClient, UpstreamOptions
from backend_lambda.protocol.messages import Request


@dataclass(frozen=True, slots=True)
class TunnelContext:
    """publish must return at once; client talks to this tunnel's upstream only."""

    spec: TunnelSpec
    client: UpstreamClient
    options: UpstreamOptions
    publish: Callable[[Event], None]
    leaks: Leaks = field(default_factory=Leaks)

    def exchange(self, request: Request, socket_url: str = "") -> Exchange:
        """The record of a request that just arrived. socket_url: as in RewriteOptions"""
        limit = self.spec.capture_bytes
        return Exchange(
            tunnel=self.spec.name,
            tunnel_id=self.spec.id,
            method=request.method,
            target=request.target,
            upstream=self.options.upstream.origin,
            request_headers=tuple(request.headers),
            kind=request.kind,
            public_url=request.visitor.url,
            visitor=request.visitor.address,
            request_body=Body(request.body[:limit], size=len(request.body), limit=limit),
            response_body=Body(limit=limit),
            relay_ns=request.visitor.received * 1000 or None,
            visitor_request=visitor_request(request),
            options=replace(self.spec.rewrite_options, socket_url=socket_url, store_origin=_origin(request.reply_url)),
            leak=self.leaks.take(request.method, request.target),
        )


def _origin(url: str) -> str:
    """Of the store, as the URL for a reply tells it."""
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
