"""What a replay may do: change data, or leave this computer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


class ReplayWarning(QLabel):
    """One sentence above the button that sends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.show_risk("", "")

    def show_risk(self, elsewhere: str, changing: str) -> None:
        """elsewhere: the origin, if it is not on this computer; changing: the method, if it usually changes data"""
        may_change = self.tr("; {0} may change data").format(changing) if changing else ""
        words = self.tr("Sends a real request to your service{0}.").format(may_change)
        if elsewhere:
            words = self.tr("Leaves this computer: {0} gets all of it, its cookies and passwords too{1}.").format(
                elsewhere, may_change
            )
        self.show_words(words, wrong=bool(elsewhere))

    def show_words(self, words: str, *, wrong: bool) -> None:
        """Something else that is to be known before sending."""
        self.setText(words)
        self.setProperty("tone", "problem" if wrong else "muted")
        self.style().polish(self)
