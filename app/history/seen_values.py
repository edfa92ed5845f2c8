"""Values of the filter language's fields as they were seen lately: what completion offers."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable

from app.domain.exchange import Exchange
from app.filter.match import host_of
from app.history.record import decode_headers

_NEWEST = 5_000
"""Rows looked at: what was common lately is what people look for, and the time stays bounded."""


def common_values(
    connection: sqlite3.Connection, field: str, prefix: str, limit: int, tunnel_id: str | None
) -> list[tuple[str, int]]:
    """(value, how often), the commonest first; empty for fields whose values are not listed. Raises sqlite3.Error."""
    if field not in _READERS:
        return []
    column, read = _READERS[field]
    rows = connection.execute(
        f"SELECT {column} FROM exchanges WHERE deleted_ns IS NULL AND (?1 IS NULL OR tunnel_id = ?1)"  # noqa: S608
        " ORDER BY started_ns DESC LIMIT ?2",
        (tunnel_id, _NEWEST),
    )
    wanted = prefix.lower()
    counts = Counter(value for (raw,) in rows if raw is not None and (value := read(raw)))
    return [(value, count) for value, count in counts.most_common() if value.lower().startswith(wanted)][:limit]


def _media_type(headers: str) -> str:
    found = next((value for name, value in decode_headers(headers) if name.lower() == "content-type"), "")
    return found.partition(";")[0].strip().lower()


_READERS: dict[str, tuple[str, Callable[..., str]]] = {
    "method": ("method", str),
    "status": ("status", str),
    "path": ("target", lambda target: target.partition("?")[0]),
    "host": ("public_url", lambda url: host_of(Exchange("", "", "", "", "", public_url=url))),
    "type": ("response_headers", _media_type),
    "tunnel": ("tunnel", str),
    "visitor": ("visitor", str),
}
