"""HLS playlists: segments, keys and other playlists move below the prefix, every other byte is copied (D7)."""

from __future__ import annotations

import re

from backend_lambda.rewrite.document import Document

_START = re.compile(r"(?:\xef\xbb\xbf|\ufeff)?+#EXTM3U(?=[ \t\r\n]|\Z)")
_LINE = re.compile(r"[^\r\n]++")
_TAG = re.compile(r"#EXT-X-[A-Z0-9-]++:")
# An attribute list (RFC 8216, section 4.2): a value in quotes holds neither quotes nor escapes.
_ATTRIBUTE = re.compile(r"[ \t]*+([A-Z0-9-]++)=(?:\"([^\"]*+)\"|[^,\"]*+)[ \t]*+(?:,|\Z)")
_VARIABLE = "{$"  # the beginning comes from an EXT-X-DEFINE


def rewrite_playlist(text: str, document: Document) -> str | None:
    """The playlist as the visitor's player must see it, None if nothing changes or it is no HLS playlist."""
    if not _START.match(text):
        document.report.note("playlist")
        return None
    out: list[str] = []
    copied = 0
    for line in _LINE.finditer(text):
        for start, end in _uris(text, line.start(), line.end()):
            uri = text[start:end]
            mapped = uri if uri.startswith(_VARIABLE) else document.map(uri)
            if mapped != uri:
                out += (text[copied:start], mapped)
                copied = end
                document.report.count("playlist")
    if not out:
        return None
    out.append(text[copied:])
    return "".join(out)


def _uris(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """(start, end) of each URI of one line."""
    if text[start] != "#":
        return [(start, end)]
    tag = _TAG.match(text, start, end)
    if tag is None:
        return []
    found: list[tuple[int, int]] = []
    at = tag.end()
    while attribute := _ATTRIBUTE.match(text, at, end):
        if attribute[2] is not None and _is_uri(attribute[1]):
            found.append(attribute.span(2))
        at = attribute.end()
    return found


def _is_uri(name: str) -> bool:
    """Of RFC 8216 and its successor, and of interstitials, e.g. `URI`, `SERVER-URI`, `X-ASSET-URI`."""
    return name == "URI" or name.endswith("-URI") or name == "X-ASSET-LIST"
