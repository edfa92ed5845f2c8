"""Who believes to be where: the public address, the upstream address and the prefix of one tunnelled request."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"})
_DEFAULT_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Site:
    """What is derived from prefix and origins alone; the same value serves all requests of a tunnel.

    secure: the public origin is https
    public_base: public origin + prefix
    own_plain, own_secure: lower-case authorities that mean this app in an http/ws and an https/wss URL
    own_relative: the same for `//authority/…`
    public_plain, public_secure: the part of these that is the public authority
    """

    prefix: str
    public_origin: str
    public_websocket: str
    public_base: str
    public_host: str
    public_scheme: str
    secure: bool
    upstream_host: str
    upstream_scheme: str
    upstream_origins: frozenset[str]
    own_plain: frozenset[str]
    own_secure: frozenset[str]
    own_relative: frozenset[str]
    public_plain: frozenset[str]
    public_secure: frozenset[str]


@dataclass(frozen=True, slots=True)
class RewriteContext:
    """One request's point of view. Cheap to create: everything derived is cached in `site`.

    tunnel: the tunnel's name, one DNS label
    prefix: `/shop` in path mode, empty in host mode
    public_origin: as this visitor used it, e.g. `https://t.example`
    upstream_origin: e.g. `http://localhost:3000`
    host_header: which host the app is told in `Host` (RQ3)
    forwarded: `localhost` hides the tunnel from the app (RQ8), `aware` tells it everything (RQ9)
    visitor_address: IP address without port or brackets; empty if unknown
    tells_prefix: the app is told the prefix in `X-Forwarded-Prefix` even where it is told nothing else (mode `raw`)
    rewrite_oauth: own addresses inside the query of a redirect to another host move, too (RH2)
    socket_url: where the page's WebSockets go, if not where everything else does (`wss://…`); else empty
    store_origin: where the page finds and puts bodies that the front door cannot carry; else empty
    """

    tunnel: str
    prefix: str
    public_origin: str
    upstream_origin: str
    host_header: Literal["upstream", "public"] = "upstream"
    forwarded: Literal["localhost", "aware"] = "localhost"
    visitor_address: str = ""
    tells_prefix: bool = False
    rewrite_oauth: bool = False
    socket_url: str = ""
    store_origin: str = ""
    site: Site = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "site", derive_site(self.prefix, self.public_origin, self.upstream_origin))

    @property
    def public_websocket(self) -> str:
        """The public origin for WebSockets, e.g. `wss://t.example`."""
        return self.site.public_websocket

    @property
    def app_origin(self) -> str:
        """The origin the app takes for its own, judging by the `Host` that it is sent."""
        return self.upstream_origin if self.host_header == "upstream" else self.public_origin


@lru_cache(maxsize=512)
def derive_site(prefix: str, public_origin: str, upstream_origin: str) -> Site:
    """Derive and remember. The public origin may come from a visitor's Host, so the cache is bounded."""
    public_scheme, public_host, public_name, public_port = _split_origin(public_origin)
    upstream_scheme, upstream_host, upstream_name, upstream_port = _split_origin(upstream_origin)
    is_loopback = (
        upstream_name in _LOOPBACK_NAMES or upstream_name.startswith("127.") or upstream_name.endswith(".localhost")
    )
    names = _LOOPBACK_NAMES | {upstream_name} if is_loopback else frozenset({upstream_name})
    upstream_plain = frozenset(form for name in names for form in _spellings(name, upstream_port, "http"))
    upstream_secure = frozenset(form for name in names for form in _spellings(name, upstream_port, "https"))
    # An app that was told the public host but not the scheme writes http://t.example for https://t.example (U5).
    swap_default = public_port == _DEFAULT_PORT.get(public_scheme)
    public_plain = frozenset(_spellings(public_name, 80 if swap_default else public_port, "http"))
    public_secure = frozenset(_spellings(public_name, 443 if swap_default else public_port, "https"))
    secure = public_scheme == "https"
    upstream_relative = upstream_secure if upstream_scheme == "https" else upstream_plain
    return Site(
        prefix=prefix,
        public_origin=public_origin,
        public_websocket=f"{'wss' if secure else 'ws'}://{public_host}",
        public_base=public_origin + prefix,
        public_host=public_host,
        public_scheme=public_scheme,
        secure=secure,
        upstream_host=upstream_host,
        upstream_scheme=upstream_scheme,
        upstream_origins=frozenset(
            f"{upstream_scheme}://{form}" for name in names for form in _spellings(name, upstream_port, upstream_scheme)
        ),
        own_plain=upstream_plain | public_plain,
        own_secure=upstream_secure | public_secure,
        own_relative=upstream_relative | (public_secure if secure else public_plain),
        public_plain=public_plain,
        public_secure=public_secure,
    )


def _split_origin(origin: str) -> tuple[str, str, str, int]:
    """(scheme, authority as written, lower-case host name, effective port); never raises, whatever the text."""
    scheme, _, rest = origin.partition("://")
    scheme = scheme.lower()
    authority = rest.partition("/")[0]
    name, colon, port = authority.lower().rpartition(":")
    if not colon or not (port.isascii() and port.isdecimal() and len(port) <= 5):
        return scheme, authority, authority.lower().removesuffix(":"), _DEFAULT_PORT.get(scheme, 0)
    return scheme, authority, name, int(port)


def _spellings(name: str, port: int, scheme: str) -> tuple[str, ...]:
    """The authorities that reach host and port in a URL of that scheme."""
    if not name:
        return ()
    explicit = f"{name}:{port}"
    return (explicit, name, f"{name}:") if port == _DEFAULT_PORT.get(scheme) else (explicit,)
