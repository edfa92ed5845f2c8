"""One line under the replay editor: the original answer → the answer now."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.detail.labels import StatusBadge
from app.ui.exchanges.detail.verdict_card import verdict_colour
from app.ui.fonts import BODY, mono_font, ui_font
from app.ui.theme import tokens
from app.viewmodels.exchange_cells import duration_ms, format_duration, verdict_text


class ReplayResult(QWidget):
    """Hidden until something was sent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._was, self._now = StatusBadge(), StatusBadge()
        self._was_time, self._now_time = self._figure(), self._figure()
        self._arrow = QLabel()
        self._verdict = QLabel()
        self._verdict.setFont(ui_font(BODY, semibold=True))
        first = QLabel(self.tr("original"))
        first.setProperty("tone", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (first, self._was, self._was_time, self._arrow, self._now, self._now_time, self._verdict):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.hide()

    def clear(self) -> None:
        self.hide()

    def show_sending(self, original: Exchange) -> None:
        self._show_original(original)
        self._arrow.setText(self.tr("→ sending…"))
        for widget in (self._now, self._now_time, self._verdict):
            widget.hide()
        self.show()

    def show_progress(self, sent: int, times: int) -> None:
        """Of several."""
        self._arrow.setText(self.tr("→ sent {0} of {1}…").format(sent, times))

    def show_answer(self, original: Exchange, answer: Exchange) -> None:
        self._show_original(original)
        self._arrow.setText(self.tr("→ now"))
        self._now.show_exchange(answer)
        self._now_time.setText(format_duration(duration_ms(answer, time.time_ns())))
        for widget in (self._now, self._now_time):
            widget.show()
        self._verdict.setVisible(answer.verdict is not None)
        if answer.verdict is not None:
            self._verdict.setText(verdict_text(answer.verdict))
            self._verdict.setStyleSheet(f"color: {verdict_colour(answer.verdict, tokens()).name()}")
        self.show()

    def _show_original(self, original: Exchange) -> None:
        self._was.show_exchange(original)
        self._was_time.setText(format_duration(duration_ms(original, time.time_ns())))

    def _figure(self) -> QLabel:
        label = QLabel()
        label.setFont(mono_font())
        return label
