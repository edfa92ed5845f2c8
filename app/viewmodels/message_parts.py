"""What the head of a request or answer is made of: query parameters, cookies, tokens; with words and masks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.content.cookies import SetCookie, lifetime, refusal, request_cookies, set_cookies
from app.content.jwt import Jwt, jwts_in
from app.content.query import query_parameters
from app.domain.exchange import Exchange
from app.redaction.names import is_secret_field
from app.redaction.placeholders import Placeholders
from app.redaction.texts import Texts
from app.viewmodels.exchange_cells import readable

MASK = "••••••••"

_MOST = 50  # lines of a table
_MOST_TOKENS = 4
_LONGEST = 2_000  # characters of a value
_LATEST = 253402300799  # 9999-12-31
_MILLISECONDS = 100_000_000_000  # as seconds that is the year 5138
_DATES = ("exp", "nbf", "iat", "auth_time")


@dataclass(frozen=True, slots=True)
class PartLine:
    """detail: what is to be known of it, in words; secret: shown as MASK until somebody wants to see it"""

    name: str
    value: str
    detail: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class PartTable:
    """note: what goes for all of it, may be empty"""

    title: str
    lines: tuple[PartLine, ...]
    note: str = ""

    @property
    def secret(self) -> bool:
        """Whether anything in it is masked."""
        return any(line.secret for line in self.lines)


def part_tables(exchange: Exchange, now: float) -> list[PartTable]:
    """The tables of the overview, in order; empty ones are left out. now: Unix time in seconds

    A few milliseconds at worst: heads are bounded.
    """
    tables = [_parameters(exchange), _sent(exchange), _set(exchange, now), *_tokens(exchange, now)]
    return [table for table in tables if table.lines]


def span(seconds: float) -> str:
    """`40 s`, `5 min`, `3 h`, `12 days`, `2 years`: about how long."""
    for unit, length, until in (("s", 1, 90), ("min", 60, 120), ("h", 3600, 48), ("days", 86400, 700)):
        count = round(abs(seconds) / length)
        if count < until:
            return f"1 {unit.removesuffix('s')}" if count == 1 and unit == "days" else f"{count} {unit}"
    return f"{round(abs(seconds) / 31_556_952)} years"


def _parameters(exchange: Exchange) -> PartTable:
    found, count = query_parameters(exchange.target, _MOST)
    # Not masked: the request line above has them, too.
    lines = tuple(PartLine(name, value[:_LONGEST]) for name, value in found)
    return PartTable(f"Query parameters ({count})", lines, _more(count, "request line"))


def _sent(exchange: Exchange) -> PartTable:
    cookies = request_cookies(exchange.request_headers)
    lines = tuple(
        PartLine(readable(cookie.name), readable(cookie.value)[:_LONGEST], secret=bool(cookie.value))
        for cookie in cookies[:_MOST]
    )
    return PartTable(f"Cookies sent ({len(cookies)})", lines, _more(len(cookies), "request's headers"))


def _set(exchange: Exchange, now: float) -> PartTable:
    cookies = set_cookies(exchange.response_headers)
    lines = tuple(
        PartLine(
            readable(cookie.name),
            readable(cookie.value)[:_LONGEST],
            _cookie_words(cookie, exchange.started_ns / 1e9),
            secret=bool(cookie.value),
        )
        for cookie in cookies[:_MOST]
    )
    return PartTable(f"Cookies set ({len(cookies)})", lines, _more(len(cookies), "answer's headers"))


def _cookie_words(cookie: SetCookie, received: float) -> str:
    refused = refusal(cookie)
    seconds = lifetime(cookie, received)
    kept = "for the session"
    if seconds is not None:
        kept = f"for {span(seconds)}" if seconds > 0 else "deletes it"
    written = [readable(f"{name}={value}" if value else name) for name, value in cookie.attributes]
    return " · ".join([*([f"✗ browsers refuse it: {refused}"] if refused else []), kept, *written])[:_LONGEST]


def _tokens(exchange: Exchange, now: float) -> Iterator[PartTable]:
    received = exchange.started_ns / 1e9
    for place, token in islice(_found_tokens(exchange), _MOST_TOKENS):
        lines = [PartLine(name, _written(value), "head") for name, value in token.header.items()]
        lines += [_claim(name, value, token, now) for name, value in token.claims.items()]
        words = [_validity(token, received, now), "not signed" if not token.signed else "the signature was not checked"]
        yield PartTable(f"Token in {place}", tuple(lines[:_MOST]), " · ".join(word for word in words if word))


def _found_tokens(exchange: Exchange) -> Iterator[tuple[str, Jwt]]:
    for cookie in request_cookies(exchange.request_headers):
        yield from ((f"cookie {readable(cookie.name)}", token) for token in jwts_in(cookie.value))
    for name, value in exchange.request_headers:
        if name.lower() != "cookie":
            yield from ((name, token) for token in jwts_in(value))
    for name, value in query_parameters(exchange.target)[0]:
        yield from ((f"parameter {name}", token) for token in jwts_in(value))
    for made in set_cookies(exchange.response_headers):
        yield from ((f"cookie {readable(made.name)} that is set", token) for token in jwts_in(made.value))


def _claim(name: str, value: Any, token: Jwt, now: float) -> PartLine:
    text = _written(value)
    detail = ""
    if name in _DATES and (date := token.date(name)) is not None:
        detail = _date_words(date, now)
    secret = is_secret_field(name) or Texts(Placeholders(0)).json(json.dumps(value)) != json.dumps(value)
    return PartLine(name, text, detail, secret)


def _validity(token: Jwt, received: float, now: float) -> str:
    begins, ends = token.date("nbf"), token.date("exp")
    if begins is not None and begins > received:
        return f"✗ valid only {span(begins - received)} after the request came"
    if ends is None:
        return "never expires"
    if ends <= received:
        return f"✗ had expired {span(received - ends)} before the request came"
    if ends <= now:
        return f"valid when the request came, expired {span(now - ends)} ago"
    return f"valid for {span(ends - now)} more"


def _date_words(date: float, now: float) -> str:
    if date > _MILLISECONDS:
        return "so far off that it may be milliseconds; seconds are right"
    if not 0 <= date <= _LATEST:
        return ""
    distance = f"in {span(date - now)}" if date > now else f"{span(now - date)} ago"
    return f"{distance}, {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(date))}"


def _written(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:_LONGEST]


def _more(count: int, where: str) -> str:
    return f"The first {_MOST} of {count}; all of them are in the {where}." if count > _MOST else ""
