"""The verdict on a replay in the largest words of the detail: is it fixed?"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.domain.verdict import Verdict
from app.ui.fonts import BODY, ui_font
from app.ui.theme import Tokens, blend, theme_signals, tokens
from app.viewmodels.exchange_cells import verdict_text


class VerdictCard(QFrame):
    """Hidden while there is no verdict."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        self._verdict: Verdict | None = None
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setFont(ui_font(BODY, semibold=True))
        self._why = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._why.setWordWrap(True)
        self._why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._why)
        theme_signals().changed.connect(self._dress)
        self.hide()

    def show_verdict(self, verdict: Verdict | None, explanation: str = "") -> None:
        self._verdict = verdict
        self.setVisible(verdict is not None)
        self._title.setText(verdict_text(verdict).capitalize())
        self._why.setText(explanation)
        self._why.setVisible(bool(explanation))
        self.setAccessibleName(f"{'' if verdict is None else verdict.value.replace('-', ' ')}: {explanation}")
        self._dress()

    def _dress(self) -> None:
        if self._verdict is None:
            return
        now = tokens()
        colour = verdict_colour(self._verdict, now)
        self.setStyleSheet(
            f"#verdict {{ background: {blend(colour, now.base, 0.08).name()}; border: none;"
            f" border-left: 3px solid {colour.name()}; border-top-right-radius: 6px;"
            " border-bottom-right-radius: 6px; }"
        )


def verdict_colour(verdict: Verdict, now: Tokens) -> QColor:
    """Good, bad, or worth a look."""
    match verdict:
        case Verdict.FIXED | Verdict.SAME:
            return now.ok
        case Verdict.CHANGED:
            return now.client_error
    return now.server_error
