"""The local service behind a tunnel: what a person types (`3000`, `host:port`, a URL), parsed and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from app.domain.problems import HatchwayError, fail

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?\.?|\[[0-9A-Fa-f:.]+(?:%25[A-Za-z0-9]+)?\]")


@dataclass(frozen=True, slots=True)
class Upstream:
    """Scheme, host and port of the service; the agent connects there and nowhere else.

    host is without brackets for IPv6 literals.
    """

    scheme: Literal["http", "https"]
    host: str
    port: int

    @property
    def authority(self) -> str:
        """`host` or `host:port` as it stands in a Host header (default port left out, IPv6 in brackets)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The origin the app believes it has, e.g. `http://localhost:3000`."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin


def parse_upstream(text: str) -> Upstream:
    """Read `3000`, `:3000`, `localhost:3000`, `[::1]:3000`, `http://…` or `https://…`.

    Raises HatchwayError (code `bad_upstream`) that says what is wrong with the text.
    """
    text = text.strip()
    if not text:
        raise _bad("Say which service to forward to", "Type a port such as 3000, or a URL.")
    if text.isdecimal() or (text.startswith(":") and text[1:].isdecimal()):
        return Upstream("http", "localhost", _port(text.lstrip(":")))
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        port_text = parts.netloc.rpartition("@")[2]
        host = parts.hostname or ""
    except ValueError as error:
        raise _bad(f"“{text}” is not a URL ({error})", "Type a port such as 3000, or a URL.") from None
    if parts.scheme not in ("http", "https"):
        raise _bad(f"“{parts.scheme}://” cannot be forwarded to", "Use http:// or https://.")
    if parts.username is not None:
        raise _bad("A user name or password in the URL is not supported", "Leave out the part before @.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _bad("Only a whole service can be forwarded, not a path of it", f"Use {parts.scheme}://{port_text}.")
    bracketed = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(bracketed):
        raise _bad(f"“{host or text}” is not a host name", "Use localhost, a host name or an IP address.")
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    after_host = port_text[len(bracketed) :]
    if after_host in ("", ":"):
        return Upstream(scheme, host, 443 if scheme == "https" else 80)
    return Upstream(scheme, host, _port(after_host.removeprefix(":")))


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= 65535:
        raise _bad(f"{text[:20]} is not a port", "Ports go from 1 to 65535.")
    return int(text)


def _bad(title: str, hint: str) -> HatchwayError:
    return fail("bad_upstream", title, "you", hint)
