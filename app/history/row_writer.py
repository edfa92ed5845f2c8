"""What has been taken from the inbox, into the tables: one transaction for each batch."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Sequence

from app.domain.exchange import Body
from app.history.inbox import Batch
from app.history.record import ADD_FRAME, COUNT_FRAMES, REWRITTEN, UPSERT, encode, to_frame_row, to_row, to_running_row
from app.history.schema import transaction

# What a single odd exchange can raise without harming the transaction (lone surrogates, huge integers, 1 GB bodies).
_UNSTORABLE = (ValueError, OverflowError, TypeError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.IntegrityError)

_log = logging.getLogger(__name__)


class RowWriter:
    """grown: bytes of bodies and frames written since somebody set it to 0"""

    def __init__(self, connection: sqlite3.Connection, session: int) -> None:
        self.grown = 0
        self._connection = connection
        self._session = session
        self._bodies: dict[bytes, int] = {}

    def write(self, batch: Batch, gone: Sequence[str]) -> set[str]:
        """Write the batch; returns the ids of finished exchanges that could not be stored. Raises sqlite3.Error.

        gone: of exchanges whose unfinished rows are removed, also if they come with this batch
        """
        refused: set[str] = set()
        connection, session = self._connection, self._session
        # Row numbers of bodies are certain only within a transaction: another process may prune in between.
        self._bodies.clear()
        with transaction(connection):
            for exchange, finished in batch.exchanges.values():
                try:
                    if finished:
                        sent, received = self._body(exchange.request_body), self._body(exchange.response_body)
                        row = to_row(exchange, session, request_body=sent, response_body=received)
                    else:
                        row = to_running_row(exchange, session)
                    stored = connection.execute(UPSERT, row).rowcount  # 0: the id is taken by another exchange
                except _UNSTORABLE as error:
                    stored = 0
                    _log.warning("exchange not recorded id=%s error=%s", exchange.id, error)
                if finished and not stored:
                    refused.add(exchange.id)
            told = batch.rewritings.values()
            rewritten = [(encode(event.rewriting), encode(event.delivered), event.exchange_id) for event in told]
            connection.executemany(REWRITTEN, rewritten)
            frames = [to_frame_row(event.exchange_id, event.frame) for event in batch.frames]
            connection.executemany(ADD_FRAME, frames)
            # An exchange that never ends properly must not hide, or leave behind, what has passed.
            counts = [(event.frame.number + 1, event.exchange_id) for event in batch.frames]
            connection.executemany(COUNT_FRAMES, counts)
            unfinished = [(id_,) for id_ in gone]
            connection.executemany("DELETE FROM exchanges WHERE id = ? AND state = 'running'", unfinished)
            self.grown += sum(len(event.frame.data) for event in batch.frames)
        return refused

    def _body(self, body: Body) -> int | None:
        data = body.data
        if not data:
            return None
        key = hashlib.blake2b(data, digest_size=16).digest()
        number = self._bodies.get(key)
        if number is None:
            cursor = self._connection.execute("INSERT OR IGNORE INTO bodies (hash, data) VALUES (?, ?)", (key, data))
            if cursor.rowcount:
                number = cursor.lastrowid
                self.grown += len(data)
            else:
                number = self._connection.execute("SELECT id FROM bodies WHERE hash = ?", (key,)).fetchone()[0]
            assert number is not None
            self._bodies[key] = number
        return number
