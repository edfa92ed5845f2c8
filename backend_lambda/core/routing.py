"""From the visitor's URL to a tunnel: by the first path segment, or by the first label of the host.

Nothing is decoded or normalised: `%2F`, `//`, `..` and an empty query go on byte-exact (RQ1), and cannot lead
anywhere else, because the agent only ever connects to its configured upstream.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""One DNS label (RFC 1035 section 2.3.1), so that host mode is always possible."""

CONTROL = "/__hw/"
"""Paths of the backend itself; no tunnel can be named so."""


@dataclass(frozen=True, slots=True)
class Route:
    """tunnel: its name; prefix: `/name`, or "" in host mode; target: what the upstream shall see."""

    tunnel: str
    prefix: str
    target: str


@dataclass(frozen=True, slots=True)
class MissingSlash:
    """`/name` without its slash (RQ2): relative links of the page would be resolved against the root."""

    tunnel: str
    location: str


def tunnel_of_host(host: str, bases: tuple[str, ...]) -> str | None:
    """The tunnel named by a Host header such as `shop.localhost:4780`, for the given base hosts."""
    label, dot, rest = host.lower().partition(".")
    if not dot:
        return None
    name, colon, port = rest.rpartition(":")
    if colon and (not port or port.isdecimal()):  # RFC 3986 section 3.2.3: the port may be empty
        rest = name
    return label if rest.removesuffix(".") in bases else None


def route(target: str, host: str, bases: tuple[str, ...]) -> Route | MissingSlash | None:
    """Find the tunnel for an origin-form target; None if the URL cannot name one."""
    if "." in host and (named := tunnel_of_host(host, bases)) is not None:
        return Route(named, "", target) if NAME.fullmatch(named) else None
    end = _end_of_segment(target)
    name = target[1:end]
    if not NAME.fullmatch(name):
        return None
    rest = target[end:]
    if not rest.startswith("/"):
        return MissingSlash(name, f"/{name}/{rest}")
    return Route(name, f"/{name}", rest)


def origin_form(target: str) -> tuple[str, str | None] | None:
    """(origin-form target, authority if the target was in absolute form), RFC 9112 section 3.2; None if it is
    neither (authority-form, asterisk-form, garbage)."""
    if target.startswith("/"):
        return target, None
    match = re.match(r"https?://([^/?#]+)", target, re.IGNORECASE)
    if match is None:
        return None
    rest = target[match.end() :]
    return (rest if rest.startswith("/") else f"/{rest}"), match[1]


def _end_of_segment(target: str) -> int:
    slash, mark = target.find("/", 1), target.find("?", 1)
    ends = [position for position in (slash, mark) if position > 0]
    return min(ends) if ends else len(target)
