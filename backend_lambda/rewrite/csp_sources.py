"""Source expressions of a Content-Security-Policy: which of them mean the app, and what they are in public (RH14).

Matching follows CSP Level 3, section 6.7.2. An expression that names the app is replaced; one that covers it among
others (`ws://localhost:*`) is kept, and the public origin is added where nothing else in the list covers that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from backend_lambda.rewrite.context import RewriteContext, Site
from backend_lambda.rewrite.urlmap import map_absolute

_SCHEME_SOURCE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST_SOURCE = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(\*|(?:\*\.)?[^*/\\:?#\[\]'\"@]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}|\*))?(/[^?#]*)?(?:[?#].*)?"
)
_DEFAULT_PORT = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# Section 6.7.2.9, "scheme-part matches", besides equality; that `ws:` covers http too, not every browser knows.
_UPGRADES = frozenset({("http", "https"), ("ws", "wss")})


@dataclass(frozen=True, slots=True)
class Source:
    """A scheme-source or a host-source.

    scheme: lower case, empty if there is none
    host: lower case, perhaps with a wildcard; empty for a scheme-source
    port: digits, `*` or nothing
    path: from its slash on, or nothing
    """

    scheme: str
    host: str
    port: str
    path: str

    @property
    def is_websocket(self) -> bool:
        return self.scheme in ("ws", "wss")

    @property
    def is_secure(self) -> bool:
        return self.scheme in ("https", "wss")

    @property
    def is_pattern(self) -> bool:
        """Whether it may cover more than one origin."""
        return not self.host or self.host.startswith("*") or self.port == "*"

    @property
    def is_anywhere(self) -> bool:
        """`*`, which covers whatever the network can bring."""
        return self.host == "*" and not (self.scheme or self.port or self.path)

    @property
    def has_path(self) -> bool:
        return self.path not in ("", "/")


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL is matched by. scheme and host in lower case; path None: any."""

    scheme: str
    host: str
    port: int
    path: str | None = None


def parse_source(text: str) -> Source | None:
    """The expression, None for keywords, nonces, hashes, and what browsers ignore."""
    if text[:1] == "'":
        return None
    match = _SCHEME_SOURCE.fullmatch(text)
    if match is not None:
        return Source(match[1].lower(), "", "", "")
    match = _HOST_SOURCE.fullmatch(text)
    if match is None:
        return None
    scheme, host, port, path = match.groups("")
    return Source(scheme.lower(), host.lower(), port, path)


def covers(source: Source, place: Place, own_scheme: str) -> bool:
    """Whether the expression matches the URL (section 6.7.2.7). own_scheme: of the page that has the policy."""
    if source.is_anywhere:
        return True
    scheme = place.scheme
    if source.scheme:
        given = source.scheme
    else:
        given, scheme = own_scheme, scheme.replace("ws", "http")
    if given != scheme and (given, scheme) not in _UPGRADES:
        return False
    return not source.host or (
        _host_matches(source.host, place.host)
        and _port_matches(source.port, place)
        and (place.path is None or _path_matches(source.path, place.path))
    )


def allow(sources: Sequence[str], place: Place, own_scheme: str) -> bool:
    """Whether a list covers a URL of the page's own origin, or of its WebSockets."""
    for text in sources:
        if text.lower() == "'self'":
            return True
        source = parse_source(text)
        if source is not None and covers(source, place, own_scheme):
            return True
    return False


def allow_other(sources: Sequence[str], place: Place, own_scheme: str) -> bool:
    """As `allow`, for another origin than the page's: `'self'` is not it."""
    found = [source for text in sources if (source := parse_source(text)) is not None]
    return any(covers(source, place, own_scheme) for source in found)


def public_place(site: Site, path: str | None, *, websocket: bool = False) -> Place:
    """A path of the public origin. path: with the prefix; None: any."""
    name, port = _split_authority(site.public_host, site.public_scheme)
    scheme = site.public_scheme
    return Place("ws" + scheme.removeprefix("http") if websocket else scheme, name, port, path)


def map_sources(sources: Sequence[str], context: RewriteContext) -> list[str]:
    """The list for the visitor: one text for each expression, two expressions where one has been added."""
    site = context.site
    out = [_map_named(text, context) for text in sources]
    known = set(out)
    covered: dict[bool, bool] = {}  # whether something covers all of the public origin: for WebSockets, for the rest
    for index, text in enumerate(out):
        source = parse_source(text)
        if source is None or not source.is_pattern or source.is_anywhere or not _covers_app(source, site):
            continue
        websocket = source.is_websocket
        if websocket not in covered:
            covered[websocket] = allow(out, public_place(site, "", websocket=websocket), site.public_scheme)
        added = _public_base(source, site) + (site.prefix + source.path if source.has_path else "")
        if not covered[websocket] and added not in known:
            known.add(added)
            out[index] = f"{text} {added}"
            covered[websocket] = not source.has_path
    return out


def _map_named(text: str, context: RewriteContext) -> str:
    """The expression in public, if it names the app's origin, the public one, or a part of these."""
    source = parse_source(text)
    if source is None or source.is_pattern:
        return text
    site = context.site
    authority = f"{source.host}:{source.port}" if source.port else source.host
    if not source.scheme:
        own, public = site.own_relative, site.public_plain | site.public_secure
    elif source.scheme in _DEFAULT_PORT:
        own = site.own_secure if source.is_secure else site.own_plain
        public = site.public_secure if source.is_secure else site.public_plain
    else:
        return text
    if authority not in own:
        return text
    if not source.has_path:
        place = public_place(site, None, websocket=source.is_websocket)
        return text if covers(source, place, site.public_scheme) else _public_base(source, site) + source.path
    if source.scheme:
        return map_absolute(text, context)
    scheme = site.public_scheme if authority in public else site.upstream_scheme
    return map_absolute(f"{scheme}://{text}", context).removeprefix(f"{site.public_scheme}://")


def _public_base(source: Source, site: Site) -> str:
    if source.is_websocket:
        return site.public_websocket
    return site.public_origin if source.scheme else site.public_host


def _covers_app(source: Source, site: Site) -> bool:
    return any(
        covers(source, place, site.upstream_scheme)
        for place in _upstream_places(site)
        if source.is_websocket == place.scheme.startswith("ws")
    )


@lru_cache(maxsize=512)
def _upstream_places(site: Site) -> tuple[Place, ...]:
    """Every name of the app, for pages and for WebSockets."""
    scheme = site.upstream_scheme
    names = {_split_authority(origin.partition("://")[2], scheme) for origin in site.upstream_origins}
    return tuple(
        Place(each, name, port) for name, port in sorted(names) for each in (scheme, "ws" + scheme.removeprefix("http"))
    )


def _split_authority(authority: str, scheme: str) -> tuple[str, int]:
    """(lower-case host name, port)."""
    name, colon, port = authority.lower().rpartition(":")
    if colon and port.isascii() and port.isdecimal() and len(port) <= 5:
        return name, int(port)
    return authority.lower().removesuffix(":"), _DEFAULT_PORT.get(scheme, 0)


def _host_matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*"):
        return pattern == "*" or host.endswith(pattern[1:])
    return pattern == host


def _port_matches(pattern: str, place: Place) -> bool:
    default = _DEFAULT_PORT.get(place.scheme)
    if not pattern:
        return place.port == default
    return pattern == "*" or int(pattern) == place.port or (int(pattern) == 80 and place.port == default == 443)


def _path_matches(pattern: str, path: str) -> bool:
    """Section 6.7.2.12: a pattern that ends with a slash covers what is below, any other one only itself."""
    if not pattern or (pattern == "/" and not path):
        return True
    wanted, given = pattern.split("/"), path.split("/")
    if pattern.endswith("/") and len(given) >= len(wanted):
        wanted.pop()
        given = given[: len(wanted)]
    return len(wanted) == len(given) and all(unquote(a) == unquote(b) for a, b in zip(wanted, given, strict=True))
