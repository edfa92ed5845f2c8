"""Texts and bodies as literals of Python and JavaScript; placeholders of secrets become environment variables."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from app.domain.exchange import Exchange, Headers
from app.interchange.wire_text import readable
from app.redaction.placeholders import PLACEHOLDER

# Set by every client itself, or meaningful only on the connection the request came in on.
_LEFT_OUT = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "keep-alive", "te", "trailer", "upgrade",
     "accept-encoding", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-prefix",
     "x-forwarded-port", "x-real-ip", "forwarded"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Python:
    """Literals of Python."""

    def text(self, value: str) -> str:
        pieces = _pieces(value)
        parts = [f'os.environ["{piece.upper()}"]' if secret else _python(piece) for piece, secret in pieces]
        return " + ".join(parts) or '""'

    def body(self, data: bytes) -> str:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return f'base64.b64decode("{base64.b64encode(data).decode()}")'
        literal = self.text(text)
        simple = literal.isascii() and "os.environ" not in literal and "\\u" not in literal
        return f"b{literal}" if simple else f"({literal}).encode()"


@dataclass(frozen=True, slots=True)
class JavaScript:
    """Literals of JavaScript."""

    def text(self, value: str) -> str:
        pieces = _pieces(value)
        parts = [f"process.env.{piece.upper()}" if secret else json.dumps(piece) for piece, secret in pieces]
        return " + ".join(parts) or '""'

    def body(self, data: bytes) -> str:
        try:
            return self.text(data.decode("utf-8"))
        except UnicodeDecodeError:
            encoded = base64.b64encode(data).decode()
            return f'Uint8Array.from(atob("{encoded}"), (char) => char.charCodeAt(0))'


def sendable_headers(exchange: Exchange) -> Headers:
    """Those that the code has to set, in their order; values readable."""
    return tuple((name, readable(value)) for name, value in exchange.request_headers if name.lower() not in _LEFT_OUT)


def variables(*codes: str) -> list[str]:
    """Names of the environment variables that the code reads."""
    found: dict[str, None] = {}
    for code in codes:
        for piece in code.split('os.environ["')[1:]:
            found[piece.partition('"')[0]] = None
    return list(found)


def _pieces(text: str) -> list[tuple[str, bool]]:
    """(text, False) and (name of a secret, True), in order."""
    pieces: list[tuple[str, bool]] = []
    last = 0
    for found in PLACEHOLDER.finditer(text):
        pieces += [(text[last : found.start()], False), (found[1], True)]
        last = found.end()
    pieces.append((text[last:], False))
    return [(piece, secret) for piece, secret in pieces if piece]


def _python(text: str) -> str:
    # JSON's escapes are Python's, apart from those of characters beyond the basic plane.
    readable_as_is = text.isprintable() or any(ord(char) > 0xFFFF for char in text)
    return json.dumps(text, ensure_ascii=not readable_as_is)
