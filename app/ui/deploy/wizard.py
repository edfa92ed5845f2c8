"""“Go public”: from nothing to a backend in the user's AWS account, step by step."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.backend import BackendProfile
from app.domain.deployment import Deployment, DeployOptions
from app.engine.api import Workspace
from app.ui.async_slots import ShowProblem, start
from app.ui.deploy.account_page import AccountPage
from app.ui.deploy.create_page import CreatePage
from app.ui.deploy.domain_page import DomainPage
from app.ui.deploy.move_page import MovePage
from app.ui.deploy.page import StepPage
from app.ui.deploy.region_page import RegionPage
from app.ui.deploy.review_page import ReviewPage
from app.ui.deploy.step_bar import StepBar
from app.ui.labels import DIALOG, GAP
from app.viewmodels.deploy_draft import DeployDraft
from app.viewmodels.deploy_run import DeployRun, RunState
from app.viewmodels.tunnels import TunnelListModel

STEPS = ("Account", "Region", "Domain", "Review", "Create")


class DeployWizard(QDialog):
    """Window-modal; show it with `loop.ask`. A run that is on its way is shown at once, and survives the dialog.

    relay_wanted: the user has a relay of his own instead
    """

    relay_wanted = Signal()

    def __init__(
        self,
        workspace: Workspace,
        tunnels: TunnelListModel,
        run: DeployRun,
        show_problem: ShowProblem,
        parent: QWidget | None = None,
        *,
        options: DeployOptions | None = None,
    ) -> None:
        """tunnels: those that can move; options: to begin with, those of a deployment that is to be changed"""
        super().__init__(parent)
        self._workspace = workspace
        self._run = run
        self._show_problem = show_problem
        self.draft = DeployDraft(workspace, self)
        self.draft.options = options or self.draft.options
        self.account = AccountPage(self.draft)
        self.region = RegionPage(self.draft)
        self.domain = DomainPage(self.draft)
        self.review = ReviewPage(self.draft)
        self.creation = CreatePage(run)
        self.moving = MovePage(workspace, tunnels)
        self._pages: tuple[StepPage, ...] = (
            self.account, self.region, self.domain, self.review, self.creation, self.moving
        )  # fmt: skip
        self.steps = StepBar(STEPS)
        self.stack = QStackedWidget()
        self.back = QPushButton("Back")
        self.cancel = QPushButton("Cancel")
        self.next = QPushButton("Next")
        self._lay_out()
        self._connect()
        self._start()

    @property
    def page(self) -> StepPage:
        return self._pages[self.stack.currentIndex()]

    def _start(self) -> None:
        run = self._run
        if run.plan is None or run.plan.destroys:
            self._show(0)
        elif run.state is RunState.DONE and run.profile is not None:
            self._show_backend(run.profile)
        else:
            self.draft.options = run.plan.options
            self._show(self._pages.index(self.creation))

    def _show(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        self.steps.show_step(number)
        self.setWindowTitle(f"Go public – {STEPS[number] if number < len(STEPS) else 'Move your tunnels'}")
        self.page.enter()
        self._on_changed()
        (self.page.first_field() or self.next).setFocus()

    def _show_backend(self, profile: BackendProfile) -> None:
        self.moving.show_backend(profile)
        self._show(self._pages.index(self.moving))

    def _on_changed(self) -> None:
        page, number = self.page, self.stack.currentIndex()
        ended = page is self.moving
        self.back.setVisible(0 < number <= 3)
        self.back.setEnabled(not page.working)
        self.cancel.setText("Close" if page is self.creation else "Cancel")
        self.cancel.setVisible(not ended)
        self.next.setText(page.caption)
        self.next.setEnabled(page.complete())
        moves = ended and self.moving.move_button.isEnabled()
        (self.moving.move_button if moves else self.next).setDefault(True)

    def _on_next(self) -> None:
        if self.page.complete():
            self.page.leave()

    def _on_forward(self) -> None:
        page = self.page
        if self.sender() is not page:
            return  # an answer that came after [Back]
        if page is self.review and self.draft.plan is not None:
            start(self._run.create(self.draft.plan), name="deploy", show_problem=self._show_problem)
            self._show(self._pages.index(self.creation))
        elif page is self.creation and self._run.profile is not None:
            self._show_backend(self._run.profile)
        elif page is self.moving:
            self.accept()
        else:
            self._show(self.stack.currentIndex() + 1)

    def _use(self, deployment: Deployment) -> None:
        async def use() -> None:
            self._show_backend(await self._workspace.backends.use(deployment, self.draft.options.credentials))

        self.account.work(f"Getting a token from “{deployment.name}”…", use(), name="use-deployment")

    def _on_run(self) -> None:
        if self.page is self.creation and self._run.state is RunState.DONE and self._run.profile is not None:
            self._show_backend(self._run.profile)

    def _connect(self) -> None:
        for page in self._pages:
            page.changed.connect(self._on_changed)
            page.forward.connect(self._on_forward)
        self.account.wanted.connect(self._use)
        self.account.relay_wanted.connect(self.relay_wanted)
        self.account.relay_wanted.connect(self.reject)
        self.creation.view.again.connect(lambda: self._show(self._pages.index(self.review)))
        self._run.changed.connect(self._on_run)
        self.back.clicked.connect(lambda: self._show(self.stack.currentIndex() - 1))
        self.cancel.clicked.connect(self.reject)
        self.next.clicked.connect(self._on_next)

    def _lay_out(self) -> None:
        for page in self._pages:
            self.stack.addWidget(_scrolling(page))
        for button in (self.back, self.cancel, self.next):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        column.setSpacing(DIALOG)
        column.addWidget(self.steps)
        column.addWidget(self.stack, 1)
        column.addLayout(buttons)
        em = self.fontMetrics().averageCharWidth()
        room = self.screen().availableSize()
        self.resize(min(em * 108, room.width() - 40), min(em * 78, room.height() - 80))


def _scrolling(page: StepPage) -> QScrollArea:
    """On a small screen a step may be higher than the dialog."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
