"""TLS in front of the emulator, for browsers: an API of AWS speaks nothing else, and pages are told https addresses."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.tasks import spawn
from tests.aws.backend import Backend
from tests.aws.emulator.cloud_config import CloudConfig
from tests.aws.threaded import in_threads


@dataclass
class SecureBackend:
    """url: the HTTP API as browsers reach it; backend: the same without TLS"""

    url: str
    backend: Backend


@contextlib.asynccontextmanager
async def with_tls(certificate: Path, config: CloudConfig | None = None) -> AsyncIterator[SecureBackend]:
    """A deployed backend whose public addresses are https and wss. certificate: with its key, as PEM"""
    config = config or CloudConfig()
    async with _Front(certificate) as http, _Front(certificate) as sockets:
        url, socket_url = f"https://127.0.0.1:{http.port}", f"wss://127.0.0.1:{sockets.port}"
        own = {"HATCHWAY_PUBLIC_URL": url, "HATCHWAY_SOCKET_URL": f"{socket_url}/{config.websockets.stage}"}
        async with in_threads(replace(config, variables={**config.variables, **own})) as backend:
            http.target = int(backend.cloud.http_url.rpartition(":")[2])
            sockets.target = backend.cloud.websockets.port
            yield SecureBackend(url, backend)


class _Front:
    """Takes the TLS off what comes, and passes it on to the port `target`."""

    def __init__(self, certificate: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self.port = self.target = 0

    async def __aenter__(self) -> _Front:
        self._server = await asyncio.start_server(
            lambda *pair: spawn(self._serve(*pair), name="tls"), "127.0.0.1", 0, ssl=self._context
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()
