"""Whose signature the shown webhook carries, and what it was worth on arrival: one mark in the header line."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange, ExchangeState
from app.domain.tasks import spawn
from app.domain.webhook import signature_scheme
from app.engine.signing_api import SignatureStatus, Signing
from app.signatures.scheme import State
from app.ui.exchanges.detail.signature_card import SIGNS, state_colour
from app.ui.theme import theme_signals


class SignatureBadge(QLabel):
    """Hidden for requests without a signature that is known, and until their body is there."""

    def __init__(self, signing: Signing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._signing = signing
        self._exchange: Exchange | None = None
        self._state: State | None = None
        self._task: asyncio.Task[None] | None = None
        theme_signals().changed.connect(self._dress)
        self.hide()

    def show_exchange(self, exchange: Exchange, *, complete: bool) -> None:
        """Checks once, in a thread."""
        arriving = exchange.state is ExchangeState.RUNNING and exchange.status is None
        wanted = exchange if complete and not arriving and signature_scheme(exchange.request_headers) else None
        known = self._exchange
        if wanted is None or known is None or wanted.id != known.id:
            self.hide()
            self._exchange = wanted
            self.refresh()

    def refresh(self) -> None:
        """Check again: a secret may have been saved."""
        if self._task is not None:
            self._task.cancel()
        if self._exchange is not None:
            self._task = spawn(self._check(self._exchange), name="signature on arrival")

    async def _check(self, exchange: Exchange) -> None:
        status = await self._signing.status(exchange)
        if isValid(self) and exchange is self._exchange and status is not None:
            self._state = status.arrived
            self.setText(f"{SIGNS[status.arrived]} {status.title}")
            words = _words(status)
            self.setToolTip(words)
            self.setAccessibleName(words)
            self._dress()
            self.show()

    def _dress(self) -> None:
        if self._state is not None:
            self.setStyleSheet(f"color: {state_colour(self._state).name()}")


def _words(status: SignatureStatus) -> str:
    match status.arrived:
        case State.VALID:
            return f"{status.title} signature: valid when it arrived"
        case State.INVALID:
            return f"{status.title} signature: does not fit the secret and body"
        case State.EXPIRED:
            return f"{status.title} signature: right, but too old when it arrived"
    return f"{status.title} signature: not checked, the secret is not known (see the overview)"
