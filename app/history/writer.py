"""The one thread that writes to the history: takes what waits in the inbox, a transaction every 150 ms."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from app.domain.events import FrameSeen
from app.domain.exchange import Body, Exchange
from app.domain.problems import Problem, fail
from app.history import deletion, pruning, sessions
from app.history.errors import is_busy, is_damage, translated
from app.history.inbox import MAX_LOST, Batch, Inbox
from app.history.pruning import Quotas
from app.history.record import ADD_FRAME, COUNT_FRAMES, REWRITTEN, UPSERT, encode, to_frame_row, to_row, to_running_row
from app.history.schema import transaction

T = TypeVar("T")

FLUSH_SECONDS = 0.15
PRUNE_SECONDS = 600.0
_PRUNE_AFTER = 8  # parts of the size quota: so much more body ends the wait early, or uploads would fill the disk
_BATCH = 1000  # exchanges in one transaction: other processes wait for its end
_CLOSE_ATTEMPTS = 2
_CLOSE_BUSY_TIMEOUT = 2000  # milliseconds each attempt waits for another process
_REPORT_AGAIN_SECONDS = 600.0

# What a single odd exchange can raise without harming the transaction (lone surrogates, huge integers, 1 GB bodies).
_UNSTORABLE = (ValueError, OverflowError, TypeError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.IntegrityError)

_log = logging.getLogger(__name__)


class Writer:
    """Owns the writing connection from construction on; `report` is called in the writer thread."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        session: int,
        inbox: Inbox,
        *,
        quotas: Quotas | None = None,
        report: Callable[[Problem], None],
    ) -> None:
        self.failed = 0  # finished exchanges and frames given up because of an error
        self._connection = connection
        self._session = session
        self._inbox = inbox
        self._quotas = quotas
        self._report = report
        self._reported: dict[str, float] = {}  # code → monotonic time
        self._batch = Batch()
        self._lost: deque[str] = deque(maxlen=MAX_LOST)  # ids given up whose unfinished rows may exist
        self._bodies: dict[bytes, int] = {}
        self._grown = 0  # bytes of bodies written since the last pruning
        self._commands: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._urgent = threading.Event()
        self._closing = self._closed = False
        self._damaged = False
        self._next_prune = time.monotonic() if quotas else None
        self._thread = threading.Thread(target=self._run, name="history-writer", daemon=True)
        self._thread.start()

    def submit(self, action: Callable[[], T]) -> Future[T]:
        """Run the action in the writer thread after what waits now is written; not to be called after `close`."""
        future: Future[T] = Future()
        self._commands.append((action, future))
        self._urgent.set()
        self._inbox.wake.set()
        return future

    # Actions for `submit`; they run in the writer thread.

    def clear(self, tunnel_id: str | None) -> None:
        """Delete the exchanges of a tunnel, or all, and give their space back."""
        if tunnel_id is None:
            pruning.delete_all(self._connection)
        else:
            last = self._connection.execute("SELECT max(seq) FROM exchanges").fetchone()[0] or 0
            while pruning.delete_batch(self._connection, tunnel_id, last):
                self._flush()
        self._release()
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def run(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """An action on the writing connection; it opens its own transactions."""
        return action(self._connection)

    def add(self, exchanges: Sequence[Exchange], frames: Sequence[FrameSeen]) -> int:
        """Record finished exchanges that came from elsewhere, a transaction for each thousand; returns how many."""
        before = self.failed
        for start in range(0, len(exchanges), _BATCH):
            self._batch.exchanges.update(
                (exchange.id, (exchange, True)) for exchange in exchanges[start : start + _BATCH]
            )
            self._write_batch()
        for start in range(0, len(frames), _BATCH):
            self._batch.frames += frames[start : start + _BATCH]
            self._write_batch()
        return len(exchanges) - (self.failed - before)

    def _write_batch(self) -> None:
        try:
            self._write()
        finally:
            self._batch.clear()

    def prune(self, quotas: Quotas) -> int:
        """Delete what is beyond the quotas, which apply from now on; returns how many exchanges."""
        self._quotas = quotas
        self._next_prune = time.monotonic() + PRUNE_SECONDS
        self._grown = 0
        deleted = 0
        while not self._closing and (count := pruning.prune_batch(self._connection, quotas)):
            deleted += count
            self._flush()
        if deleted:
            self._release()
        return deleted

    def close(self) -> None:
        """Write what waits, end the session and let the thread end."""
        self._closing = True
        self._connection.execute(f"PRAGMA busy_timeout = {_CLOSE_BUSY_TIMEOUT}")
        if not any(self._flush() for _ in range(_CLOSE_ATTEMPTS)):
            self._give_up("another process holds the file")
        try:
            # A damaged file keeps the mark of an unclean end, so that the next start checks it thoroughly.
            if not self._damaged:
                sessions.end(self._connection, self._session)
        except sqlite3.Error as error:
            _log.warning("history session not ended error=%s", error)
        finally:
            self._connection.close()
            self._closed = True

    def _run(self) -> None:
        retry = False
        while not self._closing:
            if not self._commands:
                self._inbox.wake.wait(FLUSH_SECONDS if retry else self._until_prune())
            # What starts and ends within this pause costs one INSERT.
            self._urgent.wait(FLUSH_SECONDS)
            self._urgent.clear()
            # Taken before the flush: a command must find written what was offered before it was submitted.
            commands = [self._commands.popleft() for _ in range(len(self._commands))]
            retry = not self._flush()
            for action, future in commands:
                self._do(action, future)
            if not self._closing and (self._until_prune() == 0 or self._outgrown()):
                self._prune_in_time()
        while self._commands:
            self._do(*self._commands.popleft())

    def _do(self, action: Callable[[], Any], future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            if self._closed:
                raise fail("history_closed", "The history is closed already", "Hatchway")
            future.set_result(action())
        except sqlite3.Error as error:
            future.set_exception(translated(error))
        except Exception as error:
            future.set_exception(error)

    def _until_prune(self) -> float | None:
        return None if self._next_prune is None else max(0.0, self._next_prune - time.monotonic())

    def _outgrown(self) -> bool:
        return self._quotas is not None and self._grown * _PRUNE_AFTER > self._quotas.megabytes * 1024 * 1024

    def _prune_in_time(self) -> None:
        assert self._quotas is not None
        try:
            sessions.end_dead(self._connection)
            deletion.purge(self._connection)
            self.prune(self._quotas)
        except sqlite3.Error as error:
            self._next_prune = time.monotonic() + PRUNE_SECONDS
            self._grown = 0
            if not is_busy(error):
                self._tell(translated(error).problem)

    def _release(self) -> None:
        while not self._closing and pruning.release_pages(self._connection):
            self._flush()

    def _flush(self) -> bool:
        """Write all that waits; False if another process holds the file, so that it must be tried again."""
        while True:
            self._inbox.take(self._batch, _BATCH)
            while self._inbox.lost:
                self._lost.append(self._inbox.lost.popleft())
            try:
                if self._batch or self._lost:
                    self._write()
            except sqlite3.Error as error:
                if is_busy(error):
                    return False
                self._damaged = self._damaged or is_damage(error)
                self._tell(translated(error).problem)
                self._give_up(error)
            except Exception as error:  # whatever it is, the thread must live on
                self._give_up(error)
            self._batch.clear()
            self._inbox.settle()
            if not self._inbox:
                return True

    def _write(self) -> None:
        connection, session = self._connection, self._session
        # Row numbers of bodies are certain only within a transaction: another process may prune in between.
        self._bodies.clear()
        with transaction(connection):
            if self._lost:
                gone = [(id_,) for id_ in self._lost]
                connection.executemany("DELETE FROM exchanges WHERE id = ? AND state = 'running'", gone)
            for exchange, finished in self._batch.exchanges.values():
                try:
                    if finished:
                        sent, received = self._body(exchange.request_body), self._body(exchange.response_body)
                        row = to_row(exchange, session, request_body=sent, response_body=received)
                    else:
                        row = to_running_row(exchange, session)
                    if not connection.execute(UPSERT, row).rowcount:  # the id is taken by another exchange
                        self.failed += finished
                except _UNSTORABLE as error:
                    self.failed += finished
                    _log.warning("exchange not recorded id=%s error=%s", exchange.id, error)
            told = self._batch.rewritings.values()
            rewritten = [(encode(event.rewriting), encode(event.delivered), event.exchange_id) for event in told]
            connection.executemany(REWRITTEN, rewritten)
            frames = [to_frame_row(event.exchange_id, event.frame) for event in self._batch.frames]
            connection.executemany(ADD_FRAME, frames)
            # An exchange that never ends properly must not hide, or leave behind, what has passed.
            counts = [(event.frame.number + 1, event.exchange_id) for event in self._batch.frames]
            connection.executemany(COUNT_FRAMES, counts)
            self._grown += sum(len(event.frame.data) for event in self._batch.frames)
        self._lost.clear()

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
                self._grown += len(data)
            else:
                number = self._connection.execute("SELECT id FROM bodies WHERE hash = ?", (key,)).fetchone()[0]
            assert number is not None
            self._bodies[key] = number
        return number

    def _give_up(self, reason: object) -> None:
        ended = [exchange.id for exchange, finished in self._batch.exchanges.values() if finished]
        self.failed += len(ended) + len(self._batch.frames)
        self._lost.extend(ended)
        _log.warning("exchanges not recorded count=%d reason=%s", len(ended), reason)

    def _tell(self, problem: Problem) -> None:
        now = time.monotonic()
        if now - self._reported.get(problem.code, -_REPORT_AGAIN_SECONDS) >= _REPORT_AGAIN_SECONDS:
            self._reported[problem.code] = now
            self._report(problem)
