"""Whose signature a webhook carries, whether it is valid, and the place to enter the secret."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.tasks import spawn
from app.engine.signing_api import SignatureStatus, Signing
from app.signatures.scheme import State
from app.ui.theme import tokens

SIGNS = {State.VALID: "✓", State.INVALID: "✗", State.EXPIRED: "!", State.NO_SECRET: "?"}


class SignatureCard(QWidget):
    """Hidden for requests without a signature that is known."""

    status_message = Signal(str)
    signable = Signal(bool)  # whether there is a signature whose secret is known

    def __init__(self, signing: Signing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signing = signing
        self._exchange: Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self.words = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.secret = QLineEdit()
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setAccessibleName(self.tr("Signing secret"))
        self.secret.returnPressed.connect(self._save)
        self._keep = QPushButton(self.tr("Save secret"))
        self._keep.setToolTip(self.tr("Into the keyring of the system; then replays are signed anew"))
        self._keep.clicked.connect(self._save)
        self._change = QPushButton(self.tr("Change…"))
        self._change.setToolTip(self.tr("Enter another secret"))
        self._change.clicked.connect(lambda: self._ask(True))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        for widget in (self.secret, self._keep, self._change):
            layout.addWidget(widget)
        self.hide()

    def show_exchange(self, exchange: Exchange, *, complete: bool) -> None:
        """Checks in a thread, as soon as the body is there."""
        new = self._exchange is None or exchange.id != self._exchange.id
        self._exchange = exchange
        if new:
            self.hide()
            self.secret.clear()
        if complete and (new or self.isHidden()):
            self._start()

    def _start(self) -> None:
        if self._exchange is not None:
            if self._task is not None:
                self._task.cancel()
            self._task = spawn(self._check(self._exchange), name="check signature")

    async def _check(self, exchange: Exchange) -> None:
        status = await self._signing.status(exchange)
        if isValid(self) and exchange is self._exchange:
            self.setVisible(status is not None)
            self.signable.emit(status is not None and status.state is not State.NO_SECRET)
            if status is not None:
                self._show_status(status)

    def _show_status(self, status: SignatureStatus) -> None:
        self.words.setText(f"{SIGNS[status.state]} {_words(status)}")
        self.words.setStyleSheet(f"color: {state_colour(status.state).name()}")
        self.secret.setPlaceholderText(status.secret_hint)
        self._ask(status.state is State.NO_SECRET)

    def _ask(self, asking: bool) -> None:
        self.secret.setVisible(asking)
        self._keep.setVisible(asking)
        self._change.setVisible(not asking)

    def _save(self) -> None:
        if self._exchange is not None:
            spawn(self._keep_secret(self._exchange, self.secret.text()), name="save signing secret")
            self.secret.clear()

    async def _keep_secret(self, exchange: Exchange, secret: str) -> None:
        lasting = await self._signing.set_secret(exchange, secret)
        if not isValid(self):
            return
        if not secret.strip():
            self.status_message.emit(self.tr("Secret forgotten."))
        elif lasting:
            self.status_message.emit(self.tr("Secret saved in the keyring; replays are signed anew."))
        else:
            self.status_message.emit(self.tr("There is no keyring: the secret is kept until Hatchway ends."))
        self._start()


def state_colour(state: State) -> QColor:
    """Good, bad, or worth a look."""
    now = tokens()
    return {State.VALID: now.ok, State.INVALID: now.server_error, State.EXPIRED: now.client_error}.get(state, now.muted)


def _words(status: SignatureStatus) -> str:
    match status.state:
        case State.VALID:
            return f"{status.title} signature: valid"
        case State.INVALID:
            return f"{status.title} signature: does not fit this secret and body"
        case State.EXPIRED:
            minutes = abs(status.age or 0) / 60
            return f"{status.title} signature: right, but {minutes:.0f} min old; a replay is signed anew"
    return f"{status.title} signature: not checked, the secret is not known"
