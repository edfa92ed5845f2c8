"""The tables of the history file, their versions, and how a connection to it is set up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

APPLICATION_ID = 0x48746368  # "Htch": `file` and we recognise our own databases by it
BUSY_TIMEOUT = 5.0
"""Seconds a statement waits for another process's transaction."""

# One script per version; user_version counts those applied. Never edit a released script, append one.
#
# - Bodies live in a table of their own: equal ones are stored once, and scanning exchanges stays cheap.
#   They are found by BLAKE2b-128, which nobody can collide on purpose, so equal hash means equal bytes.
# - `rewriting` is a JSON object: its words are the relay's, and open for new ones. So is `options`.
# - Headers are JSON text [[name, value], …]: lossless, and SQLite's json_each can search them.
# - `seq` is the stable row number a full-text index will refer to.
# - A row with `deleted_ns` was deleted by the user, who may still want it back; nobody reads it.
# - `usage` is what tunnels used of an AWS account, a day each; its counters are a JSON object, open for new ones.
# - Columns that only large rows fill come last; SQLite does not read overflow pages it does not need.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        pid INTEGER NOT NULL,
        process_started REAL NOT NULL,
        opened_ns INTEGER NOT NULL
    );
    CREATE TABLE bodies (
        id INTEGER PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        data BLOB NOT NULL
    );
    CREATE TABLE exchanges (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        session INTEGER NOT NULL,
        tunnel TEXT NOT NULL,
        tunnel_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        method TEXT NOT NULL,
        state TEXT NOT NULL,
        status INTEGER,
        started_ns INTEGER NOT NULL,
        sent_ns INTEGER,
        first_byte_ns INTEGER,
        finished_ns INTEGER,
        request_size INTEGER NOT NULL,
        request_kept INTEGER NOT NULL,
        request_body INTEGER REFERENCES bodies (id),
        response_size INTEGER NOT NULL,
        response_kept INTEGER NOT NULL,
        response_body INTEGER REFERENCES bodies (id),
        replay_of TEXT,
        visitor TEXT NOT NULL,
        upstream TEXT NOT NULL,
        reason TEXT NOT NULL,
        problem_code TEXT,
        problem_title TEXT,
        problem_side TEXT,
        problem_hint TEXT,
        target TEXT NOT NULL,
        public_url TEXT NOT NULL,
        request_headers TEXT NOT NULL,
        response_headers TEXT NOT NULL
    );
    CREATE INDEX exchanges_newest ON exchanges (started_ns);
    CREATE INDEX exchanges_newest_of_tunnel ON exchanges (tunnel_id, started_ns);
    CREATE INDEX exchanges_replays ON exchanges (replay_of) WHERE replay_of IS NOT NULL;
    CREATE INDEX exchanges_running ON exchanges (session) WHERE state = 'running';
    CREATE INDEX exchanges_request_body ON exchanges (request_body) WHERE request_body IS NOT NULL;
    CREATE INDEX exchanges_response_body ON exchanges (response_body) WHERE response_body IS NOT NULL;
    """,
    """
    ALTER TABLE exchanges ADD COLUMN leak TEXT;
    ALTER TABLE exchanges ADD COLUMN rewriting TEXT;
    """,
    """
    ALTER TABLE exchanges ADD COLUMN relay_ns INTEGER;
    ALTER TABLE exchanges ADD COLUMN visitor_request TEXT;
    ALTER TABLE exchanges ADD COLUMN delivered TEXT;
    ALTER TABLE exchanges ADD COLUMN frames INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE exchanges ADD COLUMN frames_lost INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE exchanges ADD COLUMN verdict TEXT;
    ALTER TABLE exchanges ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE exchanges ADD COLUMN note TEXT NOT NULL DEFAULT '';
    ALTER TABLE exchanges ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE exchanges ADD COLUMN deleted_ns INTEGER;
    CREATE INDEX exchanges_deleted ON exchanges (deleted_ns) WHERE deleted_ns IS NOT NULL;
    CREATE TABLE frames (
        exchange TEXT NOT NULL,
        number INTEGER NOT NULL,
        direction TEXT NOT NULL,
        kind TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        size INTEGER NOT NULL,
        code INTEGER,
        data BLOB NOT NULL
    );
    CREATE UNIQUE INDEX frames_in_order ON frames (exchange, number);
    CREATE TRIGGER frames_go_along AFTER DELETE ON exchanges BEGIN
        DELETE FROM frames WHERE exchange = old.id;
    END;
    """,
    "ALTER TABLE exchanges ADD COLUMN options TEXT;",
    """
    ALTER TABLE exchanges ADD COLUMN har TEXT;
    """,
    """
    CREATE TABLE usage (
        tunnel_id TEXT NOT NULL,
        day TEXT NOT NULL,
        tunnel TEXT NOT NULL,
        counters TEXT NOT NULL,
        PRIMARY KEY (tunnel_id, day)
    ) WITHOUT ROWID;
    """,
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that may write, in autocommit mode; transactions are opened by hand.

    It may move between threads, but only one may use it at a time. Raises sqlite3.Error.
    """
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        # Takes effect only while the file is still empty, and must come before WAL mode writes its first page.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA journal_size_limit = 16777216")
        # Zeroes what is deleted where that costs no extra write; whole free pages are given back by pruning.
        connection.execute("PRAGMA secure_delete = FAST")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; the file must exist. Raises sqlite3.Error."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,
    )


def version(connection: sqlite3.Connection) -> int:
    """How many migrations the file has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """`with` a write transaction: committed at the end, rolled back on an error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk makes SQLite roll back by itself
            connection.execute("ROLLBACK")
        raise


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest version; safe against another process doing the same right now."""
    while (current := version(connection)) < len(MIGRATIONS):
        with transaction(connection):
            if version(connection) != current:
                continue
            for statement in _statements(MIGRATIONS[current]):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {current + 1}")


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit our transaction; a trigger body may contain semicolons, so ask SQLite.
    statement = ""
    for piece in script.split(";")[:-1]:
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
