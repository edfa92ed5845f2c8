"""Chooses the client for an upstream."""

from __future__ import annotations

from app.upstream.api import UpstreamClient, UpstreamOptions
from app.upstream.lean import LeanClient


def upstream_client(options: UpstreamOptions) -> UpstreamClient:
    """The lean client for plain HTTP, httpx for TLS."""
    if options.upstream.scheme == "http":
        return LeanClient(options)
    # httpx is only imported where it is needed: it costs a tenth of a second at start.
    from app.upstream.general import GeneralClient

    return GeneralClient(options)
