"""Which client an upstream gets."""

from __future__ import annotations

from app.domain.upstream import parse_upstream
from app.upstream.api import UpstreamOptions
from app.upstream.client import upstream_client
from app.upstream.general import GeneralClient
from app.upstream.lean import LeanClient


async def test_plain_http_gets_the_lean_client_and_tls_the_general_one() -> None:
    assert isinstance(upstream_client(UpstreamOptions(parse_upstream("3000"))), LeanClient)
    client = upstream_client(UpstreamOptions(parse_upstream("https://localhost:3000")))
    assert isinstance(client, GeneralClient)
    await client.aclose()
