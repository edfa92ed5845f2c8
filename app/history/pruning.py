"""Deleting recorded exchanges in batches so small that recording goes on in between."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from app.history.schema import transaction

_BATCH = 200
_ROW_OVERHEAD = 1024  # bytes a row with its headers and index entries takes, roughly
_PAGES = 1000  # given back to the file system in one transaction


@dataclass(frozen=True, slots=True)
class Quotas:
    """How long and how much is kept: age in days, size of the file in megabytes (2^20 bytes)."""

    days: int
    megabytes: int


def prune_batch(connection: sqlite3.Connection, quotas: Quotas) -> int:
    """Delete the oldest exchanges beyond the quotas, at most one batch; returns how many. 0: within the quotas.

    Exchanges in flight and pinned ones are left alone. Raises sqlite3.Error.
    """
    with transaction(connection):
        oldest = time.time_ns() - quotas.days * 86_400_000_000_000
        rows = connection.execute(
            "SELECT seq FROM exchanges WHERE started_ns < ? AND state <> 'running' AND NOT pinned"
            " ORDER BY started_ns LIMIT ?",
            (oldest, _BATCH),
        ).fetchall()
        if not rows:
            rows = _beyond_size(connection, quotas.megabytes * 1024 * 1024)
        delete_rows(connection, rows)
        return len(rows)


def release_pages(connection: sqlite3.Connection) -> bool:
    """Give a part of the unused pages back to the file system; returns whether more are left."""
    before = _pragma(connection, "freelist_count")
    if before:
        connection.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
    return 0 < _pragma(connection, "freelist_count") < before


def used_bytes(connection: sqlite3.Connection) -> int:
    """Size of what is stored, without unused pages."""
    pages = _pragma(connection, "page_count") - _pragma(connection, "freelist_count")
    return pages * _pragma(connection, "page_size")


def _beyond_size(connection: sqlite3.Connection, limit: int) -> list[tuple[int]]:
    excess = used_bytes(connection) - limit
    chosen: list[tuple[int]] = []
    if excess <= 0:
        return chosen
    rows = connection.execute(
        "SELECT seq, request_kept + response_kept + iif(frames > 0, (SELECT total(length(data)) FROM frames"
        " WHERE exchange = id), 0) FROM exchanges WHERE state <> 'running' AND NOT pinned ORDER BY started_ns LIMIT ?",
        (_BATCH,),
    )
    for seq, kept in rows.fetchall():
        chosen.append((seq,))
        excess -= kept + _ROW_OVERHEAD
        if excess <= 0:
            break
    return chosen


def delete_rows(connection: sqlite3.Connection, rows: list[tuple[int]]) -> None:
    """Delete these exchanges (by `seq`), their frames, and bodies that no other has. Within a transaction."""
    bodies: set[tuple[int]] = set()
    for row in rows:
        found = connection.execute("SELECT request_body, response_body FROM exchanges WHERE seq = ?", row).fetchone()
        bodies.update((body,) for body in found if body is not None)
    connection.executemany("DELETE FROM exchanges WHERE seq = ?", rows)
    connection.executemany(
        "DELETE FROM bodies WHERE id = ?1"
        " AND NOT EXISTS (SELECT 1 FROM exchanges WHERE request_body = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM exchanges WHERE response_body = ?1)",
        sorted(bodies),
    )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
