"""A signed token in its compact form, `header.claims.signature` (RFC 7515 section 3.1, RFC 8725), read strictly."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

from backend_lambda.adapters.tokens.errors import BadToken

_LONGEST: Final = 8192  # characters; the gateway takes 10,240 bytes of head altogether
# Types of tokens for applications; a logout token or a proof of possession is none (RFC 8725 section 3.11).
_TYPES: Final = frozenset({"jwt", "at+jwt"})


@dataclass(frozen=True, slots=True)
class CompactToken:
    """Nothing of it is proven yet.

    algorithm, key_id: what the header says, key_id None for nothing
    signed: the bytes that `signature` is over
    """

    algorithm: str
    key_id: str | None
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def looks_like_jwt(token: str) -> bool:
    """Whether it is meant as one; Hatchway's own tokens have no dots."""
    return token.count(".") == 2


def read_token(token: str) -> CompactToken:
    """Raises BadToken."""
    if len(token) > _LONGEST:
        raise BadToken("longer than 8 KB")
    if not token.isascii() or token.count(".") != 2:
        raise BadToken("not a JWT")
    head, body, tail = token.split(".")
    header = read_object(from_base64url(head))
    _check_header(header)
    claims, signature = read_object(from_base64url(body)), from_base64url(tail)
    return CompactToken(header["alg"], header.get("kid"), claims, f"{head}.{body}".encode(), signature)


def from_base64url(text: str) -> bytes:
    """Without padding, and with no bits that decoding would drop: one text for each value. Raises BadToken."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken("not base64url") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode():
        raise BadToken("not base64url")
    return data


def read_object(data: bytes) -> dict[str, Any]:
    """A JSON object in which no name comes twice: readers differ in which one counts. Raises BadToken."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadToken("not JSON") from None
    if not isinstance(value, dict):
        raise BadToken("not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadToken("a name twice in JSON")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON, and every comparison with NaN is false


def _check_header(header: dict[str, Any]) -> None:
    """Keys and addresses that a header may carry (`jwk`, `jku`, `x5c`, `x5u`) are the sender's own: none counts."""
    if not isinstance(header.get("alg"), str):
        raise BadToken("no algorithm")
    # Extensions that must be understood (RFC 7515 section 4.1.11), none of which is.
    if "crit" in header or "b64" in header or "enc" in header or "cty" in header:
        raise BadToken("a header that is not understood")
    if not isinstance(header.get("kid", ""), str):
        raise BadToken("a key id that is no text")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in _TYPES:
        raise BadToken("not of type JWT")
