"""Taking a backend down: what goes, the name typed as a confirmation, then the run."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.domain.backend import BackendProfile
from app.domain.deployment import Deployment, DeployPlan, DeployProgress
from app.domain.problems import fail
from app.engine.api import Workspace
from app.ui.async_slots import ShowProblem, start
from app.ui.deploy.page import StepPage
from app.ui.deploy.plan_view import PlanView
from app.ui.deploy.run_view import RunView
from app.ui.labels import DIALOG, GAP, PANEL
from app.viewmodels.deploy_run import DeployRun, RunState
from app.viewmodels.deploy_text import tunnels_words


class ConfirmPage(StepPage):
    """Looks for the deployment, plans, and waits for its name."""

    caption = "Delete everything"

    def __init__(self, workspace: Workspace, profile: BackendProfile, parent: QWidget | None = None) -> None:
        users = sum(status.spec.backend == profile.id for status in workspace.tunnels)
        back = f" {tunnels_words(users)} on it will run on this computer again; their URLs change." if users else ""
        super().__init__(f"Tear down “{profile.name}”", f"Everything it has in AWS is deleted.{back}", parent)
        self._workspace = workspace
        self._profile = profile
        self.deployment: Deployment | None = None
        self.made: DeployPlan | None = None
        self.plan = PlanView()
        self.typed = QLineEdit()
        self.typed.setAccessibleName("Name of the deployment, to confirm")
        caption = QLabel(f"&Type “{profile.deployment}” to confirm:")
        caption.setBuddy(self.typed)
        confirm = QHBoxLayout()
        confirm.setSpacing(GAP)
        confirm.addWidget(caption)
        confirm.addWidget(self.typed, 1)
        for part in (self.busy, self.problem):
            self.column.addWidget(part)
        self.column.addWidget(self.plan, 1)
        self.column.addLayout(confirm)
        self.typed.textChanged.connect(self.changed)

    def enter(self) -> None:
        self.plan.show_plan(None)
        self.made = None
        self.work("Looking for what stands…", self._look(), name="plan-teardown")

    def complete(self) -> bool:
        return not self.working and self.made is not None and self.typed.text().strip() == self._profile.deployment

    async def _look(self) -> None:
        profile, deployer = self._profile, self._workspace.backends.deployer
        found = await deployer.discover(profile.credentials, profile.region)
        self.deployment = next((each for each in found if each.name == profile.deployment), None)
        if self.deployment is None:
            raise fail(
                "no_deployment",
                f"“{profile.deployment}” does not stand in {profile.region} any more",
                "AWS",
                "Remove the backend from the list.",
            )
        self.made = await deployer.plan_destroy(self.deployment, self._on_progress)
        self.plan.show_plan(self.made)
        self.typed.setFocus()

    def _on_progress(self, progress: DeployProgress) -> None:
        if progress.line:
            self.busy.setText(progress.line)


class TearDownDialog(QDialog):
    """Window-modal; show it with `loop.ask`. The run goes on when it is closed."""

    def __init__(
        self,
        workspace: Workspace,
        profile: BackendProfile,
        run: DeployRun,
        show_problem: ShowProblem,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run = run
        self._show_problem = show_problem
        self.setWindowTitle(f"Tear down {profile.name}")
        self.confirm = ConfirmPage(workspace, profile)
        self.view = RunView(run)
        self.stack = QStackedWidget()
        self.cancel = QPushButton("Cancel")
        self.delete = QPushButton(ConfirmPage.caption)
        self._lay_out()
        self.confirm.changed.connect(self._on_changed)
        self.view.again.connect(self._plan_again)
        run.changed.connect(self._on_changed)
        self.cancel.clicked.connect(self.reject)
        self.delete.clicked.connect(self._on_delete)
        if run.active:
            self.stack.setCurrentWidget(self._running)
        else:
            self.confirm.enter()
        self._on_changed()

    def _on_delete(self) -> None:
        plan, deployment = self.confirm.made, self.confirm.deployment
        if plan is not None and deployment is not None and self.confirm.complete():
            start(self._run.tear_down(plan, deployment), name="tear-down", show_problem=self._show_problem)
            self.stack.setCurrentWidget(self._running)

    def _plan_again(self) -> None:
        self.stack.setCurrentWidget(self.confirm)
        self.confirm.enter()

    def _on_changed(self) -> None:
        confirming = self.stack.currentWidget() is self.confirm
        self.delete.setVisible(confirming)
        self.delete.setEnabled(self.confirm.complete())
        self.cancel.setText("Cancel" if confirming else "Close")
        if not confirming:
            done = self._run.state is RunState.DONE
            failed = self._run.state is RunState.FAILED
            self._running.title.setText("Everything is deleted" if done else "Not finished" if failed else "Deleting…")
            self._running.explanation.setVisible(self._run.active)

    def _lay_out(self) -> None:
        self._running = StepPage("Deleting…", "You may close this dialog: it goes on, and the window tells you.")
        self._running.column.addWidget(self.view, 1)
        self.stack.addWidget(self.confirm)
        self.stack.addWidget(self._running)
        self.stack.currentChanged.connect(self._on_changed)
        for button in (self.cancel, self.delete):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.delete)
        column = QVBoxLayout(self)
        column.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        column.setSpacing(PANEL)
        column.addWidget(self.stack, 1)
        column.addLayout(buttons)
        em = self.fontMetrics().averageCharWidth()
        self.resize(min(em * 100, self.screen().availableSize().width() - 40), em * 60)
