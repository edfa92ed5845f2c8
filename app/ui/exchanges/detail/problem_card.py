"""A problem as a person reads it: what happened, whose side it is, what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.domain.problems import Problem
from app.ui.fonts import BODY, ui_font
from app.ui.theme import blend, theme_signals, tokens


class ProblemCard(QFrame):
    """Hidden while there is no problem."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problem")
        self._title = QLabel()
        self._title.setFont(ui_font(BODY, semibold=True))
        self._side = QLabel()
        self._side.setProperty("tone", "muted")
        self._hint = QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        for label in (self._title, self._side, self._hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        self._dress()
        theme_signals().changed.connect(self._dress)
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        self.setVisible(problem is not None)
        if problem is not None:
            self._title.setText(problem.title)
            self._side.setText(self.tr("Whose side: {0}").format(problem.side))
            self._hint.setText(problem.hint)
            self._hint.setVisible(bool(problem.hint))
            self.setAccessibleName(str(problem))

    def _dress(self) -> None:
        now = tokens()
        tint = blend(now.network_error, now.base, 0.08).name()
        self.setStyleSheet(
            f"#problem {{ background: {tint}; border: none; border-left: 3px solid {now.network_error.name()};"
            " border-top-right-radius: 6px; border-bottom-right-radius: 6px; }"
        )
