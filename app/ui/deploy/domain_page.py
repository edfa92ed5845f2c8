"""Step 3: the address, and who is told when something goes wrong or becomes expensive."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QLineEdit, QRadioButton, QSpinBox, QWidget

from app.domain.deployment import DomainChoice
from app.ui.deploy.page import StepPage
from app.ui.fonts import SECONDARY, ui_font
from app.ui.labels import GAP, PANEL, label
from app.viewmodels.deploy_draft import DeployDraft, domain_problem

_WORDS = "With a domain of yours every tunnel can have a host name of its own, and so an origin of its own in browsers."


class DomainPage(StepPage):
    """All of it may stay as it is."""

    def __init__(self, draft: DeployDraft, parent: QWidget | None = None) -> None:
        super().__init__("Under which address?", _WORDS, parent)
        self._draft = draft
        self.given = QRadioButton("One that AWS gives")
        self.own = QRadioButton("A domain of mine")
        self.domain = QLineEdit()
        self.zone = QLineEdit()
        self.certificate = QLineEdit()
        self.wildcard = QCheckBox("A host name for every tunnel (*.domain)")
        self.error = label(tone="problem", font=ui_font(SECONDARY), wrap=True)
        self.email = QLineEdit()
        self.budget = QSpinBox()
        self._lay_out()
        self.own.toggled.connect(self._choose)
        self.wildcard.toggled.connect(self._choose)
        for field in (self.domain, self.zone, self.certificate, self.email):
            field.textChanged.connect(self._choose)
        self.budget.valueChanged.connect(self._choose)

    def enter(self) -> None:
        options = self._draft.options
        domain = options.domain or DomainChoice("")
        (self.given if options.domain is None else self.own).setChecked(True)
        self.wildcard.setChecked(domain.wildcard)
        for field, text in (
            (self.domain, domain.name),
            (self.zone, domain.zone_id),
            (self.certificate, domain.certificate_arn),
            (self.email, options.alarm_email),
        ):
            field.setText(text)
        self.budget.setValue(options.monthly_budget)
        self._choose()

    def first_field(self) -> QWidget:
        return self.given

    def complete(self) -> bool:
        return domain_problem(self._domain(), self._draft.options.front_door) is None

    def _domain(self) -> DomainChoice | None:
        if not self.own.isChecked():
            return None
        name, zone, certificate = (field.text().strip() for field in (self.domain, self.zone, self.certificate))
        return DomainChoice(name, self.wildcard.isChecked(), zone, certificate)

    def _choose(self) -> None:
        domain = self._domain()
        for field in (self.domain, self.zone, self.certificate, self.wildcard):
            field.setEnabled(domain is not None)
        wrong = domain_problem(domain, self._draft.options.front_door)
        # An empty field needs no scolding.
        said = wrong is not None and (self.domain.text() or wrong.code == "domain_needs_http_api")
        self.error.setText(f"{wrong.title}. {wrong.hint}" if wrong is not None and said else "")
        self.error.setVisible(bool(self.error.text()))
        self.domain.setAccessibleDescription(self.error.text())
        self._draft.choose(
            domain=domain, alarm_email=self.email.text().strip(), monthly_budget=self.budget.value()
        )  # fmt: skip
        self.changed.emit()

    def _lay_out(self) -> None:
        self.given.setChecked(True)
        self.wildcard.setChecked(True)
        self.budget.setRange(0, 100_000)
        self.budget.setPrefix("$ ")
        self.budget.setSpecialValueText("no limit watched")
        self.budget.lineEdit().setTextMargins(GAP, 0, GAP, 0)
        self.domain.setPlaceholderText("tunnels.example.com")
        self.zone.setPlaceholderText("Z0123… : records and certificate are made for you")
        self.certificate.setPlaceholderText("arn:aws:acm:… if the DNS is not in Route 53")
        self.email.setPlaceholderText("nobody")
        form = QFormLayout()
        form.setHorizontalSpacing(PANEL)
        form.setVerticalSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Address", self.given)
        form.addRow("", self.own)
        rows: tuple[tuple[str, QWidget, str], ...] = (
            ("&Domain", self.domain, "Domain"),
            ("Route 53 &zone", self.zone, "Id of the Route 53 zone"),
            ("Cer&tificate", self.certificate, "ARN of a certificate"),
        )
        for caption, field, spoken in rows:
            form.addRow(_caption(caption, field, spoken), field)
        form.addRow("", self.wildcard)
        form.addRow("", self.error)
        form.addRow(_caption("Alarms &to", self.email, "E-mail address for alarms"), self.email)
        form.addRow(_caption("Monthly b&udget", self.budget, "Monthly budget in dollars"), self.budget)
        self.column.addLayout(form)
        self.column.addStretch(1)


def _caption(text: str, field: QWidget, spoken: str) -> QLabel:
    caption = QLabel(text)
    caption.setBuddy(field)
    field.setAccessibleName(spoken)
    return caption
