"""Step 4: what would be made and what it costs; nothing has been changed so far."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.deployment import DeployProgress
from app.ui.deploy.page import StepPage
from app.ui.deploy.plan_view import PlanView
from app.ui.labels import label
from app.viewmodels.deploy_draft import DeployDraft
from app.viewmodels.deploy_text import spaced


class ReviewPage(StepPage):
    """Every visit makes the plan anew: what stands may have changed."""

    caption = "Create"

    def __init__(self, draft: DeployDraft, parent: QWidget | None = None) -> None:
        super().__init__("Review", "Nothing is made before you press Create.", parent)
        self._draft = draft
        self.where = label(wrap=True)
        self.plan = PlanView()
        for part in (self.where, self.busy, self.problem):
            self.column.addWidget(part)
        self.column.addWidget(self.plan, 1)
        self.column.addStretch(0)

    def enter(self) -> None:
        self._draft.choose()
        options = self._draft.options
        profile = f"profile {options.credentials}" if options.credentials else "the usual credentials"
        account = f" of account {spaced(self._draft.identity.account)}" if self._draft.identity is not None else ""
        self.where.setText(f"“{options.name}” in {options.region}{account}, with {profile}")
        self.plan.show_plan(None)
        tool = self._draft.tool.name if self._draft.tool is not None else "Terraform"
        self.work(f"{tool} makes the plan; the first time it fetches its provider…", self._plan(), name="plan")

    def complete(self) -> bool:
        return not self.working and self._draft.plan is not None

    async def _plan(self) -> None:
        await self._draft.make_plan(self._on_progress)
        self.plan.show_plan(self._draft.plan)

    def _on_progress(self, progress: DeployProgress) -> None:
        if progress.line:
            self.busy.setText(progress.line)
