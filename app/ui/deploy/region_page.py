"""Step 2: where, under which name, and through which front door."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QRadioButton, QWidget

from app.ui.deploy.page import StepPage
from app.ui.fonts import SECONDARY, ui_font
from app.ui.labels import GAP, PANEL, label, set_look
from app.viewmodels.deploy_draft import DeployDraft, name_problem


class RegionPage(StepPage):
    """[Next] asks AWS whether the account may use the region."""

    def __init__(self, draft: DeployDraft, parent: QWidget | None = None) -> None:
        super().__init__("Where in the world?", "Close to you is fast: every request goes there and back.", parent)
        self._draft = draft
        self.region = QComboBox()
        self.region.setAccessibleName("Region")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the deployment")
        self.name_error = label(tone="problem", font=ui_font(SECONDARY), wrap=True)
        self.standing = label(tone="muted", font=ui_font(SECONDARY), wrap=True)
        self.http_api = QRadioButton("HTTP API: a domain of yours is possible")
        self.function_url = QRadioButton("Function URL: answers stream as they come, no fee for each request")
        self._lay_out()
        self.region.currentIndexChanged.connect(self._choose)
        self.name.textChanged.connect(self._choose)
        self.http_api.toggled.connect(self._choose)
        self.problem.again.disconnect()
        self.problem.again.connect(self.leave)

    def enter(self) -> None:
        options, identity = self._draft.options, self._draft.identity
        if not self.region.count():
            self.region.addItems(list(self._draft.regions))
        region = options.region or (identity.region if identity is not None else "")
        if self.region.findText(region) < 0 and region:
            self.region.addItem(region)
        self.region.setCurrentText(region)
        self.name.setText(options.name)
        self.http_api.setChecked(options.front_door == "http_api")
        self.function_url.setChecked(options.front_door == "function_url")
        self._choose()

    def first_field(self) -> QWidget:
        return self.region

    def complete(self) -> bool:
        return not self.working and name_problem(self.name.text()) is None and bool(self.region.currentText())

    def leave(self) -> None:
        self.work(f"Asking AWS about {self.region.currentText()}…", self._check(), name="check-region")

    async def _check(self) -> None:
        await self._draft.check_region()
        self.forward.emit()

    def _choose(self) -> None:
        wrong = name_problem(self.name.text())
        self.name_error.setText("" if wrong is None else f"{wrong.title}. {wrong.hint}")
        self.name_error.setVisible(wrong is not None)
        self.name.setAccessibleDescription(self.name_error.text())
        set_look(self.name, "invalid", wrong is not None)
        self._draft.choose(
            region=self.region.currentText(),
            name=self.name.text(),
            front_door="http_api" if self.http_api.isChecked() else "function_url",
        )
        there = self._draft.standing()
        self.standing.setText(f"“{there.name}” stands there already: it would be changed." if there is not None else "")
        self.standing.setVisible(there is not None)
        self.changed.emit()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(PANEL)
        form.setVerticalSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for caption, field in (("&Region", self.region), ("&Name", self.name)):
            shown = QLabel(caption)
            shown.setBuddy(field)
            form.addRow(shown, field)
        form.addRow("", self.name_error)
        form.addRow("", self.standing)
        form.addRow("Front door", self.http_api)
        form.addRow("", self.function_url)
        self.column.addLayout(form)
        self.column.addWidget(self.busy)
        self.column.addWidget(self.problem)
        self.column.addStretch(1)
