"""How far a run of Terraform is: a bar, the time, what is made right now, the log, and a safe stop."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.domain.deployment import DeployPlan
from app.ui.deploy.log_view import LogView
from app.ui.deploy.problem_box import ProblemBox
from app.ui.fonts import SECONDARY, mono_font, ui_font
from app.ui.labels import GAP, PANEL, ElidedLabel, label
from app.viewmodels.deploy_run import DeployRun, RunState
from app.viewmodels.deploy_text import elapsed, progress_words

_STOPPING = "Stopping: what AWS does right now is waited for, so that nothing is lost."


class RunView(QWidget):
    """Follows a `DeployRun`. again: the user wants to go on after a failure"""

    again = Signal()

    def __init__(self, run: DeployRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.count = label()
        self.clock = label(font=mono_font())
        self.clock.setAccessibleName("Time elapsed")
        self.working = ElidedLabel(tone="muted")
        self.note = label(tone="muted", font=ui_font(SECONDARY), wrap=True)
        self.problem = ProblemBox("Go on")
        self.stop = QPushButton("Stop safely")
        self.stop.setAutoDefault(False)
        self.log = LogView("log")
        self._lay_out()
        self.stop.clicked.connect(run.stop)
        self.problem.again.connect(self.again)
        run.changed.connect(self._show)
        run.logged.connect(self.log.append)
        self.log.show_lines(run.lines)
        self._plan: DeployPlan | None = run.plan
        self._show()

    def _show(self) -> None:
        run = self._run
        if run.plan is not self._plan:
            self._plan = run.plan
            self.log.show_lines(run.lines)
        self.bar.setRange(0, run.total)
        self.bar.setValue(run.total if run.state is RunState.DONE else run.done)
        if run.active and not run.total:
            self.bar.setRange(0, 0)
        elif not run.total:
            self.bar.setRange(0, 1)
        self.count.setText(progress_words(run.done, run.total))
        self.clock.setText(elapsed(run.seconds))
        self.working.setVisible(run.active)
        self.working.setText("Now: " + ", ".join(run.working) if run.working else "")
        self.note.setText(_STOPPING if run.state is RunState.STOPPING else "")
        self.note.setVisible(run.state is RunState.STOPPING)
        self.stop.setVisible(run.active)
        self.stop.setEnabled(run.state is RunState.RUNNING)
        self.problem.show_problem(run.problem if run.state is RunState.FAILED else None)

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(PANEL)
        first.addWidget(self.bar, 1)
        first.addWidget(self.count)
        first.addWidget(self.clock)
        first.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(first)
        for part in (self.working, self.note, self.problem):
            column.addWidget(part)
        column.addWidget(self.log, 1)
