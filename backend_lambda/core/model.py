"""A visitor's request as any front door hands it in, and the answer as any front door sends it out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Protocol

from backend_lambda.protocol.messages import Headers


class BodyReader(Protocol):
    """The body of a request, read once, front to back."""

    @property
    def length(self) -> int | None:
        """Bytes, from Content-Length; None if not announced (chunked)."""
        ...

    async def read(self) -> bytes:
        """The next piece, b"" at the end. Raises VisitorGone if the visitor left before the end."""
        ...


class VisitorGone(Exception):
    """The visitor closed the connection; nobody waits for the answer."""


class ResponseCut(Exception):
    """The answer broke off after its head was sent: the front door must end it visibly, not as if complete.

    code: key of FAILURES, for the log
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class PublicRequest:
    """method: as sent; target: origin-form, byte-exact (latin-1 text); scheme, host: as the visitor used them
    (host with its port); client: the visitor's address; body: None if the request has none; received: Unix time in
    microseconds at which the head was there, 0 if unknown."""

    method: str
    target: str
    headers: Headers
    scheme: str
    host: str
    client: str
    body: BodyReader | None = None
    received: int = 0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the body of an answer also lies, as it is. url: headers of the answer → a URL that is good for minutes; it
    says of the headers what the store can say"""

    size: int
    url: Callable[[Headers], str]


@dataclass(slots=True)
class PublicResponse:
    """body: complete bytes, or a generator of pieces that raises ResponseCut if the rest is lost; whoever takes
    a generator must exhaust or `aclose()` it, since that is what cancels the upstream request.

    elsewhere: for front doors that cannot carry this body
    """

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes | AsyncGenerator[bytes, None] = b""
    elsewhere: Elsewhere | None = None


def header(headers: Headers, name: str) -> str | None:
    """The first value of that header; `name` in lower case."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None
