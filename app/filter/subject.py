"""One exchange as the tests of a filter look at it: everything that costs is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from app.content.reading import body_text, parse_json
from app.domain.exchange import Exchange, Headers
from app.domain.frame import Frame
from app.domain.webhook import SignatureCheck, signature_scheme, unchecked

Side = Literal["request", "response"]


class Subject:
    """frames: those that are known, a test of messages looks at no others; check: of signatures"""

    __slots__ = ("_check", "_json", "_text", "exchange", "frames")

    def __init__(self, exchange: Exchange, frames: Sequence[Frame] = (), check: SignatureCheck = unchecked) -> None:
        self.exchange = exchange
        self.frames = frames
        self._check = check
        self._text: dict[Side, bytes] = {}
        self._json: dict[Side, Any] = {}

    def headers(self, side: Side) -> Headers:
        return self.exchange.request_headers if side == "request" else self.exchange.response_headers

    def signature(self) -> str:
        """What a webhook's signature was worth on arrival; empty if it has none."""
        return self._check(self.exchange) if signature_scheme(self.exchange.request_headers) else ""

    def text(self, side: Side) -> bytes:
        """The kept body without content codings, as UTF-8."""
        if (found := self._text.get(side)) is None:
            exchange = self.exchange
            body = exchange.request_body if side == "request" else exchange.response_body
            header = exchange.request_header if side == "request" else exchange.response_header
            found = self._text[side] = body_text(body.data, header("content-encoding"), header("content-type"))
        return found

    def json(self, side: Side) -> Any:
        """The body as JSON; MISSING if it is none."""
        if side not in self._json:
            self._json[side] = parse_json(self.text(side))
        return self._json[side]


Predicate = Callable[[Subject], bool]
