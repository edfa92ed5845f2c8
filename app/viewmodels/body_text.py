"""Turns a captured body into text to look at: pretty, raw or hex, bounded, safe to run in a thread.

Nothing here parses a whole body only to show its beginning, so a cut-off capture is formatted as far as it goes.
"""

from __future__ import annotations

import enum
import itertools
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from app.content.charset import declared_charset
from app.content.codings import DecodedBody, decode_body
from app.content.graphql import graphql_text
from app.content.json_check import json_lines_problem, json_problem, looks_like_json_lines
from app.content.kind import BodyKind, decode_text, decoded_pieces, is_text, kind_of
from app.content.multipart import Part, boundary_of, parts_of
from app.content.pretty import hex_lines, json_chunks, pretty_form, pretty_xml
from app.domain.exchange import Body
from app.viewmodels.exchange_cells import format_size
from app.viewmodels.laid_out import LaidOutText, lay_out

PREVIEW = 256_000
"""Characters shown before the user asks for all."""

Language = Literal["json", "markup", "form", "plain"]

_JSON_CHECK = 256 * 1024
_LINES_CHECK = 4 * 1024 * 1024
_PART_PREVIEW = 4 * 1024
_LARGE = 4 * 1024 * 1024  # bytes
_LABELS: dict[BodyKind, str] = {
    "empty": "Empty",
    "json": "JSON",
    "ndjson": "JSON lines",
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
    """content: ready for a text widget; complete: False if there is more to load; pretty: laid out by `json_chunks`"""

    content: LaidOutText = field(default_factory=LaidOutText)
    language: Language = "plain"
    complete: bool = True
    notes: tuple[str, ...] = ()
    pretty: bool = False


@dataclass(frozen=True, slots=True)
class BodyView:
    """A decoded body that knows what it is; made once per body by `open_body`, rendered per mode.

    charset: as declared, if Python knows it, else ""
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
        """Whether it can be shown and copied as text."""
        if self.kind == "multipart":
            return is_text(self.decoded.data, self.charset, declared=False)
        return self.kind not in ("empty", "image", "binary")

    @property
    def parts(self) -> list[Part]:
        """Of a multipart body."""
        return parts_of(self.decoded.data, self.boundary)

    def bytes_for(self, mode: Mode) -> bytes | None:
        """What is shown as bytes in that mode, None if it is shown as text (or as a picture)."""
        if mode is Mode.HEX:
            return self.wire
        as_parts = self.kind == "multipart" and mode is Mode.PRETTY
        return None if self.textual or as_parts or self.kind in ("empty", "image") else self.decoded.data


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
    kind = kind_of(decoded.data, content_type)
    charset = declared_charset(content_type) or ""
    return BodyView(kind, wire, decoded, charset, body.size, tuple(notes), boundary_of(content_type))


def render(view: BodyView, mode: Mode, limit: int | None = PREVIEW, stop: threading.Event | None = None) -> BodyText:
    """The text for a mode in which the body is text, at most about `limit` characters of it; None renders all."""
    if mode is Mode.PRETTY and view.kind == "multipart":
        return _cut(_multipart(view), limit, stop)
    if limit is None and len(view.decoded.data) > _LARGE and (large := _large(view, mode, stop)) is not None:
        return large
    # Every decoder yields at most one character per byte, and pretty text is never shorter than its source
    # by more than white space: a few times the limit is plenty to read.
    data = view.decoded.data if limit is None else view.decoded.data[: 4 * limit + 16]
    cut = len(data) < len(view.decoded.data)
    text, clean = decode_text(data, view.charset, whole=not cut)
    shown = _pretty(view, text, cut, limit, stop) if mode is Mode.PRETTY else _Shown([text])
    if not clean:
        shown.notes.append(f"Some bytes are not valid {view.charset or 'utf-8'}; they are shown as �")
    return _cut(shown, limit, stop, cut=cut)


def _large(view: BodyView, mode: Mode, stop: threading.Event | None) -> BodyText | None:
    """All of a large body, never as one text: to make such a one takes longer than a frame. None for what is laid out
    as a whole, and for texts with bytes that are none."""
    as_json = mode is Mode.PRETTY and view.kind in ("json", "ndjson")
    if not as_json and (mode is Mode.PRETTY and view.kind in ("xml", "form")):
        return None
    texts = decoded_pieces(view.decoded.data, view.charset, whole=True)
    try:
        content = lay_out(json_chunks(texts, None, stop) if as_json else texts, stop)
    except UnicodeDecodeError:
        return None
    markup = mode is Mode.PRETTY and view.kind == "html"
    return BodyText(content, "json" if as_json else "markup" if markup else "plain", pretty=as_json)


def plain_text(view: BodyView) -> str | None:
    """The whole decoded text as it is, for copying; None if the body is not text."""
    return decode_text(view.decoded.data, view.charset, whole=True)[0] if view.textual else None


@dataclass(slots=True)
class _Shown:
    texts: Iterable[str]
    language: Language = "plain"
    notes: list[str] = field(default_factory=list)
    pretty: bool = False


def _cut(shown: _Shown, limit: int | None, stop: threading.Event | None, *, cut: bool = False) -> BodyText:
    texts: Iterable[str] = shown.texts
    if limit is not None:
        text = "".join(itertools.islice(texts, 10_000))
        cut = cut or len(text) > limit
        texts = [text[:limit]]
    return BodyText(lay_out(texts, stop), shown.language, not cut, tuple(shown.notes), shown.pretty)


def _pretty(view: BodyView, text: str, cut: bool, limit: int | None, stop: threading.Event | None) -> _Shown:
    match view.kind:
        case "json":
            if not cut and not view.notes and len(text) <= _JSON_CHECK:
                if problem := json_problem(text):
                    if looks_like_json_lines(text):
                        return _json_lines(text, limit, stop, "JSON lines")
                    return _Shown([text], "json", [f"Not valid JSON: {problem}"])
                if query := _graphql(text):
                    return _Shown([query], "plain", ["GraphQL"])
            return _Shown(json_chunks(text, limit, stop), "json", pretty=True)
        case "ndjson" if not cut and not view.notes and len(text) <= _LINES_CHECK:
            return _json_lines(text, limit, stop, "")
        case "ndjson":
            return _Shown(json_chunks(text, limit, stop), "json", pretty=True)
        case "xml":
            return _Shown([pretty_xml(text, limit, stop)], "markup")
        case "html":
            return _Shown([text], "markup")
        case "form":
            return _Shown([pretty_form(text)], "form")
    return _Shown([text])


def _json_lines(text: str, limit: int | None, stop: threading.Event | None, note: str) -> _Shown:
    """One value after the other; a line that is none is told."""
    problem = json_lines_problem(text, stop)
    words = note if problem is None else f"Not valid JSON lines: {problem}"
    return _Shown(json_chunks(text, limit, stop), "json", [words] if words else [], pretty=True)


def _graphql(text: str) -> str | None:
    if '"query"' not in text:
        return None
    try:
        return graphql_text(json.loads(text))
    except (RecursionError, ValueError):
        return None


def _multipart(view: BodyView) -> _Shown:
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
    return _Shown(["\n\n".join(blocks)])


def _part_text(part: Part) -> str:
    head = part.data[:_PART_PREVIEW]
    rest = f"\n[… {format_size(len(part.data))} in all]" if len(part.data) > len(head) else ""
    charset = declared_charset(part.content_type) or ""
    if is_text(head, charset, declared=part.content_type.startswith("text/")):
        return decode_text(head, charset, whole=not rest)[0] + rest
    return "\n".join(hex_lines(head[:256])) + (rest or ("\n[…]" if len(head) > 256 else ""))
