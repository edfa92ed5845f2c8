"""The log: one rotating file for all processes of a user, written by a thread, since the event loop must not wait.

It holds what our own modules report from INFO on and others from WARNING on; never bodies, never headers.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import queue
import threading
from collections.abc import Iterator
from logging.handlers import QueueHandler, RotatingFileHandler
from pathlib import Path
from typing import Any

from filelock import FileLock

LARGEST = 1_000_000  # bytes of one file
KEPT = 2  # older ones, beside the one that is written
_OURS = ("app", "backend_lambda", "qt")
_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(process)d %(name)s: %(message)s"
_DATES = "%Y-%m-%d %H:%M:%S"
_MOST_WAITING = 10_000  # records
_LOCK_SECONDS = 1.0
_CLOSE_SECONDS = 0.5


@contextlib.contextmanager
def log_to(file: Path) -> Iterator[None]:
    """Write what is logged within the block to the file. One that cannot be written costs the log and nothing else."""
    waiting: queue.Queue[logging.LogRecord | None] = queue.Queue(_MOST_WAITING)
    writer = _SharedFile(file)
    writer.setFormatter(_OneEntry(_FORMAT, _DATES))
    thread = threading.Thread(target=_write, args=(waiting, writer), name="log", daemon=True)
    handler = _Sender(waiting)
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in _OURS]
    before = [logger.level for logger in ours]
    for logger in ours:
        logger.setLevel(logging.INFO)
    thread.start()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for logger, level in zip(ours, before, strict=True):
            logger.setLevel(level)
        _end(waiting)
        thread.join(_CLOSE_SECONDS)  # what waits is written, but not if the disk stands still


def _write(waiting: queue.Queue[logging.LogRecord | None], file: logging.Handler) -> None:
    while (record := waiting.get()) is not None:
        file.handle(record)
    file.close()  # here, since one that is stuck could not be closed from outside


def _end(waiting: queue.Queue[logging.LogRecord | None]) -> None:
    while True:
        try:
            return waiting.put_nowait(None)
        except queue.Full:
            with contextlib.suppress(queue.Empty):
                waiting.get_nowait()


class _Sender(QueueHandler):
    """Drops what does not fit: a disk that stands still must not fill the memory."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # The arguments may change until the thread gets there, so the text is made here; the traceback stays apart.
        prepared = copy.copy(record)
        prepared.msg, prepared.args = record.getMessage(), None
        if record.exc_info:
            prepared.exc_text = record.exc_text or logging.Formatter().formatException(record.exc_info)
            prepared.exc_info = None
        return prepared

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: stderr belongs to the command."""


class _SharedFile(RotatingFileHandler):
    """A rotating file that other processes write and rotate as well; a lock beside it makes that one at a time."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True, errors="replace")
        self._lock_file = FileLock(f"{self.baseFilename}.lock", timeout=_LOCK_SECONDS, mode=0o600)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with self._lock_file:
                self._reopen_if_rotated()
                super().emit(record)
        except Exception:  # whatever it is, the thread must live on
            self.handleError(record)

    def doRollover(self) -> None:
        # Windows does not rename what another process has open; then the file grows until that one ends.
        with contextlib.suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: stderr belongs to the command."""

    def _reopen_if_rotated(self) -> None:
        if self.stream is None:
            return
        try:
            there = os.stat(self.baseFilename)
        except FileNotFoundError:
            there = None
        mine = os.fstat(self.stream.fileno())
        if there is None or not os.path.samestat(mine, there):
            self.stream.close()
            self.stream = self._open()

    def _open(self) -> Any:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private)


class _OneEntry(logging.Formatter):
    """Further lines are indented and control characters escaped: what strangers say looks like no entry of ours."""

    def format(self, record: logging.LogRecord) -> str:
        first, *more = super().format(record).split("\n")
        return "\n".join([_printable(first), *(f"    {_printable(line)}" for line in more)])


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join([char if char.isprintable() else char.encode("unicode_escape").decode() for char in line])
