"""TLS, which only the general client speaks."""

from __future__ import annotations

import ssl

import pytest

from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError, UpstreamOptions
from app.upstream.general import GeneralClient
from tests.app.upstream.conftest import fetch, get, in_pieces
from tests.app.upstream.raw_server import Peer, RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def client_to(port: int, *, verify_tls: bool = True, host: str = "localhost") -> GeneralClient:
    return GeneralClient(UpstreamOptions(Upstream("https", host, port), verify_tls, connect_timeout=2))


async def test_a_self_signed_certificate_is_refused(tls: ssl.SSLContext) -> None:
    async with RawServer(answering(OK), tls=tls) as server:
        client = client_to(server.port)
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get())
        await client.aclose()
    assert raised.value.problem.code == "upstream_tls"
    assert "self" in raised.value.problem.title
    assert "self-signed" in raised.value.problem.hint
    assert server.requests == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_self_signed_certificate_can_be_allowed(tls: ssl.SSLContext, host: str) -> None:
    async with RawServer(answering(OK), tls=tls) as server:
        client = client_to(server.port, verify_tls=False, host=host)
        assert (await fetch(client, get("/a%2F//?x", [("Host", "a.example")])))[2] == b"ok"
        assert (await fetch(client, get(method="POST", body=in_pieces(b"a" * 100_000))))[2] == b"ok"
        await client.aclose()
    assert server.requests[0].line == b"GET /a%2F//?x HTTP/1.1"
    assert server.requests[0].headers == [(b"Host", b"a.example")]
    assert server.requests[1].body == b"a" * 100_000
    assert server.connections == 1


async def test_a_service_without_tls_is_invalid() -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(100)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with RawServer(script) as server:
        client = client_to(server.port)
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get())
        await client.aclose()
    assert raised.value.problem.code == "upstream_invalid"


async def test_a_service_that_never_shakes_hands_is_a_timeout() -> None:
    async def script(peer: Peer) -> None:
        await peer.gone()

    async with RawServer(script) as server:
        client = GeneralClient(UpstreamOptions(Upstream("https", "localhost", server.port), connect_timeout=0.1))
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get())
        await client.aclose()
    assert raised.value.problem.code == "upstream_timeout"


async def test_a_service_cut_in_the_middle(tls: ssl.SSLContext) -> None:
    async with RawServer(answering(OK[:-1], close=True), tls=tls) as server:
        client = client_to(server.port, verify_tls=False)
        with pytest.raises(UpstreamError) as raised:
            await fetch(client, get())
        await client.aclose()
    assert raised.value.problem.code == "upstream_cut"


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with RawServer(answering(OK), tls=tls) as server:
        client = client_to(server.port, verify_tls=False)
        assert (await fetch(client, get()))[2] == b"ok"
        await client.aclose()
