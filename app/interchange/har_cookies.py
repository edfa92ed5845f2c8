"""Cookies and times as a HAR file has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from app.domain.exchange import Exchange, Headers
from app.interchange.wire_text import readable


def request_cookies(headers: Headers) -> list[dict[str, str]]:
    """Of the Cookie headers."""
    lines = [value for name, value in headers if name.lower() == "cookie"]
    pairs = [pair.strip().partition("=") for line in lines for pair in line.split(";")]
    return [{"name": readable(name), "value": readable(value)} for name, sign, value in pairs if sign]


def response_cookies(exchange: Exchange) -> list[dict[str, Any]]:
    """Of the Set-Cookie headers, with the attributes that HAR knows."""
    lines = [value for name, value in exchange.response_headers if name.lower() == "set-cookie"]
    return [_set_cookie(line, exchange.started_ns) for line in lines]


def _set_cookie(line: str, now_ns: int) -> dict[str, Any]:
    first, *attributes = line.split(";")
    key, _, secret = first.strip().partition("=")
    cookie: dict[str, Any] = {"name": readable(key), "value": readable(secret)}
    for attribute in attributes:
        option, _, setting = attribute.strip().partition("=")
        match option.lower():
            case "path" | "domain":
                cookie[option.lower()] = readable(setting)
            case "httponly":
                cookie["httpOnly"] = True
            case "secure":
                cookie["secure"] = True
            case "max-age" if re.fullmatch(r"-?\d{1,9}", setting):  # wins over Expires (RFC 6265, section 5.3)
                cookie["expires"] = iso_time(max(0, now_ns + int(setting) * 1_000_000_000))
            case "expires" if "expires" not in cookie and (date := _http_date(setting)) is not None:
                cookie["expires"] = date
    return cookie


def _http_date(text: str) -> str | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return None


def iso_time(time_ns: int) -> str:
    """Unix time in nanoseconds as HAR writes it (ISO 8601, microseconds)."""
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).replace(microsecond=time_ns // 1000 % 1_000_000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
