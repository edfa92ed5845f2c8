from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from app.history import schema


def test_a_new_file_is_ours_and_of_the_newest_version(tmp_path: Path) -> None:
    connection = schema.connect(tmp_path / "h.db")
    schema.migrate(connection)
    assert connection.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION_ID,)
    assert schema.version(connection) == len(schema.MIGRATIONS)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    connection.close()


def test_a_later_migration_runs_once_and_keeps_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = schema.connect(tmp_path / "h.db")
    schema.migrate(connection)
    connection.execute("INSERT INTO bodies (hash, data) VALUES (x'00', x'01')")
    later = """
        ALTER TABLE exchanges ADD COLUMN later TEXT;
        CREATE TRIGGER after_body AFTER DELETE ON bodies BEGIN SELECT 1; SELECT 2; END;
    """
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, later))
    schema.migrate(connection)
    schema.migrate(connection)
    assert schema.version(connection) == len(schema.MIGRATIONS)
    assert connection.execute("SELECT data FROM bodies").fetchall() == [(b"\x01",)]
    assert connection.execute("SELECT later FROM exchanges").fetchall() == []
    triggers = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name = 'after_body'"
    assert connection.execute(triggers).fetchall() == [(1,)]
    connection.close()


def test_a_failing_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = schema.connect(tmp_path / "h.db")
    schema.migrate(connection)
    before = schema.version(connection)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE a (b); CREATE TABLE a (b);"))
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(connection)
    assert schema.version(connection) == before
    assert connection.execute("SELECT name FROM sqlite_schema WHERE name = 'a'").fetchall() == []
    connection.close()


def test_processes_that_migrate_at_the_same_time_do_not_collide(tmp_path: Path) -> None:
    connections = [schema.connect(tmp_path / "h.db") for _ in range(4)]
    errors: list[Exception] = []

    def migrate(connection: sqlite3.Connection) -> None:
        try:
            schema.migrate(connection)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=migrate, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for connection in connections:
        connection.close()


def test_a_read_only_connection_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "name with ? and # and %.db"
    writer = schema.connect(path)
    schema.migrate(writer)
    reader = schema.connect_read_only(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM exchanges")
    reader.close()
    writer.close()
