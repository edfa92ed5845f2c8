"""The one thread that writes to the history: takes what waits in the inbox, a transaction every 150 ms."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import islice, takewhile
from typing import Any, TypeVar

from app.domain.events import FrameSeen
from app.domain.exchange import Exchange
from app.domain.problems import Problem, fail
from app.history import deletion, pruning, sessions
from app.history.errors import is_busy, is_damage, translated
from app.history.inbox import MAX_LOST, Batch, Inbox
from app.history.pruning import Quotas
from app.history.row_writer import RowWriter

T = TypeVar("T")

FLUSH_SECONDS = 0.15
PRUNE_SECONDS = 600.0
_PRUNE_AFTER = 8  # parts of the size quota: so much more body ends the wait early, or uploads would fill the disk
_BATCH = 1000  # exchanges in one transaction: other processes wait for its end
_LOST_BATCH = 500  # rows that are taken back in one: such a run of short statements leaves the loop little of the GIL
_CLOSE_ATTEMPTS = 2
_CLOSE_BUSY_TIMEOUT = 2000  # milliseconds each attempt waits for another process
_REPORT_AGAIN_SECONDS = 600.0

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
        # As in the inbox: given up, but events taken before may have made unfinished rows, or are yet to make them.
        self._lost: deque[tuple[int, str]] = deque(maxlen=MAX_LOST)
        self._rows = RowWriter(connection, session)
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

    def run(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """An action on the writing connection; it opens its own transactions."""
        return action(self._connection)

    def add(self, exchanges: Sequence[Exchange], frames: Sequence[FrameSeen]) -> list[str]:
        """Record finished exchanges that came from elsewhere, a transaction for each thousand; returns their ids.

        Some may be refused, as their id is taken; their frames are then left out too. On an error all are.
        """
        added: list[str] = []
        try:
            for start in range(0, len(exchanges), _BATCH):
                batch = {exchange.id: (exchange, True) for exchange in exchanges[start : start + _BATCH]}
                self._batch.exchanges.update(batch)
                refused = self._write_batch()
                added += [id_ for id_ in batch if id_ not in refused]
            known = set(added)
            wanted = [event for event in frames if event.exchange_id in known]
            for start in range(0, len(wanted), _BATCH):
                self._batch.frames += wanted[start : start + _BATCH]
                self._write_batch()
        except sqlite3.Error:
            with contextlib.suppress(sqlite3.Error):
                deletion.hide(self._connection, added)
            raise
        return added

    def _write_batch(self) -> set[str]:
        try:
            return self._write()
        finally:
            self._batch.clear()

    def prune(self, quotas: Quotas) -> int:
        """Delete what is beyond the quotas, which apply from now on; returns how many exchanges."""
        self._quotas = quotas
        self._next_prune = time.monotonic() + PRUNE_SECONDS
        self._rows.grown = 0
        return self._delete(lambda: pruning.prune_batch(self._connection, quotas))

    def purge(self, older_than: float = deletion.UNDO_SECONDS) -> int:
        """Delete for good, from the files too, what the user deleted so many seconds ago; returns how many."""
        deleted = self._delete(lambda: deletion.purge_batch(self._connection, older_than))
        if deleted:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
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
        written = True
        while not self._closing:
            if not self._commands:
                self._inbox.wake.wait(self._until_prune() if written else FLUSH_SECONDS)
            # What starts and ends within this pause costs one INSERT.
            self._urgent.wait(FLUSH_SECONDS)
            self._urgent.clear()
            written = self._flush_and_do()
            if not self._closing and (self._until_prune() == 0 or self._outgrown()):
                self._prune_in_time()
        while self._commands:
            self._do(*self._commands.popleft())

    def _flush_and_do(self) -> bool:
        """Write what waits, then run the commands; whether all could be written."""
        # Taken before the flush: a command must find written what was offered before it was submitted.
        commands = [self._commands.popleft() for _ in range(len(self._commands))]
        written = self._flush()
        for command in commands:
            self._do(*command)
        return written  # and forget the commands, which may hold a whole import

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
        return self._quotas is not None and self._rows.grown * _PRUNE_AFTER > self._quotas.megabytes * 1024 * 1024

    def _prune_in_time(self) -> None:
        assert self._quotas is not None
        try:
            sessions.end_dead(self._connection)
            self.purge()
            self.prune(self._quotas)
        except sqlite3.Error as error:
            self._next_prune = time.monotonic() + PRUNE_SECONDS
            self._rows.grown = 0
            if not is_busy(error):
                self._tell(translated(error).problem)

    def _delete(self, batch: Callable[[], int]) -> int:
        """Repeat the batch until it finds nothing, and give the space back; what arrives meanwhile is written."""
        deleted = 0
        while not self._closing and (count := batch()):
            deleted += count
            self._flush()
        while deleted and not self._closing and pruning.release_pages(self._connection):
            self._flush()
        return deleted

    def _flush(self) -> bool:
        """Write all that waits; False if another process holds the file, so that it must be tried again."""
        while True:
            self._inbox.take(self._batch, _BATCH)
            while self._inbox.lost:
                self._lost.append(self._inbox.lost.popleft())
            written = False
            try:
                if self._batch or self._lost:
                    self.failed += len(self._write())
                written = True
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
            if not self._inbox and not (self._lost and written):
                return True

    def _write(self) -> set[str]:
        """Write the batch; returns the ids of finished exchanges that could not be stored."""
        taken = self._inbox.taken
        front = takewhile(lambda lost: lost[0] <= taken, islice(self._lost, _LOST_BATCH))
        gone = [id_ for _, id_ in front]
        refused = self._rows.write(self._batch, gone)
        for _ in gone:
            self._lost.popleft()
        return refused

    def _give_up(self, reason: object) -> None:
        ended = [exchange.id for exchange, finished in self._batch.exchanges.values() if finished]
        self.failed += len(ended) + len(self._batch.frames)
        self._lost.extend((0, id_) for id_ in ended)
        _log.warning("exchanges not recorded count=%d reason=%s", len(ended), reason)

    def _tell(self, problem: Problem) -> None:
        now = time.monotonic()
        if now - self._reported.get(problem.code, -_REPORT_AGAIN_SECONDS) >= _REPORT_AGAIN_SECONDS:
            self._reported[problem.code] = now
            self._report(problem)
