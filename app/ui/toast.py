"""Toasts: what background work has to say, at the bottom of the window, with at most one action."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.domain.problems import Problem
from app.ui.announce import announce
from app.ui.icons import icon
from app.ui.labels import GAP, PANEL, label

SHOWN_MS = 5000
PROBLEM_MS = 12000
_AT_MOST = 3


class Toast(QFrame):
    """One message. `expired` comes when its time is over (or it was closed), not after its action."""

    expired = Signal()
    gone = Signal()

    def __init__(self, text: str, milliseconds: int, *, problem: bool = False) -> None:
        super().__init__()
        self.setObjectName("toast")
        self.setProperty("problem", problem)
        # A style sheet border needs this on a plain frame child that paints over its siblings.
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words = label(text, wrap=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        close = QToolButton()
        close.setToolTip("Close")
        close.setIcon(icon("close", "muted"))
        close.setAccessibleName("Close message")
        close.clicked.connect(self._expire)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(PANEL, GAP, GAP, GAP)
        self._row.setSpacing(GAP)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self, singleShot=True, interval=milliseconds)
        self._timer.timeout.connect(self._expire)
        self._timer.start()

    def add_action(self, text: str, action: Callable[[], None]) -> None:
        button = QPushButton(text)
        button.clicked.connect(lambda: self._act(action))
        self._row.insertWidget(1, button, 0, Qt.AlignmentFlag.AlignTop)

    def text(self) -> str:
        return self._words.text()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()

    def _act(self, action: Callable[[], None]) -> None:
        self._timer.stop()
        action()
        self.gone.emit()

    def _expire(self) -> None:
        self._timer.stop()
        self.expired.emit()
        self.gone.emit()


class ToastStack(QWidget):
    """Holds the toasts above the bottom edge of its parent, newest at the bottom."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        self._toasts: list[Toast] = []
        parent.installEventFilter(self)
        self.hide()

    def show_text(self, text: str, *, milliseconds: int = SHOWN_MS) -> Toast:
        return self._add(Toast(text, milliseconds))

    def show_problem(self, problem: Problem) -> None:
        """What happened · whose side · what to do."""
        side = "" if problem.side == "you" else f" · {problem.side}"
        text = f"{problem.title}{side}\n{problem.hint}".strip()
        if not any(toast.text() == text for toast in self._toasts):
            self._add(Toast(text, PROBLEM_MS, problem=True))

    def texts(self) -> list[str]:
        """The messages in view, oldest first."""
        return [toast.text() for toast in self._toasts]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self._place()
        return super().eventFilter(watched, event)

    def _add(self, toast: Toast) -> Toast:
        self._toasts.append(toast)
        self._column.addWidget(toast)
        toast.gone.connect(lambda: self._drop(toast))
        while len(self._toasts) > _AT_MOST:
            self._toasts[0]._expire()
        self._place()
        announce(self, toast.text())
        return toast

    def _drop(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            self._column.removeWidget(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        self.setVisible(bool(self._toasts))
        em = self.fontMetrics().averageCharWidth()
        width = min(self._window.width() - 4 * PANEL, em * 68)
        self.setFixedWidth(width)
        # Not the column's own heightForWidth: it leaves out toasts that have never been on the screen.
        height = sum(toast.heightForWidth(width) for toast in self._toasts) + GAP * max(0, len(self._toasts) - 1)
        self.resize(width, height)
        bottom = self._window.height() - height - self.fontMetrics().height() * 3
        self.move(QPoint((self._window.width() - width) // 2, bottom))
        self.raise_()
