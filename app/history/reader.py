"""Reading the history: each thread of a small pool has a read-only connection of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from app.domain.exchange import Exchange
from app.history.errors import translated
from app.history.record import COLUMNS, from_row
from app.history.schema import connect_read_only

T = TypeVar("T")

_THREADS = 2
_SELECT = f"SELECT {', '.join(f'exchanges.{name}' for name in COLUMNS)}"
_NEWEST_FIRST = "ORDER BY started_ns DESC, seq DESC LIMIT"


class Readers:
    """Queries off the event loop. Every method raises HatchwayError if the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="history-reader")
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def recent(self, limit: int, tunnel_id: str | None, before: str | None) -> list[Exchange]:
        """Newest first, without bodies; empty if there is no exchange `before`."""
        return await self._run(lambda connection: _recent(connection, limit, tunnel_id, before))

    async def get(self, exchange_id: str) -> Exchange | None:
        """With bodies."""
        return await self._run(lambda connection: _complete(connection, "WHERE exchanges.id = ?", (exchange_id,)))

    async def last(self) -> Exchange | None:
        """The newest exchange, with bodies."""
        return await self._run(lambda connection: _complete(connection, f"{_NEWEST_FIRST} 1", ()))

    async def count(self, tunnel_id: str | None) -> int:
        """How many exchanges there are."""
        return await self._run(lambda connection: _count(connection, tunnel_id))

    async def close(self) -> None:
        """End running queries and all connections."""
        for connection in self._connections:
            connection.interrupt()
        await asyncio.to_thread(self._pool.shutdown)
        for connection in self._connections:
            connection.close()

    async def _run(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._query, query)
        except sqlite3.Error as error:
            raise translated(error) from error

    def _query(self, query: Callable[[sqlite3.Connection], T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect_read_only(self._path)
            self._connections.append(connection)
        return query(connection)


def _recent(connection: sqlite3.Connection, limit: int, tunnel_id: str | None, before: str | None) -> list[Exchange]:
    conditions: list[str] = []
    values: list[str | int] = []
    if tunnel_id is not None:
        conditions.append("tunnel_id = ?")
        values.append(tunnel_id)
    if before is not None:
        place = connection.execute("SELECT started_ns, seq FROM exchanges WHERE id = ?", (before,)).fetchone()
        if place is None:  # pruned or cleared meanwhile, and so is all that is older
            return []
        conditions.append("(started_ns, seq) < (?, ?)")
        values += place
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(f"{_SELECT} FROM exchanges {where} {_NEWEST_FIRST} ?", (*values, limit))
    return [from_row(row) for row in rows]


def _complete(connection: sqlite3.Connection, where: str, values: tuple[str, ...]) -> Exchange | None:
    row = connection.execute(
        f"{_SELECT}, request.data, response.data FROM exchanges"
        " LEFT JOIN bodies AS request ON request.id = request_body"
        f" LEFT JOIN bodies AS response ON response.id = response_body {where}",
        values,
    ).fetchone()
    return None if row is None else from_row(row[:-2], request_data=row[-2], response_data=row[-1])


def _count(connection: sqlite3.Connection, tunnel_id: str | None) -> int:
    if tunnel_id is None:
        row = connection.execute("SELECT count(*) FROM exchanges").fetchone()
    else:
        row = connection.execute("SELECT count(*) FROM exchanges WHERE tunnel_id = ?", (tunnel_id,)).fetchone()
    return int(row[0])
