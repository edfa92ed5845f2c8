"""The line in the window that tells of a deployment that runs while its dialog is closed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.ui.labels import GAP, PANEL, label
from app.viewmodels.deploy_run import DeployRun, RunState
from app.viewmodels.deploy_text import elapsed, progress_words


class RunBanner(QFrame):
    """Visible while the run is active. wanted: show the dialog again"""

    wanted = Signal()

    def __init__(self, run: DeployRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setProperty("tone", "warning")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._run = run
        self.words = label()
        self.show_button = QPushButton("Show")
        self.show_button.setAccessibleName("Show the deployment")
        self.show_button.clicked.connect(self.wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(PANEL, GAP, PANEL, GAP)
        row.addWidget(self.words, 1)
        row.addWidget(self.show_button)
        run.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        run = self._run
        self.setVisible(run.active)
        if run.plan is None or not run.active:
            return
        verb = "Deleting" if run.plan.destroys else "Creating"
        verb = "Stopping:" if run.state is RunState.STOPPING else verb
        name = run.plan.options.name
        self.words.setText(f"{verb} “{name}” in AWS: {progress_words(run.done, run.total)} · {elapsed(run.seconds)}")
