"""What is shown when there is no window to show an error in: why Hatchway did not start, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout

from app.domain.problems import Problem
from app.ui.fonts import TITLE, ui_font
from app.ui.labels import DIALOG, PANEL, label


class StartFailed(QDialog):
    """One problem and [Quit]."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.setWindowTitle("Hatchway did not start")
        leave = QPushButton("Quit")
        leave.setDefault(True)
        leave.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        column.setSpacing(PANEL)
        column.addWidget(label(problem.title, font=ui_font(TITLE, semibold=True), wrap=True))
        column.addWidget(label(f"Whose side: {problem.side}. {problem.hint}".rstrip(), tone="muted", wrap=True))
        column.addWidget(leave, 0, Qt.AlignmentFlag.AlignRight)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 60)
