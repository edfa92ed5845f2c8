"""The question before secrets leave: which ones are in the requests, and whether the file may hold them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui.announce import announce
from app.ui.labels import GAP, PANEL, label, set_look

_NAMED = 6


class SecretsBanner(QFrame):
    """Above the list, hidden until `ask`; Escape cancels."""

    accepted = Signal(bool)  # with the secrets, or without them
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_look(self, "tone", "warning")
        self.words = label(wrap=True)
        self.with_secrets = QPushButton(self.tr("Save with secrets…"))
        self.without = QPushButton(self.tr("Save without secrets…"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.with_secrets.clicked.connect(lambda: self._answer(True))
        self.without.clicked.connect(lambda: self._answer(False))
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for button in (self.without, self.with_secrets, self.cancel):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PANEL, GAP, PANEL, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.words)
        layout.addLayout(row)
        self.hide()

    def ask(self, requests: int, secrets: Mapping[str, int]) -> None:
        """secrets: kind (`authorization`) → how many different ones were found in so many requests"""
        self.words.setText(self._told(requests, secrets))
        self.show()
        self.without.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.words.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._cancel()
            return
        super().keyPressEvent(event)

    def _told(self, requests: int, secrets: Mapping[str, int]) -> str:
        held = self.tr("1 request") if requests == 1 else self.tr("{0} requests").format(requests)
        if not secrets:
            return self.tr("{0}. No secrets were found in them, but no list of secrets is complete.").format(held)
        kinds = sorted(secrets.items(), key=lambda item: (-item[1], item[0]))
        named = [kind if count == 1 else f"{kind} ({count})" for kind, count in kinds[:_NAMED]]
        more = self.tr(" and {0} more kinds").format(len(kinds) - _NAMED) if len(kinds) > _NAMED else ""
        found = self.tr("With secrets, the file holds as they were recorded: {0}.").format(", ".join(named) + more)
        return f"{held}. {found}"

    def _answer(self, with_secrets: bool) -> None:
        self.hide()
        self.accepted.emit(with_secrets)

    def _cancel(self) -> None:
        self.hide()
        self.cancelled.emit()
