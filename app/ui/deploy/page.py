"""What every step of the wizard has: a title, an explanation, a problem box, and the work it does meanwhile."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.problems import Problem
from app.ui.async_slots import start
from app.ui.deploy.problem_box import ProblemBox
from app.ui.fonts import TITLE, ui_font
from app.ui.labels import PANEL, label


class StepPage(QWidget):
    """changed: whether [Next] is possible may have changed. forward: this step is done, go on

    caption: of the button that leads on; empty for a step that has none
    """

    changed = Signal()
    forward = Signal()
    caption = "Next"

    def __init__(self, title: str, explanation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(title, font=ui_font(TITLE, semibold=True), wrap=True)
        self.problem = ProblemBox()
        self.busy = label(tone="muted", wrap=True)
        self.busy.hide()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(PANEL)
        self.column.addWidget(self.title)
        self.explanation = label(explanation, tone="muted", wrap=True)
        self.explanation.setVisible(bool(explanation))
        self.column.addWidget(self.explanation)
        self.problem.again.connect(self.enter)

    def enter(self) -> None:
        """The step is shown, or to be tried again."""

    def first_field(self) -> QWidget | None:
        """What has the focus when the step is shown; None for a step without fields."""
        return None

    def complete(self) -> bool:
        """Whether [Next] is possible."""
        return True

    def leave(self) -> None:
        """[Next] was pressed: check what has to be checked, then `forward`."""
        self.forward.emit()

    def work(self, words: str, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Say `words` while it runs; a problem goes to the box."""
        self.problem.show_problem(None)
        self.busy.setText(words)
        self.busy.show()
        self.changed.emit()
        start(self._working(work), name=name, show_problem=self._on_problem)

    @property
    def working(self) -> bool:
        return not self.busy.isHidden()

    async def _working(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self.busy.hide()
            self.changed.emit()

    def _on_problem(self, problem: Problem) -> None:
        self.problem.show_problem(problem)
        self.changed.emit()
