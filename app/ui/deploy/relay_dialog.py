"""A relay on a server of the user's own: its address and its token. Also a new token for one that is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.domain.problems import HatchwayError, Problem
from app.domain.relay_address import agent_url_of
from app.ui.async_slots import start
from app.ui.deploy.problem_box import ProblemBox
from app.ui.fonts import TITLE, ui_font
from app.ui.labels import DIALOG, GAP, PANEL, label

Save = Callable[[str, str, str], Awaitable[object]]
"""name, address, token. A HatchwayError of it is shown inside."""

_WORDS = (
    "Started there with “hatchway relay --public-url … --token-file …”. The token goes into this computer's keyring."
)


class RelayDialog(QDialog):
    """Window-modal; show it with `loop.ask`."""

    def __init__(self, save: Save, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._save = save
        self.setWindowTitle("A relay elsewhere")
        self.name = QLineEdit("My relay")
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://tunnels.example.com")
        self.token = QLineEdit()
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.problem = ProblemBox()
        self.problem.button.hide()
        self.cancel = QPushButton("Cancel")
        self.add = QPushButton("Add")
        self._lay_out()
        for field in (self.name, self.address, self.token):
            field.textChanged.connect(self._check)
        self.cancel.clicked.connect(self.reject)
        self.add.clicked.connect(self._on_add)
        self._check()

    def _check(self) -> None:
        problem: Problem | None = None
        if self.address.text().strip():
            try:
                agent_url_of(self.address.text())
            except HatchwayError as error:
                problem = error.problem
        self.problem.show_problem(problem if "://" in self.address.text() else None)
        filled = all(field.text().strip() for field in (self.name, self.address, self.token))
        self.add.setEnabled(filled and problem is None)

    def _on_add(self) -> None:
        start(self._adding(), name="add-relay", show_problem=self.problem.show_problem, resting=self.add)

    async def _adding(self) -> None:
        await self._save(self.name.text(), self.address.text(), self.token.text())
        self.accept()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(PANEL)
        form.setVerticalSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for caption, field in (("&Address", self.address), ("T&oken", self.token), ("&Name", self.name)):
            shown = QLabel(caption)
            shown.setBuddy(field)
            field.setAccessibleName(f"{caption.replace('&', '')} of the relay")
            form.addRow(shown, field)
        self.cancel.setAutoDefault(False)
        self.add.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        column.setSpacing(PANEL)
        column.addWidget(label("A relay on a server of yours", font=ui_font(TITLE, semibold=True)))
        column.addWidget(label(_WORDS, tone="muted", wrap=True))
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addStretch(1)
        column.addLayout(buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 76)
