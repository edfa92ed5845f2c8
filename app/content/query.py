"""The parameters of a query, to read: decoded, in order, duplicates too (WHATWG URL, section 5.1)."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_to_bytes

Parameter = tuple[str, str]
"""(name, value)"""

_MOST: Final = 256  # separators looked at; a query of thousands is data


def query_parameters(target: str, most: int = _MOST) -> tuple[list[Parameter], int]:
    """(the first `most` parameters, how many there are in all).

    target: path and query as they were on the wire, latin-1 text. Bytes that are no UTF-8 become U+FFFD.
    `a` and `a=` both have an empty value.
    """
    query = target.partition("#")[0].partition("?")[2]
    pieces = [piece for piece in query.split("&") if piece]
    return [_decoded(piece) for piece in pieces[:most]], len(pieces)


def _decoded(piece: str) -> Parameter:
    name, _, value = piece.partition("=")
    return _text(name), _text(value)


def _text(raw: str) -> str:
    plain = raw.replace("+", " ")
    try:
        data = plain.encode("latin-1")
    except UnicodeEncodeError:  # typed by hand in a replay
        data = plain.encode("utf-8", "surrogatepass")
    return unquote_to_bytes(data).decode("utf-8", "replace")
