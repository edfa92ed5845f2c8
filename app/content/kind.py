"""What a body is, by its Content-Type where that can be true and by its first bytes where not; and its text."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final, Literal

from app.content.charset import declared_charset
from app.content.multipart import boundary_of, parts_of

BodyKind = Literal["empty", "json", "ndjson", "xml", "html", "form", "multipart", "image", "text", "binary"]

_HEAD: Final = 4096  # bytes that are looked at
_SLICE: Final = 256 * 1024  # bytes decoded at a time: the interpreter is held meanwhile
_NDJSON: Final = frozenset(
    f"application/{name}" for name in ("x-ndjson", "ndjson", "jsonl", "x-jsonl", "jsonlines", "x-json-stream")
)


def kind_of(data: bytes, content_type: str | None) -> BodyKind:
    """data: without its content codings"""
    if not data:
        return "empty"
    media = (content_type or "").partition(";")[0].strip().lower()
    if media.startswith("image/") and not media.endswith("+xml"):
        return "image"
    if media.startswith("multipart/") and parts_of(data, boundary_of(content_type)):
        return "multipart"
    if not is_text(data, declared_charset(content_type) or "", declared=media.startswith("text/")):
        return "binary"
    if media in _NDJSON:
        return "ndjson"
    if media.endswith(("/json", "+json")) or media == "application/csp-report":
        return "json"
    if media in ("text/html", "application/xhtml+xml"):
        return "html"
    if media.endswith(("/xml", "+xml")):
        return "xml"
    if media == "application/x-www-form-urlencoded":
        return "form"
    if not media or (media == "text/plain" and data[:1] in b"{["):
        return _sniff(data)
    return "text"


def is_text(data: bytes, charset: str, *, declared: bool) -> bool:
    """Whether the data reads as text. charset: as declared, "" if none; declared: the Content-Type says text/*"""
    if charset and charset not in ("utf-8", "ascii"):
        return True
    head = data[:_HEAD]
    if b"\0" in head:
        return False
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, len(head) == len(data))
    except UnicodeDecodeError:
        return _mostly_printable(head) and (declared or _few_high(head))
    return sum(character < " " and character not in "\t\r\n\f\b\x1b" for character in text) * 50 <= len(text)


def decoded_pieces(data: bytes, charset: str, *, whole: bool) -> Iterator[str]:
    """The text, slice by slice. Raises UnicodeDecodeError at the first byte that is none.

    whole: False if the data breaks off, perhaps within a character
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig" if charset in ("", "utf-8") else charset)("strict")
    for start in range(0, len(data), _SLICE):
        yield decoder.decode(data[start : start + _SLICE], whole and start + _SLICE >= len(data))


def decode_text(data: bytes, charset: str, *, whole: bool) -> tuple[str, bool]:
    """(the text, whether every byte was part of it; those that were not are U+FFFD)."""
    try:
        return "".join(decoded_pieces(data, charset, whole=whole)), True
    except UnicodeDecodeError:
        return data.decode(charset or "utf-8", "replace"), False


def _sniff(data: bytes) -> BodyKind:
    """What a body without (or with a careless) content type is."""
    start = data[:64].lstrip().lower()
    if start[:1] in (b"{", b"["):
        return "json"
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "xml" if start.startswith(b"<?xml") else "text"


def _mostly_printable(head: bytes) -> bool:
    return sum(byte >= 32 or byte in b"\t\r\n" for byte in head) >= 0.97 * len(head)


def _few_high(head: bytes) -> bool:
    """As in Latin-1 text; other legacy charsets have to be declared."""
    return sum(byte >= 128 for byte in head) < 0.2 * len(head)
