"""The buttons below the detail: replay, edit and replay, copy as cURL."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

_ACKNOWLEDGED_MS = 1200


class ActionBar(QWidget):
    """Each button is a signal."""

    replay_wanted = Signal()
    edit_wanted = Signal()
    curl_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.replay = QPushButton(self.tr("↻ Replay"))
        self.replay.setToolTip(self.tr("Send the captured request to your service again (R)"))
        self.replay.setAccessibleName(self.tr("Replay"))
        self.replay.clicked.connect(self.replay_wanted)
        self.edit = QPushButton(self.tr("Edit and replay"))
        self.edit.setToolTip(self.tr("Change the request, then send it (E)"))
        self.edit.clicked.connect(self.edit_wanted)
        self.curl = QPushButton(self.tr("cURL"))
        self.curl.setToolTip(self.tr("Copy as cURL command; secrets become shell variables (C)"))
        self.curl.setAccessibleName(self.tr("Copy as cURL"))
        self.curl.clicked.connect(self.curl_wanted)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(12, 8, 12, 8)
        bar.setSpacing(8)
        for button in (self.replay, self.edit, self.curl):
            bar.addWidget(button)
        bar.addStretch(1)

    def acknowledge_curl(self) -> None:
        """Say on the button that the command is on the clipboard."""
        self.curl.setText(self.tr("Copied ✓"))
        QTimer.singleShot(_ACKNOWLEDGED_MS, self.curl, lambda: self.curl.setText(self.tr("cURL")))
