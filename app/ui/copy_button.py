"""A button that copies a text and says so in its own place for a moment."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.announce import announce
from app.ui.icons import icon

COPIED = "Copied ✓"
SHOWN_MS = 1200


def copy_text(text: str) -> None:
    """Put the text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


class CopyButton(QPushButton):
    """`Copy` becomes `Copied ✓` for 1.2 s; the width is that of the longer word, so nothing moves."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        """`what` names the thing for screen readers ("public URL")."""
        super().__init__(parent)
        self._what = what
        self._text = ""
        self._back = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._back.timeout.connect(self._rest)
        self._compact = False
        self.clicked.connect(self.copy)
        self._rest()

    def set_text_to_copy(self, text: str) -> None:
        """An empty text disables the button."""
        self._text = text
        self.setEnabled(bool(text))

    def copy(self) -> None:
        if self._text:
            copy_text(self._text)
            self.confirm(self._what)

    def confirm(self, what: str) -> None:
        """Show and speak that `what` was copied."""
        self.setText("" if self._compact else COPIED)
        self.setIcon(icon("check", "ok"))
        announce(self, f"Copied {what}")
        self._back.start()

    def set_compact(self, compact: bool) -> None:
        """Only the icon, where room is short."""
        if compact != self._compact:
            self._compact = compact
            self._rest()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        if not self._compact:
            spare = self.fontMetrics().horizontalAdvance(COPIED) - self.fontMetrics().horizontalAdvance(self.text())
            size.setWidth(size.width() + max(0, spare))
        return size

    def _rest(self) -> None:
        self.setText("" if self._compact else "Copy")
        self.setIcon(icon("copy"))
        self.setAccessibleName(f"Copy {self._what}")
