"""Our own 20-px stroke icons, drawn in the colour of the theme in use at the moment of painting."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.ui.resources import read_text
from app.ui.theme import Tokens, blend, tokens

Tone = Literal["text", "muted", "accent", "accent_text", "ok", "server_error", "client_error"]


def icon(name: str, tone: Tone = "text") -> QIcon:
    """The icon `resources/icons/<name>.svg`; it follows theme changes by itself."""
    return QIcon(_StrokeEngine(name, tone))


def paint_icon(painter: QPainter, rect: QRectF, name: str, colour: QColor) -> None:
    """Draw an icon in any colour, for delegates and custom widgets."""
    _renderer(name, colour.name()).render(painter, rect)


def set_icon(button: QAbstractButton, name: str, tone: Tone = "text") -> None:
    """Give the button an icon of its line's height, with a little more room before a text than Qt leaves."""
    side = button.fontMetrics().height()
    button.setIconSize(QSize(side + (3 if button.text() else 0), side))
    button.setIcon(icon(name, tone))


class IconLabel(QWidget):
    """An icon beside a text, as high as the line."""

    def __init__(self, name: str, tone: Tone = "text", *, scale: float = 1.1) -> None:
        super().__init__()
        self._name = name
        self._tone = tone
        self._scale = scale

    def show_icon(self, name: str) -> None:
        self._name = name
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * self._scale)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        box = QRectF(0, 0, side, side)
        box.moveCenter(QRectF(self.rect()).center())
        paint_icon(QPainter(self), box, self._name, _colour(tokens(), self._tone, QIcon.Mode.Normal))


class _StrokeEngine(QIconEngine):
    def __init__(self, name: str, tone: Tone) -> None:
        super().__init__()
        self._name = name
        self._tone = tone

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())  # at the left: what is wider leaves a gap before the text
        square = QRectF(rect.left(), rect.top() + (rect.height() - side) / 2, side, side)
        paint_icon(painter, square, self._name, _colour(tokens(), self._tone, mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """`size` is in logical pixels (since Qt 6.8), `scale` is the device pixel ratio."""
        pixmap = QPixmap(size * scale)
        if pixmap.isNull():
            return pixmap
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _StrokeEngine(self._name, self._tone)


def _colour(now: Tokens, tone: Tone, mode: QIcon.Mode) -> QColor:
    colour: QColor = getattr(now, tone)
    return blend(now.muted, now.window, 0.55) if mode == QIcon.Mode.Disabled else colour


@lru_cache(maxsize=128)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    svg = read_text(f"icons/{name}.svg").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(svg.encode()))
