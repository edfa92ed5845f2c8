"""Reads JSON Web Tokens (RFC 7519) in compact form. Nothing here verifies a signature: it tells what is written."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from typing import Any, Final

_LONGEST: Final = 64 * 1024
# Both parts are JSON objects, and `{"` in base64url begins with eyJ, with white space before the quote with ew or ey.
_SHAPE: Final = re.compile(r"(?<![\w.~+/-])(e[wy][\w-]{4,})\.([\w-]{2,})\.([\w-]*)(?![\w-])(?!\.[\w-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Jwt:
    """header, claims: as they were written, in order; signed: there is a third part, which may be anything"""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bool

    def date(self, claim: str) -> float | None:
        """A NumericDate (section 2) in seconds of Unix time; None if the claim is missing or no finite number."""
        value = self.claims.get(claim)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            seconds = float(value)
        except OverflowError:
            return None
        return seconds if math.isfinite(seconds) else None


def decode_jwt(text: str) -> Jwt | None:
    """The token, None if the text is none. Encrypted ones (five parts) cannot be read."""
    found = _SHAPE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        return None
    header, claims = _json_object(found[1]), _json_object(found[2])
    return None if header is None or claims is None or "alg" not in header else Jwt(header, claims, bool(found[3]))


def jwts_in(text: str, most: int = 4) -> list[Jwt]:
    """The tokens within a text, such as a header value, at most `most`."""
    if "e" not in text or "." not in text:
        return []
    tokens: list[Jwt] = []
    for found in _SHAPE.finditer(text[:_LONGEST]):
        token = decode_jwt(found[0])
        if token is not None:
            tokens.append(token)
            if len(tokens) == most:
                break
    return tokens


def _json_object(part: str) -> dict[str, Any] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):  # of base64 and of UTF-8, too
        return None
    return value if isinstance(value, dict) else None
