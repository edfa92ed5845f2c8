"""The state of a tunnel as a shape and a colour: ● online, ◐ on its way, ○ paused, ✕ failed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.domain.tunnel import TunnelState
from app.ui.theme import Tokens, tokens


def state_colour(state: TunnelState, now: Tokens) -> QColor:
    match state:
        case TunnelState.ONLINE:
            return now.ok
        case TunnelState.CONNECTING | TunnelState.RECONNECTING:
            return now.client_error
        case TunnelState.FAILED:
            return now.server_error
        case TunnelState.STOPPED:
            return now.muted


def paint_state(painter: QPainter, centre: QPointF, size: float, state: TunnelState) -> None:
    """Draw the glyph of `size` logical pixels; drawn, not typed, since fonts disagree about these characters."""
    colour = state_colour(state, tokens())
    stroke = size * 0.16
    radius = (size - stroke) / 2
    box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, stroke, c=Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match state:
        case TunnelState.ONLINE:
            painter.setBrush(colour)
            painter.drawEllipse(box)
        case TunnelState.CONNECTING | TunnelState.RECONNECTING:
            painter.drawEllipse(box)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPie(box, 90 * 16, 180 * 16)
        case TunnelState.STOPPED:
            painter.drawEllipse(box)
        case TunnelState.FAILED:
            inner = box.adjusted(stroke / 2, stroke / 2, -stroke / 2, -stroke / 2)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
    painter.restore()


class StateGlyph(QWidget):
    """The glyph alone, as large as the line it stands in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = TunnelState.STOPPED

    def set_state(self, state: TunnelState) -> None:
        if state is not self._state:
            self._state = state
            self.update()

    def sizeHint(self) -> QSize:
        side = self.fontMetrics().height()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_state(painter, QRectF(self.rect()).center(), self.fontMetrics().height() * 0.72, self._state)
