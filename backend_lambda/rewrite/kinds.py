"""Which bodies are rewritten, and as what: decided by status, media type and what the browser wants it for."""

from __future__ import annotations

from typing import Literal

from backend_lambda.rewrite.headers import Headers

Kind = Literal["html", "xhtml", "svg", "xml", "css", "manifest", "playlist", "worker", "worklet", "unknown"]
"""unknown: no Content-Type; the first bytes decide whether it is HTML (H30)."""

_BY_TYPE: dict[str, Kind] = {
    "text/html": "html",
    "application/xhtml+xml": "xhtml",
    "image/svg+xml": "svg",
    "text/css": "css",
    "application/manifest+json": "manifest",
    "application/vnd.apple.mpegurl": "playlist",
    "application/x-mpegurl": "playlist",
    "audio/mpegurl": "playlist",
    "audio/x-mpegurl": "playlist",
}
# HTML, "JavaScript MIME type".
_SCRIPT_TYPES = frozenset(
    f"{family}/{name}"
    for family in ("application", "text")
    for name in ("ecmascript", "javascript", "x-ecmascript", "x-javascript", "jscript", "livescript")
)
_WORKERS = frozenset({"worker", "sharedworker", "serviceworker"})
_WORKLETS = frozenset({"audioworklet", "paintworklet"})
_PAGES = frozenset({"document", "iframe", "frame", "object", "embed", ""})


def kind_of(status: int, headers: Headers, destination: str, *, is_page: bool) -> Kind | None:
    """The kind of a response body, None for one that passes as it is.

    destination: `Sec-Fetch-Dest` of the request, "" if there was none
    is_page: a browser may show it as a document, so it looks at what has no Content-Type
    """
    if status < 200 or status in (204, 205, 206, 304):
        return None
    content_type: str | None = None
    sniffable = True
    for name, value in headers:
        lower = name.lower()
        if lower == "content-type":
            content_type = value
        elif lower == "content-disposition":
            if value.lstrip().lower().startswith("attachment"):
                return None  # a download (D8)
        elif lower == "x-content-type-options" and value.strip().lower() == "nosniff":
            sniffable = False
    if content_type is None or not content_type.strip():
        return "unknown" if sniffable and is_page else None
    essence = content_type.partition(";")[0].strip().lower()
    kind = _BY_TYPE.get(essence)
    if kind is not None:
        return kind
    if destination in _WORKERS:
        return "worker" if essence in _SCRIPT_TYPES else None
    if destination in _WORKLETS:
        return "worklet" if essence in _SCRIPT_TYPES else None
    if destination == "manifest":
        return "manifest" if essence == "application/json" or essence.endswith("+json") else None
    if destination in _PAGES and (essence in ("text/xml", "application/xml") or essence.endswith("+xml")):
        return "xml"  # of interest where it is shown, for its style sheet (D4)
    return None


def is_script(headers: Headers) -> bool:
    """Whether a page or a worker may run the body."""
    return any(
        name.lower() == "content-type" and value.partition(";")[0].strip().lower() in _SCRIPT_TYPES
        for name, value in headers
    )
