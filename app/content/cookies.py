"""Cookies as browsers read them (RFC 6265bis): what a request carries, what an answer sets, and why one is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

Pairs = tuple[tuple[str, str], ...]

_LONGEST: Final = 4096  # bytes of name and value, section 5.6
_LONGEST_ATTRIBUTE: Final = 1024
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# Section 5.1.1: dates are read token by token, in nearly any order.
_DELIMITER: Final = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D.*)?$", re.DOTALL | re.ASCII)
_DAY: Final = re.compile(r"(\d{1,2})(?:\D.*)?$", re.DOTALL | re.ASCII)
_YEAR: Final = re.compile(r"(\d{2,4})(?:\D.*)?$", re.DOTALL | re.ASCII)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Cookie:
    """One of a `Cookie` header."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One `Set-Cookie` header. attributes: (name, value) as they were written, in order"""

    name: str
    value: str
    attributes: Pairs = ()

    def attribute(self, name: str) -> str | None:
        """The value that counts, which is the last one; "" if it has none, None if there is no such attribute."""
        wanted = name.lower()
        return next((value for key, value in reversed(self.attributes) if key.lower() == wanted), None)


def request_cookies(headers: Pairs) -> list[Cookie]:
    """Those of all `Cookie` headers, in order; HTTP/2 clients send several (RFC 9113, section 8.2.3)."""
    texts = [value for name, value in headers if name.lower() == "cookie"]
    pieces = [piece.strip(" \t") for text in texts for piece in text.split(";")]
    return [Cookie(*_pair(piece)) for piece in pieces if piece]


def set_cookies(headers: Pairs) -> list[SetCookie]:
    """Those of all `Set-Cookie` headers, in order, refused ones too."""
    return [parse_set_cookie(value) for name, value in headers if name.lower() == "set-cookie"]


def parse_set_cookie(text: str) -> SetCookie:
    """Section 5.6. Never raises: whatever it is, a browser makes something of it."""
    pair, _, rest = text.partition(";")
    attributes = []
    for piece in rest.split(";"):
        name, _, value = piece.partition("=")
        if name.strip(" \t") or value.strip(" \t"):
            attributes.append((name.strip(" \t"), value.strip(" \t")))
    return SetCookie(*_pair(pair), tuple(attributes))


def refusal(cookie: SetCookie) -> str:
    """Why browsers drop the cookie, whatever page sets it; "" if they may keep it. (Sections 4.1.3, 5.6, 5.7.)"""
    name, lower = cookie.name, cookie.name.lower()
    secure = cookie.attribute("secure") is not None
    if not name and not cookie.value:
        return "has neither a name nor a value"
    if _CONTROLS.search(name + cookie.value):
        return "has a control character"
    if len(name) + len(cookie.value) > _LONGEST:
        return f"name and value are longer than {_LONGEST} bytes"
    if (cookie.attribute("samesite") or "").lower() == "none" and not secure:
        return "SameSite=None needs Secure"
    if cookie.attribute("partitioned") is not None and not secure:
        return "Partitioned needs Secure"
    if lower.startswith(("__secure-", "__host-")) and not secure:
        return f"{name[: name.index('-') + 1]} needs Secure"
    if lower.startswith("__host-") and (cookie.attribute("path") != "/" or cookie.attribute("domain")):
        return "__Host- needs Path=/ and no Domain"
    return ""


def lifetime(cookie: SetCookie, now: float) -> float | None:
    """Seconds that the cookie is kept from `now` (Unix time); None for the session, 0 or less: it is deleted.

    Max-Age goes before Expires (section 5.7).
    """
    counted = [
        value
        for name, value in cookie.attributes
        if name.lower() == "max-age" and re.fullmatch(r"-?\d{1,}", value, re.ASCII)
    ]
    if counted:
        digits = counted[-1]
        return 0.0 if digits[0] == "-" else float(digits[:15])
    dates = [cookie_date(value) for name, value in cookie.attributes if name.lower() == "expires"]
    known = [date for date in dates if date is not None]
    return known[-1].timestamp() - now if known else None


def cookie_date(text: str) -> datetime | None:
    """The date of an `Expires` as browsers read it (section 5.1.1), None if they cannot."""
    clock: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITER.split(text[:_LONGEST_ATTRIBUTE]):
        if not token:
            continue
        if clock is None and (found := _CLOCK.match(token)):
            clock = (int(found[1]), int(found[2]), int(found[3]))
        elif day is None and (found := _DAY.match(token)):
            day = int(found[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (found := _YEAR.match(token)):
            year = int(found[1])
    if clock is None or day is None or month is None or year is None:
        return None
    if year < 100:
        year += 1900 if year >= 70 else 2000
    try:
        return datetime(year, month, day, *clock, tzinfo=UTC) if year >= 1601 else None
    except ValueError:
        return None


def _pair(text: str) -> tuple[str, str]:
    """A text without `=` is a value without a name."""
    name, sign, value = text.partition("=")
    return (name.strip(" \t"), value.strip(" \t")) if sign else ("", text.strip(" \t"))
