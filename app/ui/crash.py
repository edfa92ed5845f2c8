"""Where errors end up that nobody caught: logged with their traceback and shown, never silent."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, QtMsgType, Signal, qInstallMessageHandler

from app.domain.problems import HatchwayError, Problem

_log = logging.getLogger(__name__)
_qt_log = logging.getLogger("qt")
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class _Bridge(QObject):
    """Carries problems of any thread to the window's thread."""

    problem = Signal(object)


_bridge: _Bridge | None = None
_log_file = Path("hatchway.log")


def install(show: Callable[[Problem], None], log_file: Path) -> None:
    """Route uncaught errors of all threads to the log and to `show` (called on the calling thread's loop)."""
    global _bridge, _log_file
    _bridge = _Bridge()
    _log_file = log_file
    _bridge.problem.connect(show)
    sys.excepthook = _on_uncaught
    threading.excepthook = _on_thread_error
    qInstallMessageHandler(_on_qt_message)


def uninstall() -> None:
    """Give the hooks back; the window is going away."""
    global _bridge
    _bridge = None
    sys.excepthook = sys.__excepthook__
    threading.excepthook = threading.__excepthook__
    qInstallMessageHandler(None)


def report(error: BaseException, where: str) -> None:
    """Log the error and show it; `where` names the work that failed."""
    _log.error("unexpected error where=%s", where, exc_info=error)
    if _bridge is not None:
        _bridge.problem.emit(_problem_of(error))


def on_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """asyncio's exception handler: errors of callbacks and of tasks nobody awaited."""
    error = context.get("exception")
    if isinstance(error, BaseException):
        report(error, str(context.get("message", "event loop")))
    else:
        _log.error("event loop: %s", context.get("message"))


def _problem_of(error: BaseException) -> Problem:
    if isinstance(error, HatchwayError):
        return error.problem
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    return Problem("unexpected", text, "Hatchway", f"This is a bug; the log has the details: {_log_file}")


def _on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        report(error, "main thread")


def _on_thread_error(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        report(args.exc_value, args.thread.name if args.thread else "thread")


def _on_qt_message(kind: QtMsgType, _context: object, message: str | None) -> None:
    _qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s", message)
