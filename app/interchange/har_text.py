"""Bodies as the texts of a HAR file and back, byte for byte where the file allows it."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from app.content.charset import as_utf8, declared_charset

_UTF_8 = (None, "utf-8", "ascii")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GUESSES = ("utf-8", "latin-1", "cp1252")


def to_text(data: bytes, content_type: str | None) -> str | None:
    """The text, in the charset that the Content-Type names; None if `to_bytes` could not make the same bytes of it."""
    try:
        if declared_charset(content_type) in _UTF_8 and not data.startswith(_UTF_16):
            return data.decode("utf-8")
        text = as_utf8(data, content_type).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if to_bytes(text, content_type) == data else None


def to_bytes(text: str, content_type: str | None, sizes: Iterable[int] = ()) -> bytes:
    """The bytes that the text stands for.

    Files do not say how bytes became text. A charset that is declared was decoded. Without one, Chromium and mitmproxy
    write binary requests with one character per byte, and mitmproxy what is no UTF-8 with surrogates (PEP 383): then
    it is the charset that gives as many bytes as were sent, or UTF-8.

    sizes: how many bytes there may have been, as headers and file say; 0 or less if they do not
    """
    declared = declared_charset(content_type)
    if declared is not None and (data := _encoded(text, "utf-8" if declared in _UTF_8 else declared)) is not None:
        return data
    wanted = {size for size in sizes if size > 0}
    guesses = [data for charset in _GUESSES if (data := _encoded(text, charset)) is not None]
    fitting = [data for data in guesses if len(data) in wanted]
    return next(iter(fitting or guesses), text.encode("utf-8", "surrogatepass"))


def _encoded(text: str, charset: str) -> bytes | None:
    try:
        return text.encode(charset, "surrogateescape")
    except (UnicodeError, LookupError):
        return None
