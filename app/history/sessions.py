"""Which processes write to the history now, and what becomes of exchanges whose process is gone."""

from __future__ import annotations

import os
import sqlite3
import time

import psutil

from app.domain.problems import Problem
from app.history.schema import transaction

INTERRUPTED = Problem(
    "interrupted",
    "Hatchway ended before the answer was complete",
    "Hatchway",
    "Replay the request to see the whole answer.",
)

# Processes' start times are computed from the boot time, which moves a little when the clock is adjusted.
_CLOCK_TOLERANCE = 2.0


def register(connection: sqlite3.Connection) -> int:
    """Note this process as a writer; returns the number its exchanges carry."""
    cursor = connection.execute(
        "INSERT INTO sessions (pid, process_started, opened_ns) VALUES (?, ?, ?)",
        (os.getpid(), psutil.Process().create_time(), time.time_ns()),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end(connection: sqlite3.Connection, session: int) -> None:
    """Forget the writer; what it left running is marked as interrupted."""
    with transaction(connection):
        connection.execute("DELETE FROM sessions WHERE id = ?", (session,))
        _mark_orphans(connection)


def end_dead(connection: sqlite3.Connection) -> int:
    """End all sessions whose process is gone; returns how many there were. Live ones are left alone."""
    sessions = connection.execute("SELECT id, pid, process_started FROM sessions").fetchall()
    dead = [(session,) for session, pid, started in sessions if not _alive(pid, started)]
    if dead:
        with transaction(connection):
            connection.executemany("DELETE FROM sessions WHERE id = ?", dead)
            _mark_orphans(connection)
    return len(dead)


def _mark_orphans(connection: sqlite3.Connection) -> None:
    # finished_ns stays empty: nobody knows when the exchange ended, and a made-up duration would be a lie.
    connection.execute(
        "UPDATE exchanges SET state = 'failed', problem_code = ?, problem_title = ?, problem_side = ?,"
        " problem_hint = ? WHERE state = 'running' AND session NOT IN (SELECT id FROM sessions)",
        (INTERRUPTED.code, INTERRUPTED.title, INTERRUPTED.side, INTERRUPTED.hint),
    )


def _alive(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < _CLOCK_TOLERANCE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True  # it exists but will not tell us: do not touch its exchanges
