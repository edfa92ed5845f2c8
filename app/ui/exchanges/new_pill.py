"""The pill “12 new ↑” on the list's header: tells what arrived out of sight, without covering or moving a row."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QHeaderView, QPushButton

from app.ui.theme import theme_signals, tokens


class NewPill(QPushButton):
    """Floats in the middle of the header; hidden while there is nothing new."""

    def __init__(self, host: QHeaderView) -> None:
        super().__init__(host)
        self._host = host
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Home does the same from the keyboard
        self.setCursor(QCursor(Qt.CursorShape.PointingHandCursor))
        self.setToolTip(self.tr("Go to the newest request (Home)"))
        self.hide()
        host.installEventFilter(self)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def set_count(self, count: int) -> None:
        """Show how many rows are new; 0 hides the pill."""
        if count <= 0:
            self.hide()
            return
        text = self.tr("%n new ↑", "", count)
        if text != self.text() or self.isHidden():
            self.setText(text)
            self.setAccessibleName(self.tr("%n new requests, go to the newest", "", count))
            self.adjustSize()
            self._place()
            self.show()
            self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.move((self._host.width() - self.width()) // 2, (self._host.height() - self.height()) // 2)

    def _dress(self) -> None:
        now = tokens()
        self.setStyleSheet(
            f"QPushButton {{ background: {now.accent.name()}; color: {now.accent_text.name()}; border: none;"
            f" border-radius: {self.fontMetrics().height() // 2 + 2}px; padding: 2px 14px; font-weight: 600; }}"
        )
