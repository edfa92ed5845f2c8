"""A plan in words: what would be made, changed or deleted, what that costs, and Terraform's own text on demand."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.domain.deployment import DeployPlan
from app.ui.deploy.log_view import LogView
from app.ui.fonts import BODY, SECONDARY, ui_font
from app.ui.labels import GAP, PANEL, label
from app.viewmodels.deploy_text import change_lines, cost_lines, cost_title, plan_title


class PlanView(QWidget):
    """Hidden while there is no plan."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(font=ui_font(BODY, semibold=True), wrap=True)
        self.changes = label(wrap=True)
        self.cost = label(font=ui_font(BODY, semibold=True), wrap=True)
        self.assumptions = label(tone="muted", font=ui_font(SECONDARY), wrap=True)
        self.text = LogView("plan")
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(PANEL, PANEL, PANEL, PANEL)
        inside.setSpacing(GAP)
        for part in (self.title, self.changes, self.cost, self.assumptions):
            inside.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(PANEL)
        column.addWidget(card)
        column.addWidget(self.text, 1)
        self.hide()

    def show_plan(self, plan: DeployPlan | None) -> None:
        self.setVisible(plan is not None)
        if plan is None:
            return
        self.title.setText(plan_title(plan))
        self.changes.setText("\n".join(change_lines(plan.changes)))
        self.changes.setVisible(bool(plan.changes))
        for part in (self.cost, self.assumptions):
            part.setVisible(not plan.destroys)
        self.cost.setText(cost_title(plan.cost))
        self.assumptions.setText("\n".join(cost_lines(plan.cost)))
        self.text.show_lines(plan.text.splitlines())
