"""Reading the history: each thread of a small pool has a read-only connection of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TypeVar

from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.domain.usage import UsageOfDay
from app.filter.filter import Filter
from app.history import usage
from app.history.errors import translated
from app.history.query import Query, compile_query
from app.history.record import COLUMNS, FRAME_COLUMNS, from_frame_row, from_row
from app.history.schema import connect_read_only
from app.history.seen_values import common_values

T = TypeVar("T")

_THREADS = 2
_SELECT = f"SELECT {', '.join(f'exchanges.{name}' for name in COLUMNS)}"
_SELECT_COMPLETE = (
    f"{_SELECT}, request.data, response.data FROM exchanges"
    " LEFT JOIN bodies AS request ON request.id = request_body"
    " LEFT JOIN bodies AS response ON response.id = response_body"
)
_NEWEST_FIRST = "ORDER BY started_ns DESC, seq DESC LIMIT"


class Readers:
    """Queries off the event loop. Every method raises HatchwayError if the file cannot be read.

    A query whose caller is cancelled is interrupted: nobody waits for a slow search that was typed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="history-reader")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def page(
        self, limit: int, *, tunnel_id: str | None = None, before: str | None = None, where: Filter | None = None
    ) -> list[Exchange]:
        """Newest first, without bodies; empty if there is no exchange `before`."""
        return await self._run(lambda connection: _page(connection, limit, tunnel_id, before, where))

    async def get(self, exchange_id: str) -> Exchange | None:
        """With bodies."""
        where = "WHERE exchanges.id = ? AND deleted_ns IS NULL"
        return await self._run(lambda connection: _complete(connection, where, (exchange_id,)))

    async def last(self) -> Exchange | None:
        """The newest exchange, with bodies."""
        where = f"WHERE deleted_ns IS NULL {_NEWEST_FIRST} 1"
        return await self._run(lambda connection: _complete(connection, where, ()))

    async def count(self, tunnel_id: str | None, where: Filter | None = None) -> int:
        """How many exchanges there are."""
        return await self._run(lambda connection: _count(connection, tunnel_id, where))

    async def replays_of(self, exchange_id: str) -> list[Exchange]:
        """Oldest first, without bodies."""
        return await self._run(lambda connection: _replays(connection, exchange_id))

    async def frames(self, exchange_id: str, after: int, limit: int, text: str) -> list[Frame]:
        """In order, from the one after number `after`; text: only those that contain it, in any case."""
        return await self._run(lambda connection: _frames(connection, exchange_id, after, limit, text))

    async def values(self, field: str, prefix: str, limit: int, tunnel_id: str | None) -> list[tuple[str, int]]:
        """The commonest values of a field that begin like this, with their counts."""
        return await self._run(lambda connection: common_values(connection, field, prefix, limit, tunnel_id))

    async def batch(self, limit: int, *, after: str, tunnel_id: str | None, where: Filter | None) -> list[Exchange]:
        """With bodies, oldest first, from the one after this exchange (from the first for an empty id)."""
        return await self._run(lambda connection: _batch(connection, limit, after, tunnel_id, where))

    async def usage_since(self, day: date) -> list[UsageOfDay]:
        """What tunnels have used of an AWS account from that day on, oldest first."""
        return await self._run(lambda connection: usage.since(connection, day))

    async def close(self) -> None:
        """End running queries and all connections."""
        for connection in self._connections:
            connection.interrupt()
        await asyncio.to_thread(self._pool.shutdown)
        for connection in self._connections:
            connection.close()

    async def _run(self, query: Callable[[sqlite3.Connection], T]) -> T:
        job = _Job()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._query, query, job)
        except asyncio.CancelledError:
            job.cancel()
            raise
        except sqlite3.Error as error:
            raise translated(error) from error

    def _query(self, query: Callable[[sqlite3.Connection], T], job: _Job) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect_read_only(self._path)
            self._connections.append(connection)
        with job.on(connection):
            return query(connection)


class _Job:
    """One query on its way through a thread, which may be cancelled from the loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._cancelled = False

    @contextmanager
    def on(self, connection: sqlite3.Connection) -> Iterator[None]:
        with self._lock:
            if self._cancelled:
                raise sqlite3.OperationalError("interrupted")  # nobody hears it
            self._connection = connection
        try:
            yield
        finally:
            with self._lock:
                self._connection = None

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._connection is not None:
                self._connection.interrupt()


def _page(
    connection: sqlite3.Connection,
    limit: int,
    tunnel_id: str | None,
    before: str | None,
    where: Filter | None,
) -> list[Exchange]:
    query = _scoped(connection, tunnel_id, where)
    if before is not None:
        place = connection.execute("SELECT started_ns, seq FROM exchanges WHERE id = ?", (before,)).fetchone()
        if place is None:  # pruned or cleared meanwhile, and so is all that is older
            return []
        first = len(query.values) + 1
        query.sql = f"(started_ns, seq) < (?{first}, ?{first + 1}) AND {query.sql}"
        query.values += place
    query.values.append(limit)
    rows = connection.execute(
        f"{_SELECT} FROM exchanges WHERE {query.sql} {_NEWEST_FIRST} ?{len(query.values)}", query.values
    )
    return [from_row(row) for row in rows]


def _scoped(connection: sqlite3.Connection, tunnel_id: str | None, where: Filter | None) -> Query:
    """The condition of filter and tunnel, ready to run."""
    query = Query() if where is None else compile_query(where.tree, where.check)
    query.prepare(connection)
    conditions = ["deleted_ns IS NULL"]
    if tunnel_id is not None:
        query.values.append(tunnel_id)
        conditions.append(f"tunnel_id = ?{len(query.values)}")
    query.sql = " AND ".join([*conditions, f"({query.sql})"])
    return query


def _complete(connection: sqlite3.Connection, where: str, values: tuple[str, ...]) -> Exchange | None:
    row = connection.execute(f"{_SELECT_COMPLETE} {where}", values).fetchone()
    return None if row is None else from_row(row[:-2], request_data=row[-2], response_data=row[-1])


def _batch(
    connection: sqlite3.Connection, limit: int, after: str, tunnel_id: str | None, where: Filter | None
) -> list[Exchange]:
    query = _scoped(connection, tunnel_id, where)
    if after:
        place = connection.execute("SELECT started_ns, seq FROM exchanges WHERE id = ?", (after,)).fetchone()
        if place is None:
            return []
        first = len(query.values) + 1
        query.sql = f"(started_ns, seq) > (?{first}, ?{first + 1}) AND {query.sql}"
        query.values += place
    query.values.append(limit)
    rows = connection.execute(
        f"{_SELECT_COMPLETE} WHERE {query.sql} ORDER BY started_ns, seq LIMIT ?{len(query.values)}", query.values
    )
    return [from_row(row[:-2], request_data=row[-2], response_data=row[-1]) for row in rows]


def _count(connection: sqlite3.Connection, tunnel_id: str | None, where: Filter | None) -> int:
    query = _scoped(connection, tunnel_id, where)
    statement = f"SELECT count(*) FROM exchanges WHERE {query.sql}"  # noqa: S608 (values are parameters)
    row = connection.execute(statement, query.values).fetchone()
    return int(row[0])


def _replays(connection: sqlite3.Connection, exchange_id: str) -> list[Exchange]:
    rows = connection.execute(
        f"{_SELECT} FROM exchanges WHERE replay_of = ? AND deleted_ns IS NULL ORDER BY started_ns, seq", (exchange_id,)
    )
    return [from_row(row) for row in rows]


def _frames(connection: sqlite3.Connection, exchange_id: str, after: int, limit: int, text: str) -> list[Frame]:
    needle = text.encode("utf-8", "replace").lower()
    connection.create_function("hw_holds", 1, lambda data: needle in data.lower())
    rows = connection.execute(
        f"SELECT {FRAME_COLUMNS} FROM frames WHERE exchange = ? AND number > ?"  # noqa: S608 (constants)
        " AND (NOT ? OR hw_holds(data)) ORDER BY number LIMIT ?",
        (exchange_id, after, bool(needle), limit),
    )
    return [from_frame_row(row) for row in rows]
