"""What tunnels have used of an AWS account, a row for each tunnel and day; several processes may add to one row."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from app.domain.usage import Usage, UsageOfDay
from app.history.schema import transaction

_KEPT_DAYS: Final = 400


def add(connection: sqlite3.Connection, rows: Sequence[UsageOfDay]) -> None:
    """Count this as well, and forget what is older than a year. Raises sqlite3.Error."""
    with transaction(connection):
        for row in rows:
            key = (row.tunnel_id, row.day.isoformat())
            found = connection.execute("SELECT counters FROM usage WHERE tunnel_id = ? AND day = ?", key).fetchone()
            total = Usage() if found is None else _decoded(found[0])
            total.add(row.usage)
            connection.execute(
                "INSERT OR REPLACE INTO usage (tunnel_id, day, tunnel, counters) VALUES (?, ?, ?, ?)",
                (*key, row.tunnel, json.dumps(total.to_dict())),
            )
        if rows:
            oldest = max(row.day for row in rows) - timedelta(days=_KEPT_DAYS)
            connection.execute("DELETE FROM usage WHERE day < ?", (oldest.isoformat(),))


def since(connection: sqlite3.Connection, day: date) -> list[UsageOfDay]:
    """Everything from that day on, oldest first. Raises sqlite3.Error."""
    rows = connection.execute(
        "SELECT tunnel_id, tunnel, day, counters FROM usage WHERE day >= ? ORDER BY day, tunnel_id", (day.isoformat(),)
    )
    return [UsageOfDay(id_, name, date.fromisoformat(text), _decoded(counters)) for id_, name, text, counters in rows]


def _decoded(counters: str) -> Usage:
    """What makes no sense counts as nothing: a damaged row shall not keep Hatchway from starting."""
    try:
        found = json.loads(counters)
    except ValueError:
        return Usage()
    return Usage.from_dict(found if isinstance(found, dict) else {})
