"""Turns a captured body into text to look at: pretty, raw or hex, bounded, safe to run in a thread.

Nothing here parses a whole body only to show its beginning, so a cut-off capture is formatted as far as it goes.
"""

from __future__ import annotations

import codecs
import enum
import json
import re
import threading
from dataclasses import dataclass
from typing import Literal

from app.content.codings import DecodedBody, decode_body
from app.content.graphql import graphql_text
from app.content.multipart import Part, boundary_of, parts_of
from app.domain.exchange import Body
from app.viewmodels.exchange_cells import format_size
from app.viewmodels.pretty_print import breathe, hex_lines, json_chunks, pretty_form, pretty_json, pretty_xml

PREVIEW = 256_000
"""Characters shown before the user asks for all."""
SOFT_LINE = 2_000
SOFT_BREAK = "\u2060↩\n"
"""Where a long line was split for display; the invisible word joiner makes the mark unmistakable for copying."""

BodyKind = Literal["empty", "json", "xml", "html", "form", "multipart", "image", "text", "binary"]
Language = Literal["json", "markup", "form", "plain", "hex"]

_JSON_CHECK = 256 * 1024
_SPLIT_BLOCK = 128 * 1024
_PART_PREVIEW = 4 * 1024
_LABELS: dict[BodyKind, str] = {
    "empty": "Empty",
    "json": "JSON",
    "xml": "XML",
    "html": "HTML",
    "form": "Form",
    "multipart": "Multipart",
    "image": "Image",
    "text": "Text",
    "binary": "Binary",
}


class Mode(enum.Enum):
    """How to show a body; the value is the label of the button."""

    PRETTY = "Pretty"
    RAW = "Raw"  # content codings removed, else untouched
    HEX = "Hex"  # the captured bytes


@dataclass(frozen=True, slots=True)
class BodyText:
    """text: ready for a plain text widget, long lines soft-split; complete: False if there is more to load.

    pieces: instead of `text`, if it is too long to be worth joining
    """

    text: str
    language: Language = "plain"
    complete: bool = True
    notes: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BodyView:
    """A decoded body that knows what it is; made once per body by `open_body`, rendered per mode.

    notes: what the user should know about it (cut capture, decoding trouble)
    """

    kind: BodyKind
    wire: bytes
    decoded: DecodedBody
    charset: str
    size: int
    notes: tuple[str, ...] = ()
    boundary: bytes = b""

    @property
    def label(self) -> str:
        """`JSON · 412 B · gzip, 1.2 kB decoded`."""
        parts = [_LABELS[self.kind], format_size(self.size)]
        if self.decoded.codings:
            parts.append(f"{', '.join(self.decoded.codings)}, {format_size(len(self.decoded.data))} decoded")
        return " · ".join(parts) if self.size else _LABELS["empty"]

    @property
    def textual(self) -> bool:
        if self.kind == "multipart":
            return _is_text(self.decoded.data, self.charset, declared=False)
        return self.kind not in ("empty", "image", "binary")

    @property
    def parts(self) -> list[Part]:
        """Of a multipart body."""
        return parts_of(self.decoded.data, self.boundary)


def open_body(
    body: Body, content_type: str | None, content_encoding: str | None, stop: threading.Event | None = None
) -> BodyView:
    """Decode the body and find out what it is. Takes milliseconds to a second: run it in a thread."""
    wire = body.data
    decoded = decode_body(wire, content_encoding, stop=stop)
    notes = []
    if body.truncated:
        notes.append(f"Only the first {format_size(body.kept)} of {format_size(body.size)} were captured")
    if decoded.problem and not body.truncated:
        notes.append(decoded.problem[0].upper() + decoded.problem[1:])
    charset = _charset(content_type)
    kind = _kind(decoded.data, content_type, charset)
    return BodyView(kind, wire, decoded, charset, body.size, tuple(notes), boundary_of(content_type))


def render(view: BodyView, mode: Mode, limit: int | None = PREVIEW, stop: threading.Event | None = None) -> BodyText:
    """The text for that mode, at most `limit` characters of it; None renders all."""
    if view.kind == "empty":
        return BodyText("")
    if mode is Mode.PRETTY and view.kind == "multipart":
        return _multipart(view, limit)
    if mode is Mode.HEX or not view.textual:
        data = view.wire if mode is Mode.HEX else view.decoded.data
        shown = len(data) if limit is None else min(len(data), limit // 5)
        return BodyText("\n".join(hex_lines(data[:shown], stop)), "hex", shown == len(data))
    # Every decoder yields at most one character per byte, and pretty text is never shorter than its source
    # by more than white space: a few times the limit is plenty to read.
    data = view.decoded.data if limit is None else view.decoded.data[: 4 * limit + 16]
    text, notes = _decode_text(data, view.charset, whole=len(data) == len(view.decoded.data))
    cut = len(data) < len(view.decoded.data)
    language: Language = "plain"
    if mode is Mode.PRETTY and view.kind == "json" and limit is None and len(text) > _JSON_CHECK:
        return BodyText("", "json", True, notes, tuple(_ready(chunk) for chunk in json_chunks(text, None, stop)))
    if mode is Mode.PRETTY:
        text, language, more_notes = _pretty(view, text, cut, limit, stop)
        notes += more_notes
    complete = not cut and (limit is None or len(text) <= limit)
    if not complete and limit is not None:
        text = text[:limit]
    return BodyText(_ready(text), language, complete, notes)


def _ready(text: str) -> str:
    return soft_split(text.replace("\r\n", "\n").replace("\0", "␀"))


def plain_text(view: BodyView) -> str | None:
    """The whole decoded text as it is, for copying; None if the body is not text."""
    return _decode_text(view.decoded.data, view.charset, whole=True)[0] if view.textual else None


def soft_split(text: str, width: int = SOFT_LINE) -> str:
    """Break lines that would freeze a text widget; see `SOFT_BREAK`."""
    if len(text) <= width:
        return text
    out = []
    start = 0
    while start < len(text):  # by blocks of whole lines, so that a thread lets others run in between
        end = text.find("\n", start + _SPLIT_BLOCK) + 1 or len(text)
        out.append(_split_lines(text[start:end], width))
        start = end
        breathe(None)
    return "".join(out)


def _split_lines(text: str, width: int) -> str:
    lines = text.split("\n")
    if max(map(len, lines)) <= width:
        return text
    return "\n".join(
        line
        if len(line) <= width
        else SOFT_BREAK.join(line[start : start + width] for start in range(0, len(line), width))
        for line in lines
    )


def _pretty(
    view: BodyView, text: str, cut: bool, limit: int | None, stop: threading.Event | None
) -> tuple[str, Language, tuple[str, ...]]:
    match view.kind:
        case "json":
            captured_whole = not cut and not view.notes
            if captured_whole and len(text) <= _JSON_CHECK and (problem := _json_problem(text)):
                return text, "json", (problem,)
            if captured_whole and len(text) <= _JSON_CHECK and (query := _graphql(text)):
                return query, "plain", ("GraphQL",)
            return pretty_json(text, limit, stop), "json", ()
        case "xml":
            return pretty_xml(text, limit, stop), "markup", ()
        case "html":
            return text, "markup", ()
        case "form":
            return pretty_form(text), "form", ()
    return text, "plain", ()


def _graphql(text: str) -> str | None:
    if '"query"' not in text:
        return None
    try:
        return graphql_text(json.loads(text))
    except (RecursionError, ValueError):
        return None


def _multipart(view: BodyView, limit: int | None) -> BodyText:
    """Each part with its head and the beginning of its content."""
    blocks = []
    for number, part in enumerate(view.parts, 1):
        name = f" · {part.name}" if part.name else ""
        cut = "" if part.whole else " · not kept to its end"
        blocks.append(
            "\n".join(
                [f"── Part {number}{name} · {format_size(len(part.data))}{cut}", *part.head, "", _part_text(part)]
            )
        )
    text = "\n\n".join(blocks).replace("\r\n", "\n").replace("\0", "␀")
    complete = limit is None or len(text) <= limit
    return BodyText(soft_split(text if complete else text[:limit]), complete=complete)


def _part_text(part: Part) -> str:
    head = part.data[:_PART_PREVIEW]
    rest = f"\n[… {format_size(len(part.data))} in all]" if len(part.data) > len(head) else ""
    charset = _charset(part.content_type)
    if _is_text(head, charset, declared=part.content_type.startswith("text/")):
        return _decode_text(head, charset, whole=not rest)[0] + rest
    return "\n".join(hex_lines(head[:256])) + (rest or ("\n[…]" if len(head) > 256 else ""))


def _json_problem(text: str) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"Not valid JSON: {error.msg.lower()} (line {error.lineno}, column {error.colno})"
    except (RecursionError, ValueError):
        return ""  # nested too deep, or a number too long, for this check only
    return ""


def _charset(content_type: str | None) -> str:
    """The declared charset if Python knows it, else empty."""
    match = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", content_type or "", re.IGNORECASE)
    if match is None:
        return ""
    try:
        # Codecs such as `hex` or `zip` are no charsets: they do not make text.
        return match[1].lower() if codecs.lookup(match[1])._is_text_encoding else ""
    except (LookupError, ValueError):
        return ""


def _decode_text(data: bytes, charset: str, *, whole: bool) -> tuple[str, tuple[str, ...]]:
    name = charset or "utf-8"
    if name in ("utf-8", "utf8"):
        name = "utf-8-sig"
    try:
        decoder = codecs.getincrementaldecoder(name)("strict")
        return decoder.decode(data, whole), ()
    except (UnicodeDecodeError, LookupError):
        text = data.decode(name, "replace")
        return text, (f"Some bytes are not valid {charset or 'utf-8'}; they are shown as �",)


def _kind(data: bytes, content_type: str | None, charset: str) -> BodyKind:
    if not data:
        return "empty"
    media = (content_type or "").partition(";")[0].strip().lower()
    if media.startswith("image/") and not media.endswith("+xml"):
        return "image"
    if media.startswith("multipart/") and parts_of(data, boundary_of(content_type)):
        return "multipart"
    if not _is_text(data, charset, declared=media.startswith("text/")):
        return "binary"
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


def _sniff(data: bytes) -> BodyKind:
    """What a body without (or with a careless) content type is."""
    start = data[:64].lstrip().lower()
    if start[:1] in (b"{", b"["):
        return "json"
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "xml" if start.startswith(b"<?xml") else "text"


def _is_text(data: bytes, charset: str, *, declared: bool) -> bool:
    if charset and charset not in ("utf-8", "utf8", "us-ascii", "ascii"):
        return True
    head = data[:4096]
    if b"\0" in head:
        return False
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, len(head) == len(data))
    except UnicodeDecodeError:
        return _mostly_printable(head) and (declared or _few_high(head))
    return sum(character < " " and character not in "\t\r\n\f\b\x1b" for character in text) * 50 <= len(text)


def _mostly_printable(head: bytes) -> bool:
    return sum(byte >= 32 or byte in b"\t\r\n" for byte in head) >= 0.97 * len(head)


def _few_high(head: bytes) -> bool:
    """As in Latin-1 text; other legacy charsets have to be declared."""
    return sum(byte >= 128 for byte in head) < 0.2 * len(head)
