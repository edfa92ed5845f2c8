"""The line on top of the detail: method, path, status, duration, size."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.detail.labels import ElidedLabel, StatusBadge
from app.ui.fonts import mono_font
from app.viewmodels.exchange_cells import duration_ms, format_duration, format_running, format_size, readable


class ExchangeHeader(QWidget):
    """Shows one exchange; `tick` advances duration and size of a running one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bold = mono_font()
        bold.setBold(True)
        self._exchange: Exchange | None = None
        self._method = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._method.setFont(bold)
        self._path = ElidedLabel(mono_font())
        self._badge = StatusBadge()
        self._duration = self._figure()
        self._size = self._figure()
        layout = self._row = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._method)
        layout.addWidget(self._path, 1)
        for widget in (self._badge, self._duration, self._size):
            layout.addWidget(widget)

    def show_exchange(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._method.setText(exchange.method)
        self._path.set_text(readable(exchange.target))
        self._badge.show_exchange(exchange)
        self._size.setVisible(exchange.status is not None)
        self.tick()

    def add(self, mark: QWidget) -> None:
        """A mark of another kind, before the status."""
        self._row.insertWidget(self._row.indexOf(self._badge), mark)

    def tick(self) -> None:
        if self._exchange is not None:
            elapsed = duration_ms(self._exchange, time.time_ns())
            running = self._exchange.finished_ns is None
            self._duration.setText(format_running(elapsed) if running else format_duration(elapsed))
            self._size.setText(format_size(self._exchange.response_body.size))

    def _figure(self) -> QLabel:
        label = QLabel()
        label.setFont(mono_font())
        label.setProperty("tone", "muted")
        return label
