"""Colours of JSON, markup and forms, line by line, for the lines that are visible."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtGui import QColor

from app.ui.theme import Tokens
from app.viewmodels.body_text import Language

_JSON = re.compile(
    r'(?P<key>"[^"\\]*(?:\\.[^"\\]*)*"(?=\s*:))|(?P<string>"[^"\\]*(?:\\.[^"\\]*)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)"
)
_REST_OF_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"?')
_MARKUP = re.compile(
    r"(?P<comment><!--.*?(?:-->|$)|<[!?][^>]*>?)|(?P<key></?[A-Za-z][\w:.-]*|/?>)"
    r"|(?P<word>(?<=\s)[\w:@.-]+(?==))|(?P<string>(?<==)(?:\"[^\"]*\"?|'[^']*'?))|(?P<number>&\w+;)"
)
_FORM = re.compile(r"(?P<key>^[^=]*(?= = ))|(?P<comment> = )")
_PATTERNS: dict[Language, re.Pattern[str]] = {"json": _JSON, "markup": _MARKUP, "form": _FORM}


def spans(line: str, language: Language, *, continues: bool, now: Tokens) -> Iterator[tuple[int, int, QColor]]:
    """(start, length, colour) of each token; `continues`: the line is the rest of a soft-split one."""
    pattern = _PATTERNS.get(language)
    if pattern is None:
        return
    start = 0
    if continues and language == "json":  # only strings get so long in indented JSON
        rest = _REST_OF_STRING.match(line)
        start = rest.end() if rest else 0
        yield 0, start, now.ok
    for match in pattern.finditer(line, start):
        colour = _colour(match.lastgroup or "", now)
        yield match.start(), match.end() - match.start(), colour


def _colour(group: str, now: Tokens) -> QColor:
    match group:
        case "key":
            return now.redirect
        case "string":
            return now.ok
        case "number":
            return now.websocket
        case "word":
            return now.client_error
    return now.muted
