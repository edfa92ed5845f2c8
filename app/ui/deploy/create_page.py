"""Step 5: it is made, live; the window may be closed meanwhile."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.ui.deploy.page import StepPage
from app.ui.deploy.run_view import RunView
from app.viewmodels.deploy_run import DeployRun, RunState

_WORDS = (
    "This takes one to three minutes. You may close this dialog: it goes on, and the window tells you when it is done."
)


class CreatePage(StepPage):
    """Done means that there is a backend and a token for it. retry: back to the plan"""

    caption = "Next"

    def __init__(self, run: DeployRun, parent: QWidget | None = None) -> None:
        super().__init__("Create", _WORDS, parent)
        self._run = run
        self.view = RunView(run)
        self.column.addWidget(self.view, 1)
        run.changed.connect(self._on_changed)
        self._on_changed()

    def complete(self) -> bool:
        return self._run.state is RunState.DONE

    def _on_changed(self) -> None:
        titles = {
            RunState.STOPPING: "Stopping…",
            RunState.DONE: "Your backend stands",
            RunState.FAILED: "Not finished",
        }
        self.title.setText(titles.get(self._run.state, "Creating…"))
        self.explanation.setVisible(self._run.active)
        self.changed.emit()
