"""Which charset a body is in, and its text as UTF-8 bytes."""

from __future__ import annotations

import codecs
import re

_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FIRST_OF_BOMS = frozenset(bom[:1] for bom, _ in _BOMS)  # hardly any text begins so, and searches ask for thousands


def declared_charset(content_type: str | None) -> str | None:
    """Python's name of the charset in a Content-Type, None if there is none or an unknown one."""
    found = _CHARSET.search(content_type or "")
    if found is None:
        return None
    try:
        info = codecs.lookup(found[1])
    except (LookupError, ValueError):
        return None
    # The standard library registers codecs that are no charsets (hex, zip …).
    return info.name if getattr(info, "_is_text_encoding", True) else None


def as_utf8(data: bytes, content_type: str | None) -> bytes:
    """The text in UTF-8. Bytes that are UTF-8, or not known to be anything else, are returned as they are."""
    charset = declared_charset(content_type) if content_type else None
    if data[:1] in FIRST_OF_BOMS:
        charset = next((name for bom, name in _BOMS if data.startswith(bom)), charset)
    if charset in (None, "utf-8", "ascii"):
        return data
    return data.decode(charset, errors="replace").encode("utf-8", "replace")
