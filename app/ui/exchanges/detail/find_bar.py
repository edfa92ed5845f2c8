"""The line that searches what is shown below it: how many places there are, next, previous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from threading import Event
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget
from shiboken6 import isValid

from app.domain.tasks import spawn
from app.ui.icons import set_icon
from app.viewmodels.text_search import MOST_MATCHES, Match

_PAUSE_MS = 120  # after the last key


class Searchable(Protocol):
    """What can be searched. `search` gives the function that looks, for a thread; `show_matches` marks its result."""

    def search(self, needle: str) -> Callable[[Event], list[Match]]: ...

    def show_matches(self, matches: Sequence[Match], current: int) -> None: ...


class FindBar(QWidget):
    """Enter and Shift+Enter (F3, Shift+F3) go on and back; Escape closes."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target: Searchable | None = None
        self._matches: list[Match] = []
        self._current = -1
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Find"))
        self.field.setAccessibleName(self.tr("Find in the body"))
        self.field.setToolTip(
            self.tr(
                "Upper and lower case count if there is an upper-case letter. In Hex: text, or bytes as 0xdeadbeef."
            )
        )
        self.field.setClearButtonEnabled(True)
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.count.setProperty("tone", "muted")
        self._delay = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._delay.timeout.connect(self._look)
        self.field.textChanged.connect(self._delay.start)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 4, 8, 4)
        line.setSpacing(4)
        line.addWidget(self.field, 1)
        line.addWidget(self.count)
        for words, name, step in (
            (self.tr("Previous match (Shift+Enter)"), "up", -1),
            (self.tr("Next match (Enter)"), "down", 1),
        ):
            button = self._button(name, words)
            button.clicked.connect(lambda _=False, step=step: self.step(step))
            line.addWidget(button)
        close = self._button("close", self.tr("Close (Esc)"))
        close.clicked.connect(self.close_bar)
        line.addWidget(close)
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether the result for what is in the field is still to come."""
        return self._delay.isActive() or (self._task is not None and not self._task.done())

    def open_bar(self, target: Searchable, text: str = "") -> None:
        """Search in the target from now on. text: put into the field, if any."""
        self.retarget(target)
        self.show()
        if text:
            self.field.setText(text)
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def retarget(self, target: Searchable | None) -> None:
        """Something else is shown, or something else in the same place; an open bar searches it."""
        if self._target is not None and self._target is not target:
            self._target.show_matches((), -1)
        self._target = target
        self._forget()
        if not self.isHidden():
            self._look()

    def close_bar(self) -> None:
        """Hide, and leave no mark behind."""
        self._forget()
        if self._target is not None:
            self._target.show_matches((), -1)
        self.hide()
        self.closed.emit()

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) place, round and round."""
        if self._matches and self._target is not None:
            self._current = (self._current + by) % len(self._matches)
            self._target.show_matches(self._matches, self._current)
            self._say()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                self.step(-1 if back else 1)
            case Qt.Key.Key_Escape:
                self.close_bar()
            case _:
                super().keyPressEvent(event)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._delay.stop()
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._matches, self._current = [], -1
        self.count.setText("")

    def _look(self) -> None:
        needle, target = self.field.text(), self._target
        self._forget()
        if target is None or not needle:
            if target is not None:
                target.show_matches((), -1)
            return
        self._stop = threading.Event()
        self._task = spawn(self._find(target, target.search(needle)), name="find in body")

    async def _find(self, target: Searchable, search: Callable[[Event], list[Match]]) -> None:
        matches = await asyncio.to_thread(search, self._stop)
        if not isValid(self):  # the window may have been closed meanwhile
            return
        self._matches, self._current = matches, 0 if matches else -1
        target.show_matches(matches, self._current)
        self._say()

    def _say(self) -> None:
        if not self._matches:
            self.count.setText(self.tr("Not found"))
            return
        more = "+" if len(self._matches) == MOST_MATCHES else ""
        self.count.setText(
            self.tr("{0} of {1}").format(self._current + 1, f"{len(self._matches):,}".replace(",", " ") + more)
        )

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton()
        set_icon(button, name)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setAutoRaise(True)
        return button
