"""httpx behind the seam: TLS, and whatever else the lean client does not speak."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import httpx

from app.upstream.api import UpstreamError, UpstreamOptions, UpstreamRequest
from app.upstream.failures import translate
from app.domain.upstream import Upstream
from backend_lambda.protocol.messages import Headers

_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


class GeneralResponse:
    """One answer of httpx, raw."""

    __slots__ = ("_pieces", "_response", "_upstream", "headers", "reason", "status")

    def __init__(self, response: httpx.Response, upstream: Upstream) -> None:
        self._response = response
        self._upstream = upstream
        self.status = response.status_code
        self.reason = response.reason_phrase
        self.headers: Headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
        ]
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._pieces: AsyncIterator[bytes] = response.stream.__aiter__()

    def complete(self) -> bytes | None:
        return None  # httpx does not tell what it has

    async def complete_within(self, seconds: float) -> bytes | None:
        return None

    async def read(self) -> bytes:
        try:
            while not (piece := await anext(self._pieces, b"")):
                return b""
            return piece
        except httpx.TransportError as error:
            raise UpstreamError("upstream_cut", str(error), self._upstream) from error

    async def aclose(self) -> None:
        await self._response.aclose()


class GeneralClient:
    """Pool of httpx connections to one upstream."""

    def __init__(self, options: UpstreamOptions) -> None:
        self._options = options
        self._upstream = options.upstream
        context = ssl.create_default_context()
        if not options.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        # The transport, not the client: no redirects, no cookies, no decoding, no environment proxies.
        self._transport = httpx.AsyncHTTPTransport(
            verify=context, trust_env=False, limits=httpx.Limits(max_connections=256, keepalive_expiry=4.0)
        )

    async def send(self, request: UpstreamRequest) -> GeneralResponse:
        options, upstream = self._options, self._upstream
        host = f"[{upstream.host}]" if ":" in upstream.host else upstream.host
        outgoing = httpx.Request(
            request.method,
            f"{upstream.scheme}://{host}:{upstream.port}/",
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in _framed(request)],
            content=request.body,
            extensions={
                "target": request.target.encode("latin-1"),
                "timeout": {"connect": options.connect_timeout, "read": None, "write": None, "pool": None},
            },
        )
        try:
            # httpx's read timeout would also end quiet event streams; only the head has a deadline.
            async with asyncio.timeout(None) as clock:
                if isinstance(request.body, bytes):
                    clock.reschedule(asyncio.get_running_loop().time() + options.response_timeout)
                response = await self._transport.handle_async_request(outgoing)
        except TimeoutError:
            detail = f"no answer within {options.response_timeout:g} s"
            raise UpstreamError("upstream_timeout", detail, upstream) from None
        except httpx.TransportError as error:
            raise _translate(error, upstream) from error
        return GeneralResponse(response, upstream)

    async def aclose(self) -> None:
        with contextlib.suppress(httpx.TransportError):
            await self._transport.aclose()


def _framed(request: UpstreamRequest) -> Headers:
    """The headers with the framing that is right for the body."""
    announced = next((value for name, value in request.headers if name.lower() == "content-length"), None)
    headers = [pair for pair in request.headers if pair[0].lower() not in ("content-length", "transfer-encoding")]
    if not isinstance(request.body, bytes):
        headers.append(("Transfer-Encoding", "chunked") if announced is None else ("Content-Length", announced))
    elif request.body or announced is not None or request.method in _BODY_METHODS:
        headers.append(("Content-Length", str(len(request.body))))
    return headers


def _translate(error: httpx.TransportError, upstream: Upstream) -> UpstreamError:
    if isinstance(error, httpx.ConnectTimeout):
        return UpstreamError("upstream_timeout", "no connection", upstream)
    if isinstance(error, httpx.ConnectError):
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, OSError):
                return translate(cause, upstream)
            cause = cause.__cause__ or cause.__context__
        return UpstreamError("upstream_refused", str(error), upstream)
    if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
        return UpstreamError("upstream_invalid", str(error), upstream)
    return UpstreamError("upstream_cut", str(error), upstream)
