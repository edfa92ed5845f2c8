"""Both adapters of the upstream client, and certificates that nobody signed."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from app.domain.upstream import Upstream
from app.upstream.api import UpstreamClient, UpstreamOptions, UpstreamRequest
from app.upstream.general import GeneralClient
from app.upstream.lean import LeanClient
from backend_lambda.protocol.messages import Headers

ADAPTERS: dict[str, Callable[[UpstreamOptions], UpstreamClient]] = {"lean": LeanClient, "general": GeneralClient}


class Connect(Protocol):
    """Makes a client for a server on this machine; closed after the test."""

    def __call__(self, port: int, *, host: str = ..., scheme: Any = ..., **options: Any) -> UpstreamClient: ...


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def connect(adapter: str) -> AsyncIterator[Connect]:
    opened: list[UpstreamClient] = []

    def make(port: int, *, host: str = "127.0.0.1", scheme: Any = "http", **options: Any) -> UpstreamClient:
        opened.append(ADAPTERS[adapter](UpstreamOptions(Upstream(scheme, host, port), **options)))
        return opened[-1]

    yield make
    for client in opened:
        await client.aclose()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost and 127.0.0.1, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """A server's side of TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def get(target: str = "/", headers: Headers | None = None, method: str = "GET", body: Any = b"") -> UpstreamRequest:
    """A request with the Host header that the backend always sets."""
    return UpstreamRequest(method, target, headers if headers is not None else [("Host", "localhost")], body)


async def fetch(client: UpstreamClient, request: UpstreamRequest) -> tuple[int, Headers, bytes]:
    """Status, headers and the whole body."""
    async with asyncio.timeout(10):
        response = await client.send(request)
        try:
            body = b""
            while piece := await response.read():
                body += piece
        finally:
            await response.aclose()
    return response.status, response.headers, body


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    """A streamed body."""
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece
