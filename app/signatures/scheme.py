"""What every provider's scheme can do, and the values it works on."""

from __future__ import annotations

import enum
import hashlib
import hmac
from dataclasses import dataclass
from typing import Protocol

from app.domain.exchange import Headers

TOLERANCE = 300
"""Seconds by which a signature's time may differ from now: what providers' libraries allow."""


class State(enum.Enum):
    """What is known of a signature; the value is shown and printed."""

    VALID = "valid"
    INVALID = "invalid"
    EXPIRED = "expired"  # right, but too old (or from the future) to be accepted
    NO_SECRET = "secret not known"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as its sender signed it. url: the public one; headers: values as latin-1; body: byte-exact"""

    url: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """The first of that name (any case), empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Check:
    """age: seconds between the signature's time and now; None if the scheme has no time"""

    state: State
    age: float | None = None


class Scheme(Protocol):
    """One provider's way.

    key: stable, for the keyring, as in `app.domain.webhook`; title: its name; secret_hint: where people find the secret
    """

    key: str
    title: str
    secret_hint: str

    def check(self, request: Signed, secret: str, now: float) -> Check:
        """now: Unix time. Never raises for what a stranger sent."""
        ...

    def sign(self, request: Signed, secret: str, now: float) -> Headers:
        """The headers to send instead of the old ones of the same names."""
        ...


def replaced(headers: Headers, new: Headers) -> Headers:
    """The headers with these in place of their old ones, at the first old place; what is missing comes last."""
    values = {name.lower(): value for name, value in new}
    result: list[tuple[str, str]] = []
    written: set[str] = set()
    for name, value in headers:
        lower = name.lower()
        if lower not in values:
            result.append((name, value))
        elif lower not in written:
            written.add(lower)
            result.append((name, values[lower]))
    result += [(name, value) for name, value in new if name.lower() not in written]
    return tuple(result)


def timed(valid: bool, timestamp: float, now: float) -> Check:
    """The check of a signature that has a time."""
    age = now - timestamp
    if not valid:
        return Check(State.INVALID, age)
    return Check(State.VALID if abs(age) <= TOLERANCE else State.EXPIRED, age)


def seconds(text: str) -> float | None:
    """A Unix time as headers carry it; None if it is none."""
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def equal(one: str, other: str) -> bool:
    """In constant time, also for text that is no ASCII."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
