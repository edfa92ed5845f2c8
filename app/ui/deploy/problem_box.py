"""A problem inside a dialog: what happened, whose side it is, what to do, and one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.domain.problems import Problem
from app.ui.announce import announce
from app.ui.labels import GAP, PANEL, RADIUS, label


class ProblemBox(QFrame):
    """Hidden while there is no problem. again: its button was pressed"""

    again = Signal()

    def __init__(self, button: str = "Try again", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setProperty("tone", "problem")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = label(wrap=True)
        self._hint = label(tone="muted", wrap=True)
        for part in (self._title, self._hint):
            part.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.button = QPushButton(button)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.again)
        words = QVBoxLayout()
        words.setSpacing(RADIUS)
        words.addWidget(self._title)
        words.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(PANEL, GAP, PANEL, GAP)
        row.setSpacing(PANEL)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        """None hides it."""
        self.setVisible(problem is not None)
        if problem is None:
            return
        side = "" if problem.side == "you" else f" · {problem.side}"
        self._title.setText(f"{problem.title}{side}")
        self._hint.setText(problem.hint)
        self._hint.setVisible(bool(problem.hint))
        announce(self, str(problem))

    def text(self) -> str:
        return f"{self._title.text()}. {self._hint.text()}"
