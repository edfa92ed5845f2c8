"""Bodies that go by the store beside the connection (docs/protocol.md, "Blobs"): get a visitor's, put an answer's.

URLs come from the backend, so they are held to its own host and to S3's: whoever runs a backend must not be able to
make this computer call anything else. They are secrets; httpx' client would log them, its transport does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import zlib
from collections.abc import AsyncIterator
from typing import IO, Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from app.domain.hosts import is_loopback_host
from app.domain.problems import HatchwayError, fail
from backend_lambda.protocol.errors import ProtocolError
from backend_lambda.protocol.messages import Blob

_PAUSES = (0.1, 0.4)  # seconds before the second and the third attempt
_TIMEOUT = {"connect": 5.0, "read": 15.0, "write": 15.0, "pool": 15.0}
_PIECE = 256 * 1024
_STORES = (".amazonaws.com", ".amazonaws.com.cn")


class BlobClient:
    """Of one connection. backend: URL of the agent endpoint"""

    def __init__(self, backend: str) -> None:
        self._backend = urlsplit(backend).hostname or ""
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._opening = asyncio.Lock()

    async def get(self, blob: Blob) -> bytes:
        """The whole body. Raises HatchwayError `blob_failed`, ProtocolError."""
        for pause in (*_PAUSES, None):
            try:
                return await self._get(blob)
            except _Again as again:
                if pause is None:
                    raise again.problem from again.__cause__
                await asyncio.sleep(pause)
        raise AssertionError

    async def put(self, url: str, body: bytes | IO[bytes], size: int) -> None:
        """Store it. body: or a file, read from its beginning; size: bytes of it. Raises HatchwayError `blob_failed`."""
        for pause in (*_PAUSES, None):
            try:
                await self._put(url, body, size)
                return
            except _Again as again:
                if pause is None:
                    raise again.problem from again.__cause__
                await asyncio.sleep(pause)

    async def aclose(self) -> None:
        """Close its connections."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def _get(self, blob: Blob) -> bytes:
        response = await self._send("GET", blob.url, b"", 0)
        try:
            stored = bytearray()
            assert isinstance(response.stream, httpx.AsyncByteStream)
            async for piece in response.stream:
                stored += piece
                if len(stored) > blob.size:  # deflated it is smaller still
                    raise ProtocolError("oversize", "blob")
        except httpx.TransportError as error:
            raise _Again("The request's body broke off on its way", "network") from error
        finally:
            await response.aclose()
        return _body(bytes(stored), blob)

    async def _put(self, url: str, body: bytes | IO[bytes], size: int) -> None:
        content = body if isinstance(body, bytes) else _pieces(body)
        await _finish(await self._send("PUT", url, content, size))

    async def _send(self, method: str, url: str, content: bytes | AsyncIterator[bytes], size: int) -> httpx.Response:
        self.check(url)
        headers = {"Content-Length": str(size)} if method == "PUT" else {}
        request = httpx.Request(method, url, headers=headers, content=content, extensions={"timeout": _TIMEOUT})
        try:
            response = await (await self._open(url)).handle_async_request(request)
        except httpx.TransportError as error:
            # Not its words: they may name the URL.
            raise _Again(f"The store of large bodies cannot be reached ({type(error).__name__})", "network") from None
        if response.status_code < 300:
            return response
        await _finish(response)
        title = f"The store of large bodies answered {response.status_code}"
        if response.status_code >= 500:
            raise _Again(title, "AWS")
        hint = "Check the clock of this computer." if response.status_code == 403 else ""
        raise fail("blob_failed", title, "AWS", hint)

    def check(self, text: str) -> None:
        """Raises ProtocolError for a URL that is not to be called."""
        url = urlsplit(text)
        host = url.hostname or ""
        known = host == self._backend or (host.endswith(_STORES) and "s3" in host.split("."))
        safe = url.scheme == "https" or (url.scheme == "http" and is_loopback_host(host))
        if not known or not safe or url.username is not None:
            raise ProtocolError("malformed", "the host of a blob")

    async def _open(self, url: str) -> httpx.AsyncHTTPTransport:
        async with self._opening:
            if self._transport is None:
                self._transport = await asyncio.to_thread(_transport, urlsplit(url).hostname or "")
            return self._transport


class _Again(Exception):
    """May go better another time; `problem` is what to say when it does not."""

    def __init__(self, title: str, side: Literal["AWS", "network"]) -> None:
        super().__init__(title)
        self.problem: HatchwayError = fail("blob_failed", title, side, "Try again.")


async def _finish(response: httpx.Response) -> None:
    """Read what is left of it, which is little, so that its connection can be used again."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    left = _PIECE
    with contextlib.suppress(httpx.TransportError):  # its status has said what counts
        async for piece in response.stream:
            left -= len(piece)
            if left < 0:
                break
    await response.aclose()


def _transport(host: str) -> httpx.AsyncHTTPTransport:
    """As for the connection itself: proxies of the environment, but never for this computer. Reads files."""
    proxy = None if is_loopback_host(host) or proxy_bypass(host) else getproxies().get("https")
    limits = httpx.Limits(max_connections=32, keepalive_expiry=20.0)
    return httpx.AsyncHTTPTransport(verify=ssl.create_default_context(), trust_env=False, proxy=proxy, limits=limits)


def _body(stored: bytes, blob: Blob) -> bytes:
    """Raises ProtocolError."""
    if not blob.deflated:
        body = stored
    else:
        inflater = zlib.decompressobj()
        try:
            body = inflater.decompress(stored, blob.size + 1)
        except zlib.error:
            raise ProtocolError("malformed", "blob is not deflated") from None
    if len(body) != blob.size:
        raise ProtocolError("malformed", "the size of a blob")
    return body


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    await asyncio.to_thread(file.seek, 0)
    while piece := await asyncio.to_thread(file.read, _PIECE):
        yield piece
