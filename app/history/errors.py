"""SQLite's errors sorted and told in the user's words; the one place that knows their codes."""

from __future__ import annotations

import sqlite3

from app.domain.problems import HatchwayError, Problem


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process held the file for too long; trying again will help."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite complains about the content of the file (not about locks, space or permissions)."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def translated(error: sqlite3.Error) -> HatchwayError:
    """The error to raise or to show instead of SQLite's."""
    if is_busy(error):
        problem = Problem("history_busy", "The history is in use by another process", "you", "Try again in a moment.")
    elif is_damage(error):
        problem = Problem(
            "history_damaged",
            "The history file is damaged",
            "Hatchway",
            "Start Hatchway again: the file is then kept aside and a new one begun.",
        )
    elif _code(error) == sqlite3.SQLITE_FULL:
        problem = Problem(
            "history_disk_full",
            "The disk is full, requests are not recorded",
            "you",
            "Free some space; the tunnels go on, and recording resumes by itself.",
        )
    else:
        problem = Problem(
            "history_failed",
            "The history file cannot be used",
            "you",
            f"The system says: {error}. The tunnels go on; recording resumes when the file works again.",
        )
    return HatchwayError(problem)


def _code(error: sqlite3.Error) -> int:
    # The low byte is the primary code; errors of the sqlite3 module itself have none.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
