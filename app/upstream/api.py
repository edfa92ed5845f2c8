"""What the agent asks of a client for the upstream. Both adapters pass the same contract tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from app.domain.problems import HatchwayError, Problem, Side
from app.domain.upstream import Upstream
from backend_lambda.protocol.errors import FAILURES
from backend_lambda.protocol.messages import Headers


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """target: path and query as they go on the wire; body: complete, or a stream of pieces.

    Framing is the client's: it sets Content-Length or chunks itself, whatever the headers say, so that a
    request can never be split in two.
    """

    method: str
    target: str
    headers: Headers
    body: bytes | AsyncIterator[bytes] = b""


class UpstreamResponse(Protocol):
    """The head is there; the body is read piece by piece, never decoded."""

    status: int
    reason: str
    headers: Headers

    def complete(self) -> bytes | None:
        """The whole rest of the body if it has arrived already, else None. Never waits."""
        ...

    async def complete_within(self, seconds: float) -> bytes | None:
        """Like `complete`, but gives the rest of a short body a moment to arrive."""
        ...

    async def read(self) -> bytes:
        """What has arrived since, b"" at the end. Raises UpstreamError `upstream_cut`, `upstream_invalid`."""
        ...

    async def aclose(self) -> None:
        """Done with it: gives the connection back, or closes it if the body was not read to its end. May be
        called again."""
        ...


class UpstreamClient(Protocol):
    """A client bound to one upstream; there is no way to make it talk to another."""

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """Send and wait for the head. Redirects are not followed. Raises UpstreamError, or what the stream of
        the body raised."""
        ...

    async def aclose(self) -> None:
        """Close idle connections."""
        ...


@dataclass(frozen=True, slots=True)
class UpstreamOptions:
    """connect_timeout, response_timeout: seconds, until connected and until the head of the answer"""

    upstream: Upstream
    verify_tls: bool = True
    connect_timeout: float = 5.0
    response_timeout: float = 60.0


class UpstreamError(HatchwayError):
    """The upstream failed (upstream_…), or the request cannot stand in HTTP (bad_request).

    `problem.code` is one of the protocol's exchange failures.
    """

    def __init__(self, code: str, detail: str, upstream: Upstream) -> None:
        failure = FAILURES[code]
        title = failure.title.replace("The service behind this tunnel", str(upstream)).rstrip(".")
        hint = failure.hint.removeprefix("If it is yours, ")
        hint = hint[:1].upper() + hint[1:]
        side: Side = "you" if failure.side == "visitor" else "your service"
        super().__init__(Problem(code, f"{title} ({detail})" if detail else title, side, hint))
