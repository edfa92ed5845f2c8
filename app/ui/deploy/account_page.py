"""Step 1: whose AWS account, and what stands there already."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.domain.deployment import Deployment
from app.domain.problems import HatchwayError
from app.ui.deploy.page import StepPage
from app.ui.deploy.problem_box import ProblemBox
from app.ui.labels import GAP, PANEL, ElidedLabel, label
from app.viewmodels.deploy_draft import DeployDraft
from app.viewmodels.deploy_text import account_words, deployment_words

_USUAL = "Usual credentials (environment, default profile)"
_WORDS = (
    "Hatchway puts a small backend into your own AWS account. It signs in as the AWS command line does; nothing is"
    " made before you have seen the plan."
)


class AccountPage(StepPage):
    """wanted(Deployment): take this one into use. relay_wanted: the user has a relay of his own instead"""

    wanted = Signal(object)
    relay_wanted = Signal()

    def __init__(self, draft: DeployDraft, parent: QWidget | None = None) -> None:
        super().__init__("Which AWS account?", _WORDS, parent)
        self._draft = draft
        self.credentials = QComboBox()
        self.credentials.addItem(_USUAL, "")
        self.credentials.setAccessibleName("Credentials")
        self.identity = label(wrap=True)
        self.tool = label(wrap=True)
        self.tool_problem = ProblemBox()
        self._standing = QFrame()
        self._rows = QVBoxLayout(self._standing)
        self.relay = QPushButton("I have a relay on a server of mine…")
        self.relay.setProperty("look", "link")
        self.relay.setAutoDefault(False)
        self._lay_out()
        self.credentials.activated.connect(self._on_chosen)
        self.tool_problem.again.connect(self.enter)
        self.relay.clicked.connect(self.relay_wanted)
        draft.changed.connect(self._show)

    def enter(self) -> None:
        self.work("Asking AWS who you are…", self._look(), name="check-account")

    def first_field(self) -> QWidget:
        return self.credentials

    def complete(self) -> bool:
        return not self.working and self._draft.identity is not None and self._draft.tool is not None

    async def _look(self) -> None:
        draft = self._draft
        if not draft.regions:
            await draft.load()
            for profile in draft.profiles:
                self.credentials.addItem(f"Profile {profile}", profile)
            self.credentials.setCurrentIndex(max(0, self.credentials.findData(draft.options.credentials)))
        self.tool_problem.show_problem(None)
        try:
            await draft.find_tool()
        except HatchwayError as error:
            # What stands already can be used without it.
            self.tool_problem.show_problem(error.problem)
        await draft.check_account()

    def _on_chosen(self) -> None:
        self._draft.choose(credentials=self.credentials.currentData(), region="")
        self.enter()

    def _show(self) -> None:
        draft = self._draft
        self.identity.setText("" if draft.identity is None else f"✓ {account_words(draft.identity)}")
        self.tool.setText("" if draft.tool is None else f"✓ {draft.tool.name} {draft.tool.version}")
        for part in (self.identity, self.tool):
            part.setVisible(bool(part.text()))
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for deployment in draft.found:
            self._rows.addWidget(self._row(deployment))
        self._standing.setVisible(bool(draft.found))
        self._heading.setVisible(bool(draft.found))
        self.changed.emit()

    def _row(self, deployment: Deployment) -> QWidget:
        row = QWidget()
        words = ElidedLabel()
        words.setText(deployment_words(deployment))
        use = QPushButton("Use it" if deployment.complete else "Go on with it")
        use.setAutoDefault(False)
        use.setAccessibleName(f"{use.text()}: {deployment.name}")
        use.clicked.connect(lambda: self._take(deployment))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP)
        line.addWidget(words, 1)
        line.addWidget(use)
        return row

    def _take(self, deployment: Deployment) -> None:
        if deployment.complete:
            self.wanted.emit(deployment)
        else:
            self._draft.choose(name=deployment.name, region=deployment.region)
            self.forward.emit()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(PANEL)
        form.setVerticalSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        caption = QLabel("&Credentials")
        caption.setBuddy(self.credentials)
        form.addRow(caption, self.credentials)
        self._standing.setObjectName("card")
        self._rows.setContentsMargins(PANEL, GAP, PANEL, GAP)
        self._rows.setSpacing(GAP)
        self._heading = label("Already there:", tone="muted")
        self.column.addLayout(form)
        for part in (self.busy, self.identity, self.tool, self.problem, self.tool_problem):
            self.column.addWidget(part)
        self.column.addWidget(self._heading)
        self.column.addWidget(self._standing)
        self.column.addStretch(1)
        link = QHBoxLayout()
        link.addWidget(self.relay)
        link.addStretch(1)
        self.column.addLayout(link)
        self._standing.hide()
        self._heading.hide()
