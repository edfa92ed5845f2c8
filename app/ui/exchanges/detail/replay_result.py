"""One line under the replay editor: the original answer → the answer now, with a way to it."""

from __future__ import annotations

import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.detail.labels import StatusBadge
from app.ui.fonts import mono_font
from app.viewmodels.exchange_cells import duration_ms, format_duration


class ReplayResult(QWidget):
    """Hidden until something was sent."""

    exchange_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer_id = ""
        self._was, self._now = StatusBadge(), StatusBadge()
        self._was_time, self._now_time = self._figure(), self._figure()
        self._arrow = QLabel()
        self._open = QPushButton(self.tr("Show"))
        self._open.setToolTip(self.tr("Show the new request"))
        self._open.clicked.connect(lambda: self.exchange_wanted.emit(self._answer_id))
        first = QLabel(self.tr("original"))
        first.setProperty("tone", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (first, self._was, self._was_time, self._arrow, self._now, self._now_time):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self._open)
        self.hide()

    def clear(self) -> None:
        self.hide()

    def show_sending(self, original: Exchange) -> None:
        self._show_original(original)
        self._arrow.setText(self.tr("→ sending…"))
        for widget in (self._now, self._now_time, self._open):
            widget.hide()
        self.show()

    def show_answer(self, original: Exchange, answer: Exchange) -> None:
        self._show_original(original)
        self._answer_id = answer.id
        self._arrow.setText(self.tr("→ now"))
        self._now.show_exchange(answer)
        self._now_time.setText(format_duration(duration_ms(answer, time.time_ns())))
        for widget in (self._now, self._now_time, self._open):
            widget.show()
        self.show()

    def _show_original(self, original: Exchange) -> None:
        self._was.show_exchange(original)
        self._was_time.setText(format_duration(duration_ms(original, time.time_ns())))

    def _figure(self) -> QLabel:
        label = QLabel()
        label.setFont(mono_font())
        return label
