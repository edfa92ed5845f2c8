"""What the user does to recorded exchanges: pins, notes, verdicts, deleting and taking that back.

All functions write, each in a transaction of its own; they run in the writer thread. Raise sqlite3.Error.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from app.domain.verdict import Verdict
from app.history.pruning import delete_rows
from app.history.schema import transaction

UNDO_SECONDS = 600.0
"""How long a deletion can be taken back."""

_BATCH = 200


def annotate(
    connection: sqlite3.Connection,
    ids: Sequence[str],
    *,
    pinned: bool | None = None,
    note: str | None = None,
    verdict: Verdict | None = None,
) -> None:
    """Set what is given; None leaves it as it is."""
    value = None if verdict is None else verdict.value
    with transaction(connection):
        connection.executemany(
            "UPDATE exchanges SET pinned = coalesce(?, pinned), note = coalesce(?, note),"
            " verdict = coalesce(?, verdict) WHERE id = ?",
            [(pinned, note, value, id_) for id_ in ids],
        )


def hide(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """Delete for the eyes; returns the ids of those that were there and over."""
    now = time.time_ns()
    hidden = []
    with transaction(connection):
        for id_ in ids:
            cursor = connection.execute(
                "UPDATE exchanges SET deleted_ns = ? WHERE id = ? AND state <> 'running' AND deleted_ns IS NULL",
                (now, id_),
            )
            if cursor.rowcount:
                hidden.append(id_)
    return hidden


def hide_all(connection: sqlite3.Connection, tunnel_id: str | None) -> list[str]:
    """`hide` for all exchanges of a tunnel (or all) that are over and not pinned; returns their ids."""
    with transaction(connection):
        rows = connection.execute(
            "UPDATE exchanges SET deleted_ns = ?1 WHERE (?2 IS NULL OR tunnel_id = ?2)"
            " AND state <> 'running' AND NOT pinned AND deleted_ns IS NULL RETURNING id",
            (time.time_ns(), tunnel_id),
        ).fetchall()
    return [id_ for (id_,) in rows]


def restore(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """Take a deletion back; returns the ids of those that were still there."""
    restored = []
    with transaction(connection):
        for id_ in ids:
            statement = "UPDATE exchanges SET deleted_ns = NULL WHERE id = ? AND deleted_ns IS NOT NULL"
            if connection.execute(statement, (id_,)).rowcount:
                restored.append(id_)
    return restored


def purge_batch(connection: sqlite3.Connection, older_than: float) -> int:
    """Delete for good what the user deleted so many seconds ago, at most one batch; returns how many."""
    before = time.time_ns() - round(older_than * 1e9)
    with transaction(connection):
        rows = connection.execute("SELECT seq FROM exchanges WHERE deleted_ns < ? LIMIT ?", (before, _BATCH)).fetchall()
        delete_rows(connection, rows)
        return len(rows)
