"""The real window, run as `python guided_window.py`, plus a guide for the test: asked on stdin for a thing on the
screen (one JSON line, `{"find": TEXT}`), it answers on stdout where the middle of that thing is, or null.

Only the guide is test code: the window, its workspace, relay, files and processes are those of `hatchway`. Its scan of
this machine sees the services of the test that started it and no others: many tests run at once, and a server that a
test scripts byte by byte must not meet a visitor that the test knows nothing of.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QMetaObject, QModelIndex, QObject, QPoint, Qt, Slot
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QLineEdit, QWidget

from app.engine.paths import user_paths
from app.engine.workspace import open_workspace
from app.services import listening
from app.ui import start


class Guide(QObject):
    """Lives in the window's thread; a reader thread hands it the questions one by one."""

    def __init__(self) -> None:
        super().__init__()
        self._question = ""

    def listen(self) -> None:
        for line in sys.stdin:
            self._question = json.loads(line)["find"]
            QMetaObject.invokeMethod(self, "answer", Qt.ConnectionType.BlockingQueuedConnection)

    @Slot()
    def answer(self) -> None:
        place = find(self._question)
        print(json.dumps(None if place is None else [place.x(), place.y()]), flush=True)


def find(text: str) -> QPoint | None:
    """The middle, on the screen, of the first visible thing that says `text`."""
    for widget in QApplication.allWidgets():
        if not widget.isVisible():
            continue
        if isinstance(widget, QAbstractItemView) and (place := _find_row(widget, text)) is not None:
            return place
        if any(text in word for word in _words(widget)):
            return widget.mapToGlobal(widget.rect().center())
    return None


def _find_row(view: QAbstractItemView, text: str) -> QPoint | None:
    model = view.model()
    if model is None:
        return None
    root = QModelIndex()
    # PySide6 hides columnCount() of list models.
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(root)
    for row in range(model.rowCount(root)):
        for column in range(columns):
            index = model.index(row, column, root)
            words = [index.data(role) for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)]
            if any(isinstance(word, str) and text in word for word in words):
                view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)  # as a user would
                rect = view.visualRect(index)
                if rect.isValid() and view.viewport().rect().intersects(rect):
                    return view.viewport().mapToGlobal(rect.center())
    return None


def _words(widget: QWidget) -> list[str]:
    words = [widget.accessibleName(), widget.accessibleDescription()]
    if isinstance(widget, QAbstractButton | QLabel | QLineEdit):
        words.append(widget.text())
    if isinstance(widget, QLineEdit):
        words.append(widget.placeholderText())
    return [word.replace("&", "") for word in words if word]


def main() -> int:
    guide: list[Guide] = []
    bound_sockets = listening._bound_sockets

    def sockets_of_the_test() -> Iterator[listening.Bound]:
        return (socket for socket in bound_sockets() if socket.pid == os.getppid())

    listening._bound_sockets = sockets_of_the_test
    show = start.MainWindow.showEvent

    def shown(window: QWidget, event: object) -> None:
        show(window, event)  # type: ignore[arg-type]
        if not guide:
            guide.append(Guide())
            guide[0].moveToThread(QCoreApplication.instance().thread())  # type: ignore[union-attr]
            threading.Thread(target=guide[0].listen, daemon=True).start()
            print(json.dumps("ready"), flush=True)

    start.MainWindow.showEvent = shown  # type: ignore[method-assign, assignment]
    return start.run_window(lambda: open_workspace(user_paths(), remember=True))


if __name__ == "__main__":
    sys.exit(main())
