"""The backends that are set up: rename, new token, take down, forget."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.backend import BackendProfile
from app.domain.events import BackendsChanged, Event
from app.engine.api import Workspace
from app.ui.async_slots import start
from app.ui.deploy.problem_box import ProblemBox
from app.ui.fonts import TITLE, ui_font
from app.ui.labels import DIALOG, GAP, PANEL, label
from app.viewmodels.deploy_text import backend_words, tunnels_words

_ID = Qt.ItemDataRole.UserRole


class BackendsDialog(QDialog):
    """Window-modal; show it with `loop.ask`.

    public_wanted, relay_wanted: set up another one
    tear_down_wanted, change_wanted(BackendProfile): of kind `aws`
    """

    public_wanted = Signal()
    relay_wanted = Signal()
    tear_down_wanted = Signal(object)
    change_wanted = Signal(object)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setWindowTitle("Backends")
        self.list = QListWidget()
        self.list.setAccessibleName("Backends")
        self.list.setSpacing(4)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the backend")
        self.facts = label(tone="muted", wrap=True)
        self.rename = self._button("Rename")
        self.token_field = QLineEdit()
        self.token_field.setEchoMode(QLineEdit.EchoMode.Password)
        self.token_field.setPlaceholderText("new token of the relay")
        self.token_field.setAccessibleName("New token of the relay")
        self.token = self._button("New token")
        self.change = self._button("Change…")
        self.change.setToolTip("Change or upgrade what stands in the AWS account")
        self.tear_down = self._button("Tear down…")
        self.tear_down.setToolTip("Delete everything it has in the AWS account")
        self.remove = self._button("Remove")
        self.remove.setToolTip("Forget it here; what stands elsewhere goes on standing")
        self.public = self._button("Go public…")
        self.relay = self._button("Add a relay…")
        self.close_button = self._button("Close")
        self.said = label(tone="muted", wrap=True)
        self.problem = ProblemBox()
        self.problem.button.hide()
        self._lay_out()
        self._connect()
        self._unsubscribe = workspace.subscribe(self._on_event)
        self.finished.connect(self._unsubscribe)
        self._fill()

    def chosen(self) -> BackendProfile | None:
        item = self.list.currentItem()
        return None if item is None else self._workspace.backends.profile(item.data(_ID))

    def _fill(self) -> None:
        row = max(0, self.list.currentRow())
        self.list.clear()
        for profile in self._workspace.backends.profiles:
            item = QListWidgetItem(f"{profile.name}  –  {backend_words(profile)}")
            item.setData(_ID, profile.id)
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self._show()

    def _show(self) -> None:
        profile = self.chosen()
        for part in (self.name, self.rename, self.token, self.change, self.tear_down, self.remove):
            part.setEnabled(profile is not None)
        self.token_field.setVisible(profile is not None and profile.kind == "relay")
        self.token_field.clear()
        if profile is None:
            self.name.clear()
            self.facts.setText("None so far: your tunnels run on this computer's own relay.")
            return
        users = sum(status.spec.backend == profile.id for status in self._workspace.tunnels)
        self.name.setText(profile.name)
        self.facts.setText(f"{tunnels_words(users)} · {profile.public_url or profile.agent_url}")
        for part in (self.change, self.tear_down):
            part.setVisible(profile.kind == "aws")
        self._offer_token()

    def _offer_token(self) -> None:
        """An AWS backend mints one; that of a relay has to be typed."""
        profile = self.chosen()
        typed = bool(self.token_field.text().strip())
        self.token.setEnabled(profile is not None and (profile.kind == "aws" or typed))

    def _on_rename(self) -> None:
        if (profile := self.chosen()) is not None and self.name.text() != profile.name:
            self._start(self._workspace.backends.rename(profile.id, self.name.text()), self.rename, "Renamed.")

    def _on_token(self) -> None:
        if (profile := self.chosen()) is not None:
            work = self._workspace.backends.renew_token(profile.id, self.token_field.text())
            self._start(work, self.token, "The new token holds from the next connection on.")

    def _on_remove(self) -> None:
        if (profile := self.chosen()) is not None:
            work = self._workspace.backends.remove(profile.id)
            self._start(work, self.remove, f"“{profile.name}” is forgotten here.")

    def _want(self, wanted: SignalInstance) -> None:
        if (profile := self.chosen()) is not None:
            wanted.emit(profile)
            self.accept()

    def _start(self, work: Coroutine[Any, Any, None], button: QPushButton, words: str) -> None:
        async def do() -> None:
            await work
            self.said.setText(words)

        self.problem.show_problem(None)
        self.said.setText("")
        start(do(), name="change-backend", show_problem=self.problem.show_problem, resting=button)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, BackendsChanged):
            self._fill()

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._show)
        self.rename.clicked.connect(self._on_rename)
        self.name.returnPressed.connect(self._on_rename)
        self.token.clicked.connect(self._on_token)
        self.remove.clicked.connect(self._on_remove)
        self.token_field.textChanged.connect(self._offer_token)
        self.tear_down.clicked.connect(lambda: self._want(self.tear_down_wanted))
        self.change.clicked.connect(lambda: self._want(self.change_wanted))
        for button, wanted in ((self.public, self.public_wanted), (self.relay, self.relay_wanted)):
            button.clicked.connect(wanted)
            button.clicked.connect(self.accept)
        self.close_button.clicked.connect(self.accept)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(GAP)
        first.addWidget(self.name, 1)
        first.addWidget(self.rename)
        second = QHBoxLayout()
        second.setSpacing(GAP)
        second.addWidget(self.token_field, 1)
        for button in (self.token, self.change, self.tear_down, self.remove):
            second.addWidget(button)
        second.addStretch(0)
        last = QHBoxLayout()
        last.setSpacing(GAP)
        last.addWidget(self.public)
        last.addWidget(self.relay)
        last.addStretch(1)
        last.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        column.setSpacing(PANEL)
        column.addWidget(label("Where your tunnels can run", font=ui_font(TITLE, semibold=True)))
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self.list)
        column.addWidget(card, 1)
        column.addWidget(self.facts)
        column.addLayout(first)
        column.addLayout(second)
        for part in (self.said, self.problem):
            column.addWidget(part)
        column.addLayout(last)
        em = self.fontMetrics().averageCharWidth()
        self.resize(min(em * 100, self.screen().availableSize().width() - 40), em * 54)
