"""A query, or a URL-encoded form, as names and values to edit; what is not edited keeps its spelling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import quote, quote_plus, unquote_plus

Pairs = tuple[tuple[str, str], ...]

_QUERY_SAFE = "/?:@!$'()*,;"  # RFC 3986 section 3.4, without what separates fields


def split_pairs(raw: str) -> Pairs:
    """Decoded, in order, duplicates too; `a` and `a=` both have an empty value."""
    return tuple(_decoded(piece) for piece in raw.split("&")) if raw else ()


def join_pairs(pairs: Sequence[tuple[str, str]], raw: str, *, form: bool = False) -> str:
    """The opposite: fields that were in `raw` are written as there, others encoded. form: a space is `+`

    A new field without name and value is left out: its row has just been added.
    """
    spellings: dict[tuple[str, str], list[str]] = defaultdict(list)
    for piece in reversed(raw.split("&") if raw else []):
        spellings[_decoded(piece)].append(piece)
    pieces = []
    for name, value in pairs:
        if known := spellings.get((name, value)):
            pieces.append(known.pop())
        elif name or value:
            pieces.append(f"{_encoded(name, form)}={_encoded(value, form)}")
    return "&".join(pieces)


def query_pairs(target: str) -> Pairs:
    """Those of a target's query."""
    return split_pairs(target.partition("?")[2])


def with_query(target: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The target with this query instead of its own."""
    path, _, query = target.partition("?")
    new = join_pairs(pairs, query)
    if new == query:
        return target  # `/path?` keeps its mark
    return f"{path}?{new}" if new else path


def _decoded(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    return unquote_plus(name), unquote_plus(value)


def _encoded(text: str, form: bool) -> str:
    # A lone surrogate cannot be typed, but pasted.
    return quote_plus(text, "*", errors="replace") if form else quote(text, _QUERY_SAFE, errors="replace")
