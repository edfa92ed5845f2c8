"""httpx behind the seam: TLS, and whatever else the lean client does not speak."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator

import httpx

from app.domain.upstream import Upstream
from app.upstream.api import UpstreamError, UpstreamOptions, UpstreamRequest
from app.upstream.failures import translate
from app.upstream.lean import IDEMPOTENT
from app.upstream.request_head import BODY_METHODS
from backend_lambda.protocol.messages import Headers


class GeneralResponse:
    """One answer of httpx, raw."""

    __slots__ = ("_pieces", "_response", "_upstream", "headers", "reason", "status")

    def __init__(self, response: httpx.Response, upstream: Upstream) -> None:
        self._response = response
        self._upstream = upstream
        self.status = response.status_code
        self.reason = response.extensions["reason_phrase"].decode("latin-1")
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
            return await anext(self._pieces, b"")
        except httpx.TransportError as error:
            raise _translate(error, self._upstream) from error

    async def aclose(self) -> None:
        await self._response.aclose()


class GeneralClient:
    """Pool of httpx connections to one upstream."""

    def __init__(self, options: UpstreamOptions) -> None:
        self._options = options
        self._upstream = upstream = options.upstream
        host = f"[{upstream.host}]" if ":" in upstream.host else upstream.host
        self._url = httpx.URL(f"{upstream.scheme}://{host}:{upstream.port}/")
        context = ssl.create_default_context()
        if not options.verify_tls:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        # The transport, not the client: no redirects, no cookies, no decoding, no environment proxies.
        self._transport = httpx.AsyncHTTPTransport(
            verify=context, trust_env=False, limits=httpx.Limits(max_connections=256, keepalive_expiry=4.0)
        )

    async def send(self, request: UpstreamRequest) -> GeneralResponse:
        while True:
            attempt = _Attempt(request, self._options, self._url)
            try:
                response = await attempt.run(self._transport)
            except UpstreamError as error:
                # A reused connection that the service closed in the same moment; see LeanClient.send.
                again = attempt.reused and isinstance(request.body, bytes) and request.method in IDEMPOTENT
                if again and error.problem.code == "upstream_cut":
                    continue
                raise
            if response.status_code == 101:
                await response.aclose()
                raise UpstreamError("upstream_invalid", "101 without an upgrade", self._upstream)
            return GeneralResponse(response, self._upstream)

    async def aclose(self) -> None:
        with contextlib.suppress(httpx.TransportError):
            await self._transport.aclose()


class _Attempt:
    """A request on its way over one connection."""

    def __init__(self, request: UpstreamRequest, options: UpstreamOptions, url: httpx.URL) -> None:
        self._options = options
        self._clock = asyncio.timeout(None)
        self._whole = isinstance(request.body, bytes)
        self.reused = True
        upstream, body = options.upstream, request.body
        headers, announced = _framed(request)
        try:
            self._request = httpx.Request(
                request.method,
                url,
                headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
                content=body if isinstance(body, bytes) else self._checked(body, announced),
                extensions={
                    "target": _escaped(request.target).encode("latin-1"),
                    "timeout": {"connect": options.connect_timeout, "read": None, "write": None, "pool": None},
                    "trace": self._trace,
                },
            )
        except UnicodeEncodeError:
            raise UpstreamError("bad_request", "a character above U+00FF in its head", upstream) from None

    async def run(self, transport: httpx.AsyncHTTPTransport) -> httpx.Response:
        """Send and wait for the head. Raises UpstreamError."""
        options = self._options
        try:
            # httpx's read timeout would also end quiet event streams; only the head has a deadline.
            async with self._clock:
                if self._whole:
                    self._start_clock()
                return await transport.handle_async_request(self._request)
        except TimeoutError:
            detail = f"no answer within {options.response_timeout:g} s"
            raise UpstreamError("upstream_timeout", detail, options.upstream) from None
        except httpx.TransportError as error:
            raise _translate(error, options.upstream) from error

    async def _checked(self, body: AsyncIterator[bytes], announced: int | None) -> AsyncIterator[bytes]:
        """The body, held to the length that was announced; the clock for the answer starts at its end."""
        sent = 0
        async for piece in body:
            sent += len(piece)
            if announced is not None and sent > announced:
                raise UpstreamError("bad_request", "a body longer than announced", self._options.upstream)
            yield piece
        if announced is not None and sent < announced:
            raise UpstreamError("bad_request", "a body shorter than announced", self._options.upstream)
        self._start_clock()

    async def _trace(self, event: str, _info: object) -> None:
        if event == "connection.connect_tcp.started":
            self.reused = False

    def _start_clock(self) -> None:
        self._clock.reschedule(asyncio.get_running_loop().time() + self._options.response_timeout)


def _escaped(target: str) -> str:
    """h11 takes only ASCII; other bytes, which no URL should hold, go in their escaped form (RFC 3986, 2.1)."""
    return target if target.isascii() else re.sub(r"[\x80-\xff]", lambda byte: f"%{ord(byte[0]):02X}", target)


def _framed(request: UpstreamRequest) -> tuple[Headers, int | None]:
    """The headers with the framing that is right for the body, and the length they announce."""
    announced = next((value for name, value in request.headers if name.lower() == "content-length"), None)
    headers = [pair for pair in request.headers if pair[0].lower() not in ("content-length", "transfer-encoding")]
    if isinstance(request.body, bytes):
        if request.body or announced is not None or request.method in BODY_METHODS:
            headers.append(("Content-Length", str(len(request.body))))
        return headers, None
    if announced is not None and announced.isascii() and announced.isdecimal():
        headers.append(("Content-Length", announced))
        return headers, int(announced)
    headers.append(("Transfer-Encoding", "chunked"))
    return headers, None


def _translate(error: httpx.TransportError, upstream: Upstream) -> UpstreamError:
    if isinstance(error, httpx.ConnectTimeout):
        return UpstreamError("upstream_timeout", "no connection", upstream)
    if isinstance(error, httpx.ConnectError):
        return translate(_cause(error), upstream)
    if isinstance(error, httpx.LocalProtocolError):
        return UpstreamError("bad_request", str(error), upstream)
    # h11 and httpcore know no types for it.
    if isinstance(error, httpx.RemoteProtocolError) and not re.search("disconnected|peer closed", str(error)):
        return UpstreamError("upstream_invalid", str(error), upstream)
    return UpstreamError("upstream_cut", str(error), upstream)


def _cause(error: BaseException) -> BaseException:
    """The failure of the socket below the layers; anyio hides one per address in a group."""
    while not (isinstance(error, OSError) and error.errno is not None):
        below = error.__cause__ or error.__context__
        if below is None:
            return error
        error = below.exceptions[0] if isinstance(below, BaseExceptionGroup) else below
    return error
