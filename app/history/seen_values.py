"""Values of the filter language's fields as they were seen lately: what completion offers."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable

from app.domain.exchange import Exchange, first_header
from app.domain.webhook import signature_scheme
from app.filter.match import host_of
from app.history.query import QUALITIES
from app.history.record import decode_headers

_NEWEST = 5_000
"""Rows looked at: what was common lately is what people look for, and the time stays bounded."""


def common_values(
    connection: sqlite3.Connection, field: str, prefix: str, limit: int, tunnel_id: str | None
) -> list[tuple[str, int]]:
    """(value, how often), the commonest first; empty for fields whose values are not listed. Raises sqlite3.Error."""
    if field in ("is", "has"):
        return _qualities(connection, field, prefix, tunnel_id)
    if field not in _READERS:
        return []
    column, read = _READERS[field]
    rows = connection.execute(
        f"SELECT {column} FROM exchanges WHERE deleted_ns IS NULL AND (?1 IS NULL OR tunnel_id = ?1)"  # noqa: S608
        " ORDER BY started_ns DESC LIMIT ?2",
        (tunnel_id, _NEWEST),
    )
    wanted = prefix.lower()
    counts: Counter[str] = Counter()
    for (raw,) in rows:
        if raw is not None:
            counts.update(read(raw))
    return [(value, count) for value, count in counts.most_common() if value.lower().startswith(wanted)][:limit]


def _qualities(connection: sqlite3.Connection, field: str, prefix: str, tunnel_id: str | None) -> list[tuple[str, int]]:
    known = QUALITIES | {"is:sse": "response_headers LIKE '%text/event-stream%'"}  # as good as exact, and quick
    conditions = {key.partition(":")[2]: known[key] for key in known if key.startswith(f"{field}:")}
    sums = ", ".join(f"sum(({condition}) IS TRUE)" for condition in conditions.values())
    counts = connection.execute(
        f"SELECT {sums} FROM (SELECT * FROM exchanges WHERE deleted_ns IS NULL"  # noqa: S608 (no text of users)
        " AND (?1 IS NULL OR tunnel_id = ?1) ORDER BY started_ns DESC LIMIT ?2)",
        (tunnel_id, _NEWEST),
    ).fetchone()
    found = [(name, count or 0) for name, count in zip(conditions, counts, strict=True) if name.startswith(prefix)]
    return sorted(found, key=lambda each: -each[1])


def _media_type(headers: str) -> list[str]:
    found = first_header(decode_headers(headers), "content-type") or ""
    return [media] if (media := found.partition(";")[0].strip().lower()) else []


def _scheme(headers: str) -> list[str]:
    return ["any", scheme] if (scheme := signature_scheme(decode_headers(headers))) else []


def _header_names(headers: str) -> set[str]:
    return {name.lower() for name, _ in decode_headers(headers)}


def _both_header_names(headers: str) -> set[str]:
    return {name for part in headers.split("\n") for name in _header_names(part)}


def _text(value: object) -> list[str]:
    return [str(value)]


_READERS: dict[str, tuple[str, Callable[..., Iterable[str]]]] = {
    "method": ("method", _text),
    "status": ("status", _text),
    "path": ("target", lambda target: [target.partition("?")[0]]),
    "host": ("public_url", lambda url: filter(None, [host_of(Exchange("", "", "", "", "", public_url=url))])),
    "type": ("response_headers", _media_type),
    "req.type": ("request_headers", _media_type),
    "req.header": ("request_headers", _header_names),
    "resp.header": ("response_headers", _header_names),
    "header": ("request_headers || char(10) || response_headers", _both_header_names),
    "tunnel": ("tunnel", _text),
    "upstream": ("upstream", _text),
    "visitor": ("visitor", lambda visitor: filter(None, [visitor])),
    "verdict": ("verdict", _text),
    "sig": ("request_headers", _scheme),
}
