"""One exchange as the tests of a filter look at it: everything that costs is made when it is first asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, Literal

from app.content.charset import as_utf8
from app.content.codings import decode_body
from app.domain.exchange import Exchange, Headers
from app.domain.frame import Frame

Side = Literal["request", "response"]
MISSING: Final = object()


class Subject:
    """frames: those that are known; a test of messages looks at no others"""

    __slots__ = ("_json", "_text", "exchange", "frames")

    def __init__(self, exchange: Exchange, frames: Sequence[Frame] = ()) -> None:
        self.exchange = exchange
        self.frames = frames
        self._text: dict[Side, bytes] = {}
        self._json: dict[Side, Any] = {}

    def headers(self, side: Side) -> Headers:
        return self.exchange.request_headers if side == "request" else self.exchange.response_headers

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


def body_text(data: bytes, coding: str | None, content_type: str | None) -> bytes:
    """What the tests of bodies see. Bad codings and charsets are no error: what can be read is."""
    if coding and data:
        data = decode_body(data, coding).data
    return as_utf8(data, content_type)


def parse_json(text: bytes) -> Any:
    """The value; MISSING if the text is no JSON (or nested deeper than anybody means)."""
    if not text or text[:1] not in b' \t\r\n{["-0123456789tfn\xef':
        return MISSING
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return MISSING
