"""What a token must say of itself (RFC 7519 section 4.1), after its signature has been found good."""

from __future__ import annotations

import math
from typing import Any, Final

from backend_lambda.adapters.tokens.errors import BadToken

LEEWAY: Final = 30.0
"""Seconds by which the clocks of the issuer and of AWS may differ."""
_LONGEST_SUBJECT: Final = 255  # characters, as OpenID Connect has it


def principal_of(claims: dict[str, Any], *, issuer: str, audience: str, now: float) -> str:
    """Whom the token proves. The name cannot be that of another issuer's subject, for an issuer has no spaces, nor that
    of an opaque token, unless whoever writes these rows wants it. Raises BadToken."""
    if claims.get("iss") != issuer:
        raise BadToken("of another issuer")
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise BadToken("for another audience")
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires is None or issued is None:
        raise BadToken("without exp or iat")
    if expires + LEEWAY <= now:
        raise BadToken("expired")
    if issued - LEEWAY > now or (_time(claims, "nbf") or 0) - LEEWAY > now:
        raise BadToken("not valid yet")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise BadToken("without a subject")
    return f"jwt:{issuer} {subject}"


def _time(claims: dict[str, Any], name: str) -> float | None:
    """Unix time in seconds."""
    value = claims.get(name)
    if value is None:
        return None
    # In Python a truth value is a number too. A huge integer is no time either, and has no float.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12 or not math.isfinite(value):
        raise BadToken(f"{name} is no time")
    return float(value)
