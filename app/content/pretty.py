"""Formatters of body text that work on tokens, never on a parse: they stop early and accept cut-off input."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_plus

MAX_INDENT = 80
"""Levels; what is deeper is indented no more."""
_JOIN_AT = 4096
_BREATHE_AT = 512  # tokens or lines: about half a millisecond


def breathe(stop: threading.Event | None) -> bool:
    """Leave the interpreter to the loop for a moment; True if the work is no longer wanted.

    A busy thread takes it back at every call into Qt and keeps it for 5 ms: one repaint then takes 200 ms.
    """
    time.sleep(0.0002)
    return stop is not None and stop.is_set()


def pretty_json(text: str, limit: int | None = None, stop: threading.Event | None = None) -> str:
    """Indent JSON by its tokens alone: numbers, escapes, key order and duplicates stay as they came.

    Stops soon after `limit` characters. Accepts JSON that breaks off anywhere.
    """
    return "".join(json_chunks(text, limit, stop))


def json_chunks(
    text: str | Iterable[str], limit: int | None = None, stop: threading.Event | None = None
) -> Iterator[str]:
    """`pretty_json` piece by piece, of a text that may come in pieces: joining tens of megabytes would hold the
    interpreter for 100 ms."""
    pieces: list[str] = []
    for piece in _json_pieces(_tokens([text] if isinstance(text, str) else text), limit, stop):
        pieces.append(piece)
        if len(pieces) >= _JOIN_AT:
            yield "".join(pieces)
            pieces.clear()
    yield "".join(pieces)


# Strings come first and may lack their closing quote (cut-off capture); unrolled so that it cannot backtrack.
_JSON_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def _tokens(texts: Iterable[str]) -> Iterator[str]:
    rest = ""
    for text in texts:
        text = rest + text
        done = 0
        for match in _JSON_TOKEN.finditer(text):
            token = match[0]
            if match.end() == len(text) or (token[0] == '"' and (len(token) == 1 or token[-1] != '"')):
                break  # it may go on in the next piece
            yield token
            done = match.end()
        rest = text[done:]
    for match in _JSON_TOKEN.finditer(rest):
        yield match[0]


def _json_pieces(tokens: Iterable[str], limit: int | None, stop: threading.Event | None) -> Iterator[str]:
    depth = written = 0
    opened = False  # the last token opened a container, which may turn out empty
    for count, token in enumerate(tokens):
        if token in "}]":
            depth = max(0, depth - 1)
            piece = token if opened else _line(depth) + token
            opened = False
        elif token == ",":
            piece = "," + _line(depth)
        elif token == ":":
            piece = ": "
        else:
            # A second value at the top is JSON Lines: each gets a line of its own.
            piece = _line(depth) + token if opened or (written and depth == 0) else token
            opened = token in "{["
            depth += opened
        yield piece
        written += len(piece)
        if limit is not None and written > limit:
            return
        if count % _BREATHE_AT == 0 and breathe(stop):
            return


_XML_TOKEN = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[^>]*>?|[^<]+", re.DOTALL)


def pretty_xml(text: str, limit: int | None = None, stop: threading.Event | None = None) -> str:
    """Put elements that touch each other on lines of their own; any text content stays untouched."""
    out: list[str] = []
    depth = written = 0
    after_tag = False
    after_open = False
    for count, match in enumerate(_XML_TOKEN.finditer(text)):
        if count % _BREATHE_AT == 0 and breathe(stop):
            break
        token = match[0]
        if not token.startswith("<") or token.startswith("<![CDATA["):
            if token.isspace() and after_tag and "\n" in token:
                continue  # old indentation
            out.append(token)
            after_tag = False
            continue
        closing = token.startswith("</")
        if closing:
            depth = max(0, depth - 1)
        separate = after_tag and not (closing and after_open)
        out.append(_line(depth) + token if separate and out else token)
        after_open = not closing and not token.endswith("/>") and not token.startswith(("<?", "<!"))
        depth += after_open
        after_tag = True
        written += len(out[-1])
        if limit is not None and written > limit:
            break
    return "".join(out)


def pretty_form(text: str) -> str:
    """Decoded `name = value` lines, in order."""
    pairs = [pair.partition("=") for pair in text.strip().split("&") if pair]
    return "\n".join(f"{unquote_plus(name)} = {unquote_plus(value)}" for name, _, value in pairs)


ROW = 16
"""Bytes in a row of hex."""


class HexRow(NamedTuple):
    """offset: eight digits; digits: in two groups; letters: the printable ones"""

    offset: str
    digits: str
    letters: str


def hex_rows(data: bytes, offset: int = 0) -> Iterator[HexRow]:
    """The rows of the data. offset: of its first byte"""
    for start in range(0, len(data), ROW):
        row = data[start : start + ROW]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        yield HexRow(f"{offset + start:08x}", f"{row[:8].hex(' '):<23}  {row[8:].hex(' '):<23}", letters)


def hex_lines(data: bytes) -> Iterator[str]:
    """The rows as text. For short data."""
    return ("  ".join(row) for row in hex_rows(data))


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, MAX_INDENT)
