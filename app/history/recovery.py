"""Opening the history file whatever state it is in; a file that cannot be used is kept aside, never deleted."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.domain.problems import Problem, fail
from app.history import schema, sessions
from app.history.errors import is_busy, is_damage

# Checking a file means reading all of it. A small one is always checked, a large one after a crash.
_ALWAYS_CHECKED = 64 * 1024 * 1024
_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A usable history file: `path` differs from the wanted one if that could not be used at all.

    session: number of this process in the file
    temporary: the directory to delete at the end, if the history lives only as long as the process
    """

    connection: sqlite3.Connection
    path: Path
    session: int
    problem: Problem | None = None
    temporary: Path | None = None


class _Unusable(Exception):
    """The file is not a history this version can use; the argument says why, for the user."""


def open_file(path: Path) -> OpenedFile:
    """Open, check, migrate and register. Blocks for as long as the disk needs.

    A damaged, foreign or newer file is moved to `<name>.corrupt-<UTC time>` and a new one begun. If the place itself
    cannot be used (read-only, full), the history is kept in a temporary directory. Raises HatchwayError
    `history_unusable` if even that fails.
    """
    patience = time.monotonic() + schema.BUSY_TIMEOUT
    while True:
        try:
            return _open_or_replace(path)
        except (OSError, sqlite3.Error) as error:
            # SQLite does not wait for the lock where it might mean a deadlock, as when two processes begin a file.
            if not (isinstance(error, sqlite3.Error) and is_busy(error)) or time.monotonic() > patience:
                reason = error
                break
        time.sleep(0.05)
    try:
        directory = Path(tempfile.mkdtemp(prefix="hatchway-history-"))
        connection, session = _open(directory / path.name)
    except (OSError, sqlite3.Error, _Unusable):
        raise fail(
            "history_unusable",
            "Requests cannot be recorded",
            "you",
            f"{path} cannot be opened ({reason}), and neither can a temporary file.",
        ) from reason
    problem = Problem(
        "history_temporary",
        "The history is kept only until Hatchway ends",
        "you",
        f"{path} cannot be opened: {reason}.",
    )
    return OpenedFile(connection, directory / path.name, session, problem, temporary=directory)


def _open_or_replace(path: Path) -> OpenedFile:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path.resolve()
    identity = _identity(path)
    try:
        connection, session = _open(path)
    except _Unusable as unusable:
        reason = str(unusable)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        reason = str(error)
    else:
        return OpenedFile(connection, path, session)
    problem = None
    # Another process may have found the same damage and have begun the new file already: that one must stay.
    if _identity(path) == identity:
        aside = _keep_aside(path)
        problem = Problem(
            "history_set_aside",
            "The history file could not be used, a new one was begun",
            "Hatchway",
            f"The old one is kept as {aside} ({reason}).",
        )
    try:
        connection, session = _open(path)
    except _Unusable as unusable:
        raise sqlite3.DatabaseError(str(unusable)) from None
    return OpenedFile(connection, path, session, problem)


def _open(path: Path) -> tuple[sqlite3.Connection, int]:
    _make_private(path)
    _check_header(path)
    connection = schema.connect(path)
    try:
        _check_ours(connection)
        schema.migrate(connection)
        crashed = sessions.end_dead(connection)
        if crashed or path.stat().st_size <= _ALWAYS_CHECKED:
            finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if finding != "ok":
                raise _Unusable(finding)
        return connection, sessions.register(connection)
    except BaseException:
        connection.close()
        raise


def _make_private(path: Path) -> None:
    # SQLite gives the -wal and -shm files the mode of the database, so it must be right before they exist.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        return
    with contextlib.suppress(PermissionError):  # the file of another user, whom the mode protects from us
        path.chmod(0o600)


def _check_header(path: Path) -> None:
    # SQLite would notice as well, but not before it has thrown away a -wal file that does not fit.
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) not in (b"", _MAGIC):
            raise _Unusable("it is no SQLite database")


def _check_ours(connection: sqlite3.Connection) -> None:
    version = schema.version(connection)
    if version > len(schema.MIGRATIONS):
        raise _Unusable(f"a newer Hatchway wrote it, version {version}")
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and application != schema.APPLICATION_ID:
        raise _Unusable("another program wrote it")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _keep_aside(path: Path) -> Path:
    stem = f"{path.name}.corrupt-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    aside, number = path.with_name(stem), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside
