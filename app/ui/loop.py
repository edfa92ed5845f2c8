"""The asyncio loop inside Qt's: the only module that knows qasync.

The loop ends when the `shutdown` event is set, never by `QApplication.quit()`: quitting would stop the loop
below running tasks and skip their cleanup.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QEventLoop, QSocketNotifier
from PySide6.QtWidgets import QApplication, QDialog
from qasync import QEventLoop as QasyncLoop

from app.ui import crash

T = TypeVar("T")
Main = Callable[[asyncio.Event], Coroutine[Any, Any, int]]


class PatchedQEventLoop(QasyncLoop):
    """qasync's loop, with the running loop still set while the last Qt events are processed, and closed entirely.

    qasync clears it first; from Python 3.14 on tasks stepping in those events then fail (qasync#176). Its timers it
    leaves to the garbage collector, which may run in another thread than theirs: then Qt crashes, soon or later.
    """

    def run_until_complete(self, future: Awaitable[T]) -> T:
        task = asyncio.ensure_future(future, loop=self)  # noqa: TID251  the loop itself may
        task.add_done_callback(self._stop_on_done)
        try:
            self.run_forever()
        finally:
            task.remove_done_callback(self._stop_on_done)
        self._process_last_events()
        if not task.done():
            raise RuntimeError("Event loop stopped before Future completed.")
        return task.result()

    def close(self) -> None:
        was_open = not self.is_closed()
        super().close()
        if was_open:
            shiboken6.delete(self._timer)

    def _stop_on_done(self, _task: asyncio.Future[Any]) -> None:
        self.stop()

    def _process_last_events(self) -> None:
        asyncio._set_running_loop(self)
        try:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        finally:
            asyncio._set_running_loop(None)


def run(main: Main) -> int:
    """Run `main(shutdown)` to its end and return its exit code; needs the `QApplication`.

    SIGINT and SIGTERM set `shutdown`; a second one kills, so that a hanging cleanup can be ended.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication), "create the QApplication first"
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=PatchedQEventLoop) as runner:
        return runner.run(_main(main))


async def ask(dialog: QDialog) -> int:
    """Show the dialog window-modally, wait for its result without a nested event loop, and delete it."""
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finish(result: int) -> None:
        if not done.done():
            done.set_result(result)

    dialog.finished.connect(finish)
    dialog.open()
    try:
        return await done
    finally:
        if shiboken6.isValid(dialog):  # its window may be gone already when the app ends
            dialog.close()
            dialog.deleteLater()


async def _main(main: Main) -> int:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(8, "app-io"))
    loop.set_exception_handler(crash.on_loop_error)
    shutdown = asyncio.Event()
    with _signals_set(shutdown):
        return await main(shutdown)


@contextmanager
def _signals_set(shutdown: asyncio.Event) -> Generator[None]:
    """Wake Qt's loop for signals: Python handlers run only between bytecodes, and an idle Qt runs none."""
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    caught = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.getsignal(number) for number in caught}

    def on_signal(number: int, _frame: object) -> None:
        shutdown.set()
        signal.signal(number, signal.SIG_DFL)

    for number in caught:
        signal.signal(number, on_signal)
    previous = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_: _drain(reader))
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(previous)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _drain(reader: socket.socket) -> None:
    with suppress(BlockingIOError):
        reader.recv(64)
