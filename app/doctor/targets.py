"""What a person names: a page of a local service, or of a tunnel that runs already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.domain.upstream import Upstream, parse_upstream

# Scheme, authority and the rest; a port alone may stand for the authority.
_PARTS = re.compile(r"(?P<service>(?:[A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*)(?P<path>.*)", re.DOTALL)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TUNNEL_NAME = re.compile(r"/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?=/|$)")


@dataclass(frozen=True, slots=True)
class PageTarget:
    """service: where it is asked for; path: path, query and fragment, from `/`"""

    service: Upstream
    path: str


@dataclass(frozen=True, slots=True)
class KnownTunnel:
    """A tunnel of this computer. path_url, host_url: its addresses; upstream: origin of its service"""

    name: str
    path_url: str
    host_url: str | None
    upstream: str
    mode: str = "auto"


@dataclass(frozen=True, slots=True)
class TunnelPage:
    """A page of a tunnel. base: the tunnel's URL without the slash at its end; tunnel: what is known of it"""

    base: str
    path: str
    tunnel: KnownTunnel | None = None


def parse_target(text: str) -> PageTarget:
    """Read `3000`, `3000/page`, `localhost:3000/page?x`, or a URL.

    Raises HatchwayError `bad_upstream`.
    """
    match = _PARTS.fullmatch(text.strip())
    assert match is not None  # it matches everything
    service = parse_upstream(match["service"])
    path = match["path"]
    return PageTarget(service, path if path.startswith("/") else f"/{path}")


def tunnel_page(target: PageTarget, tunnels: Iterable[KnownTunnel]) -> TunnelPage | None:
    """The page of one of the tunnels that this address leads to; None if it leads to none."""
    for tunnel in tunnels:
        for url in (tunnel.path_url, tunnel.host_url):
            if url and _same_place(target.service, url):
                prefix = urlsplit(url).path.rstrip("/")
                if (rest := _below(prefix, target.path)) is not None:
                    return TunnelPage(target.service.origin + prefix, rest, tunnel)
    return None


def foreign_page(target: PageTarget, layers: Iterable[str]) -> TunnelPage:
    """The page of somebody else's tunnel, whose answers carry these layers; the first part of its path is its name.

    Where nothing but the head is rewritten, nothing tells a path URL from a host URL; it is taken for the latter.
    """
    name = _TUNNEL_NAME.match(target.path) if "L1" in layers else None
    prefix = "" if name is None else name[0]
    return TunnelPage(target.service.origin + prefix, target.path[len(prefix) :] or "/")


def _same_place(service: Upstream, url: str) -> bool:
    other = parse_upstream(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}")
    both_here = service.host in _LOOPBACK and other.host in _LOOPBACK
    return (service.scheme, service.port) == (other.scheme, other.port) and (service.host == other.host or both_here)


def _below(prefix: str, path: str) -> str | None:
    """What follows the prefix, from its slash; None if the path is not below it."""
    place = re.match(r"[^?#]*", path)
    assert place is not None
    if not (place[0] + "/").startswith(prefix + "/"):
        return None
    rest = path[len(prefix) :]
    return rest if rest.startswith("/") else f"/{rest}"
