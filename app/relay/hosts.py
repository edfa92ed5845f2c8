"""Which host a request is for, and whether that host is ours: one check for HTTP and for WebSockets.

Without it a page of http://evil.example:4780, whose name is made to mean 127.0.0.1 once the page is there (DNS
rebinding), would count as same-origin with every tunnel of this computer.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from typing import Literal

from app.domain.hosts import ip_address, is_loopback_host

Scope = Literal["computer", "network", "internet"]

# RFC 9112 section 3.2: uri-host [":" port], by RFC 3986 section 3.2.2; no URL of HTTP has an empty host.
_HOST = re.compile(
    r"(?:(\[[0-9a-f:.]{2,45}\])|((?:[a-z0-9._~!$&'()*+,;=-]|%[0-9a-f]{2}){1,255}))(?::[0-9]{0,5})?", re.IGNORECASE
)
_ORDINARY_NAME = re.compile(r"[a-z0-9._-]+")
_MOST_REMEMBERED = 256


class RequestRefused(Exception):
    """The request is not to be served. code: a key of FAILURES, `bad_request` or `misdirected`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Hosts:
    """The hosts a relay answers for."""

    def __init__(self, scope: Scope, public_host: str, machine: str | None = None) -> None:
        """scope: how far its URLs reach; public_host: of its own URL; machine: name of this computer."""
        self._beyond_computer = scope != "computer"
        self._public = public_host.lower().removesuffix(".")
        self._has_sub_domains = ip_address(self._public) is None
        self._machine = _names_of((machine or socket.gethostname()).lower())
        self._known: dict[str, str] = {}  # as sent → the host

    def choose(self, fields: Sequence[str], authority: str | None, *, needed: bool = True) -> str:
        """The host, with its port, that a request is for. Raises RequestRefused.

        fields: its Host headers; authority: of a target in absolute form, which then counts alone (RFC 9112 section
        3.2.2); needed: whether it must have a Host header at all, which HTTP/1.0 does not ask for
        """
        if len(fields) == 1:
            host = fields[0]
            if authority is not None:
                if host_name(host.strip(" \t")) is None:
                    raise RequestRefused("bad_request")
                host = authority
        elif fields or needed:
            raise RequestRefused("bad_request")  # of two the service might believe the other one
        else:
            host = "localhost" if authority is None else authority
        return self._known.get(host) or self._look_at(host)

    def _look_at(self, sent: str) -> str:
        host = sent.strip(" \t")
        name = host_name(host)
        if name is None:
            raise RequestRefused("bad_request")
        if not self._is_ours(name):
            raise RequestRefused("misdirected")
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[sent] = host
        return host

    def _is_ours(self, name: str) -> bool:
        if ip_address(name) is not None:
            # An address cannot be rebound; but in `computer` only our own can be meant.
            return self._beyond_computer or is_loopback_host(name)
        if not _ORDINARY_NAME.fullmatch(name):
            return False
        if is_loopback_host(name) or name == self._public:
            return True
        if self._has_sub_domains and name.endswith(f".{self._public}"):
            return True
        return self._beyond_computer and name in self._machine


def host_name(text: str) -> str | None:
    """The host of a Host header or an authority, in lower case and without its port; None if that is not one."""
    match = _HOST.fullmatch(text)
    if match is None:
        return None
    literal, name = match.groups()
    if literal is not None:
        return literal.lower() if ip_address(literal) is not None else None
    return str(name).lower().removesuffix(".") or None


def _names_of(machine: str) -> frozenset[str]:
    """How other computers of the network may call it; the last by multicast DNS (RFC 6762)."""
    label = machine.partition(".")[0]
    return frozenset((machine, label, f"{label}.local")) if label else frozenset()
