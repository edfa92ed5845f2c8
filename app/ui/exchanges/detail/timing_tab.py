"""Where the time went: received → sent to the service → first byte → done, as horizontal bars."""

from __future__ import annotations

import time

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.domain.exchange import Exchange
from app.ui.fonts import mono_font
from app.ui.theme import blend, theme_signals, tokens
from app.viewmodels.exchange_cells import duration_ms, format_duration, format_running
from app.viewmodels.exchange_detail import Phase, lead_ms, phases

_BAR = 10
_LEAST = 2


class TimingTab(QWidget):
    """The waterfall of one exchange with its total; `tick` lets a running one grow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchange: Exchange | None = None
        self._total = QLabel()
        self._note = QLabel(self.tr("Measured where Hatchway runs; the visitor's own connection comes on top."))
        self._note.setProperty("tone", "muted")
        self._note.setWordWrap(True)
        self._bars = _Bars()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self._bars)
        layout.addWidget(self._total)
        layout.addWidget(self._note)
        layout.addStretch(1)

    def show_exchange(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.tick()

    def tick(self) -> None:
        exchange = self._exchange
        if exchange is None:
            return
        total = lead_ms(exchange) + duration_ms(exchange, time.time_ns())
        running = exchange.finished_ns is None
        self._bars.show_phases(phases(exchange), total)
        words = self.tr("Running for {0}") if running else self.tr("Total {0}")
        self._total.setText(words.format(format_running(total) if running else format_duration(total)))


class _Bars(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._phases: list[Phase] = []
        self._total = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_signals().changed.connect(self.update)

    def show_phases(self, wanted: list[Phase], total: float) -> None:
        self._phases = wanted
        self._total = total
        spoken = [f"{phase.label}: {self._length(phase)}" for phase in wanted]
        self.setAccessibleName("; ".join(spoken))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(1, len(self._phases)) * self._row)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = tokens()
        colours = (now.muted, now.websocket, now.accent)
        scale = self.width() / max(self._total, 0.001)
        for number, phase in enumerate(self._phases):
            top = number * self._row
            line = QRect(0, top, self.width(), self.fontMetrics().height() + 2)
            painter.setPen(now.text)
            painter.setFont(self.font())
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, phase.label)
            painter.setPen(now.muted)
            painter.setFont(mono_font())
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._length(phase))
            track = QRectF(0, line.bottom() + 3, self.width(), _BAR)
            self._fill(painter, track, blend(now.border, now.window, 0.18))
            end = self._total if phase.end is None else phase.end
            left = min(phase.start * scale, self.width() - _LEAST)
            width = max(_LEAST, (end - phase.start) * scale)
            self._fill(
                painter, QRectF(left, track.top(), width, _BAR), colours[(number - max(0, len(self._phases) - 3)) % 3]
            )

    @staticmethod
    def _fill(painter: QPainter, area: QRectF, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(area, min(3.0, area.width() / 2), 3)

    def _length(self, phase: Phase) -> str:
        if phase.end is None:
            return f"{format_running(max(0.0, self._total - phase.start))} …"
        return format_duration(phase.end - phase.start)

    @property
    def _row(self) -> int:
        return self.fontMetrics().height() + 2 + 3 + _BAR + 12
