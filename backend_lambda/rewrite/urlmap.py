"""The URL rule of the conformance list (U1-U10): which references of an app must move below the prefix, and back.

Decisions follow the URL parser of browsers (WHATWG URL); of the text only the needed bytes change.
"""

from __future__ import annotations

import re
from typing import Literal

from backend_lambda.rewrite.context import RewriteContext, Site

Kind = Literal["external", "relative", "path", "public", "variant", "upstream"]

_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_REMOVED = {ord("\t"): None, ord("\n"): None, ord("\r"): None}
_SLASHES = ("/", "\\")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY_END = re.compile(r"[/\\?#]")
_PATH_END = re.compile(r"[?#]")
_ONE_DOT = frozenset({".", "%2e"})
_TEMPLATES = ("{{", "{%", "${", "<%", "[[")  # filled in by a script, which makes a URL of it then (U9)
_TWO_DOTS = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})


def map_url(url: str, context: RewriteContext, *, document_path: str | None = "/") -> str:
    """Map a reference the app wrote to what the visitor's browser must see; own URLs come out in path form.

    document_path: path of the document in the app's view; it decides which `../` climb out (U8). None: not known,
    relative references are left alone.
    """
    # Nearly every reference is a plain path. Whatever the parser would touch first goes the long way.
    first = url[:1]
    if first == "/":
        if url[1:2] not in _SLASHES and url.isprintable() and url[-1] != " " and not _has_dots(url):
            prefix = context.prefix
            size = len(prefix)
            if url.startswith(prefix) and (len(url) == size or url[size] in "/?#"):
                return url
            return prefix + url
    elif first.isalnum() and ":" not in url and url.isprintable() and not _has_dots(url):
        return url
    return _map(url, context.site, document_path, absolute=False)


def map_absolute(url: str, context: RewriteContext, *, document_path: str | None = "/") -> str:
    """As `map_url`, for places that demand an absolute URL: `U/x` becomes `E` + `P/x`, a bare path stays a path."""
    return _map(url, context.site, document_path, absolute=True)


def absolutise(url: str, context: RewriteContext, document_path: str) -> str:
    """A relative reference as an absolute path below the prefix (U7, strip mode); `#f` and the empty one stay.

    Bytes in front are inserted, dot segments are left to the browser; those that climb are `map_url`'s.
    """
    core = url.strip(_C0_AND_SPACE)
    if not core or core[0] == "#":
        return url
    clean = core.translate(_REMOVED)
    if not clean:
        return url
    kind, _, at = _locate(clean, context.site)
    if kind != "relative" or clean[at : at + 1] in ("", "#") or clean.startswith(_TEMPLATES, at):
        return url
    start = len(url) - len(url.lstrip(_C0_AND_SPACE))
    base = document_path if clean[at] == "?" else document_path[: document_path.rfind("/") + 1] or "/"
    # As of `https:x`, which is relative, too, the scheme goes: behind a path it would be a part of that.
    rest = f"{clean[at:]}{url[start + len(core) :]}" if at else url[start:]
    return f"{url[:start]}{context.prefix}{base}{rest}"


def app_path_of(url: str, context: RewriteContext, *, document_path: str) -> str | None:
    """The path, in the app's view, of a reference that stands at `document_path`; None for one that leads elsewhere."""
    core = url.strip(_C0_AND_SPACE)
    clean = core.translate(_REMOVED)
    if not clean:
        return document_path
    kind, _, at = _locate(clean, context.site)
    if kind == "external":
        return None
    path = _split_path(clean, at)[0]
    if kind == "relative":
        path = document_path[: document_path.rfind("/") + 1] + path if path else document_path
    below = _strip_prefix(path, context.prefix)
    segments = ((path if below is None else below) or "/").replace("\\", "/").split("/")
    return _resolve(segments)


def unmap_url(url: str, context: RewriteContext) -> str:
    """The way back, from the visitor's view to the app's: `E` + `P/a?b` is `U/a?b` (RQ5), `P/a` is `/a`."""
    site = context.site
    base = site.public_base
    size = len(base)
    if url.startswith(base) and url[size : size + 1] == "/":
        return context.app_origin + url[size:]
    core = url.strip(_C0_AND_SPACE)
    if not core:
        return url
    clean = core.translate(_REMOVED)
    kind, is_websocket, at = _locate(clean, site)
    if kind not in ("path", "public", "variant"):
        return url
    path, tail = _split_path(clean, at)
    app_path = _strip_prefix(path, site.prefix)
    if kind == "path" and app_path is None:
        return url
    target = ((path if app_path is None else app_path) or "/") + tail
    if kind == "path" and target[1:2] not in _SLASHES:
        return target
    origin = context.app_origin
    return ("ws" + origin.removeprefix("http") if is_websocket else origin) + target


def map_cookie_path(path: str, prefix: str) -> str:
    """The `Path` of a cookie (RH6): `/` becomes the bare prefix, which matches it and everything below."""
    if _strip_prefix(path, prefix) is not None:
        return path
    return prefix if path == "/" else prefix + path


def _map(url: str, site: Site, document_path: str | None, *, absolute: bool) -> str:
    core = url.strip(_C0_AND_SPACE)
    if not core:
        return url
    clean = core.translate(_REMOVED) if "\t" in core or "\n" in core or "\r" in core else core
    kind, is_websocket, at = _locate(clean, site)
    if kind == "external":
        return url
    prefix = site.prefix
    start = len(url) - len(url.lstrip(_C0_AND_SPACE))
    lead, trail = url[:start], url[start + len(core) :]
    path, tail = _split_path(clean, at)
    if kind == "relative":
        if not prefix or document_path is None:
            return url
        clamped = _clamp(document_path.split("/")[1:-1], path)
        return url if clamped is None else f"{lead}{prefix}{clamped}{tail}{trail}"
    app_path = _strip_prefix(path, prefix)
    # On a host of its own the browser clamps by itself.
    clamped = _clamp([], path if app_path is None else app_path) if prefix else None
    if clamped is None and kind in ("path", "public") and app_path is not None:
        return url
    if kind == "path":
        if clamped is not None:
            return f"{lead}{prefix}{clamped}{tail}{trail}"
        return f"{lead}{prefix}{url[start:]}" if at == 0 else f"{lead}{clean[:at]}{prefix}{clean[at:]}{trail}"
    if clamped is not None:
        target = prefix + clamped + tail
    elif app_path is not None:
        target = (path or "/") + tail
    else:
        target = prefix + (path or "/") + tail
    if is_websocket:
        target = site.public_websocket + target
    elif absolute or target[1:2] in _SLASHES:
        # `U//evil/x` on a host of its own: as a bare path it would name another host.
        target = site.public_origin + target
    return f"{lead}{target}{trail}"


def _locate(clean: str, site: Site) -> tuple[Kind, bool, int]:
    """(what the reference names, whether it is a WebSocket URL, index where its path begins).

    public: the visitor's own origin · variant: its host with the other scheme · upstream: the app's local address.
    """
    if clean[0] in _SLASHES:
        if clean[1:2] not in _SLASHES:
            return "path", False, 0
        return _locate_authority(clean, 2, site, site.own_relative, secure=site.secure, is_websocket=False)
    match = _SCHEME.match(clean)
    if match is None:
        return "relative", False, 0
    scheme, at = match[1].lower(), match.end()
    if scheme in ("http", "https"):
        if not (clean[at : at + 1] in _SLASHES and clean[at + 1 : at + 2] in _SLASHES):
            # `http:/x` and `http:x` are relative where the document has the same scheme.
            if scheme == site.public_scheme:
                return ("path" if clean[at : at + 1] in _SLASHES else "relative"), False, at
            if scheme == site.upstream_scheme:
                # Without its scheme `http:javascript:…` would be another URL altogether, so only paths.
                return ("upstream" if clean[at : at + 1] in _SLASHES else "external"), False, at
        secure, is_websocket = scheme == "https", False
    elif scheme in ("ws", "wss"):
        secure, is_websocket = scheme == "wss", True
    else:
        return "external", False, 0
    own = site.own_secure if secure else site.own_plain
    return _locate_authority(clean, at, site, own, secure=secure, is_websocket=is_websocket)


def _locate_authority(
    clean: str, at: int, site: Site, own: frozenset[str], *, secure: bool, is_websocket: bool
) -> tuple[Kind, bool, int]:
    while clean[at : at + 1] in _SLASHES:
        at += 1
    end = _end(_AUTHORITY_END, clean, at)
    authority = clean[at:end].lower()
    if authority not in own:
        return "external", is_websocket, end
    if authority not in (site.public_secure if secure else site.public_plain):
        return "upstream", is_websocket, end
    return ("public" if secure == site.secure else "variant"), is_websocket, end


def _split_path(clean: str, at: int) -> tuple[str, str]:
    end = _end(_PATH_END, clean, at)
    return clean[at:end], clean[end:]


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.search(text, at)
    return match.start() if match else len(text)


def _strip_prefix(path: str, prefix: str) -> str | None:
    """The rest of a path that lies below the prefix (by segment, U2), else None."""
    size = len(prefix)
    if path.replace("\\", "/").startswith(prefix) and (not prefix or path[size : size + 1] in ("", "/", "\\")):
        return path[size:]
    return None


def _has_dots(url: str) -> bool:
    return ".." in url or "%2" in url or "\\" in url


def _clamp(directory: list[str], path: str) -> str | None:
    """The resolved path if its dot segments climb past the app's root (U8), else None.

    directory: segments of the document's directory; consumed. An absolute path has none.
    """
    if ".." not in path and "%2" not in path:
        return None
    segments = path.replace("\\", "/").split("/")
    if path[:1] in _SLASHES:
        del segments[0]
    climbs = False
    for segment in segments:
        lower = segment.lower()
        if lower in _TWO_DOTS:
            if directory:
                directory.pop()
            else:
                climbs = True
        elif lower not in _ONE_DOT:
            directory.append(segment)
    if not climbs:
        return None
    if segments[-1].lower() in _TWO_DOTS or segments[-1].lower() in _ONE_DOT:
        directory.append("")
    return "/" + "/".join(directory)


def _resolve(segments: list[str]) -> str:
    """The path of these segments (the first is empty) without dot segments (RFC 3986, section 5.2.4)."""
    out: list[str] = []
    for segment in segments[1:]:
        lower = segment.lower()
        if lower in _TWO_DOTS:
            del out[-1:]
        elif lower not in _ONE_DOT:
            out.append(segment)
    if segments[-1].lower() in _TWO_DOTS | _ONE_DOT:
        out.append("")
    return "/" + "/".join(out)
