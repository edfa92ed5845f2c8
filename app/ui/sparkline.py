"""A row of small bars: the requests of the last two minutes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui.theme import blend, tokens


class Sparkline(QWidget):
    """Decoration: the numbers beside it say the same, so it takes no focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[int, ...] = ()
        self.setToolTip("Requests in the last two minutes")

    def set_bars(self, bars: tuple[int, ...]) -> None:
        if bars != self._bars:
            self._bars = bars
            self.setVisible(any(bars))
            self.update()

    def sizeHint(self) -> QSize:
        height = self.fontMetrics().height()
        return QSize(4 * 24, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        now = tokens()
        highest = max(self._bars) or 1
        pitch = self.width() / len(self._bars)
        room = self.height() - 4
        painter = QPainter(self)
        for place, count in enumerate(self._bars):
            height = max(1.0, room * count / highest)
            colour = blend(now.accent, now.base, 0.75) if count else blend(now.border, now.base, 0.4)
            painter.fillRect(QRectF(place * pitch, self.height() - 2 - height, pitch - 1, height), colour)
