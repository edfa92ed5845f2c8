"""Texts as exchanges keep them (bytes of the wire as latin-1) and as people and files write them."""

from __future__ import annotations

import base64


def readable(text: str) -> str:
    """Bytes kept as latin-1 text as the UTF-8 they mostly are; as they were kept if they are not."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def wire(text: str) -> str:
    """Text as it is kept: its UTF-8 bytes as latin-1."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def raw_bytes(text: str) -> str | None:
    """The bytes in base64, if `wire` could not make the same text of the readable one; None if it can."""
    if text.isascii() or wire(readable(text)) == text:
        return None
    return base64.b64encode(text.encode("latin-1", "replace")).decode()


def exact(written: str, raw: object) -> str:
    """The text as it is kept, of the readable one and, where there were any, `raw_bytes`.

    Raises ValueError: they are no base64.
    """
    return base64.b64decode(raw).decode("latin-1") if isinstance(raw, str) and raw else wire(written)
