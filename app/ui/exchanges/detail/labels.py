"""Small labels of the detail: text elided in the middle, and the status badge (shape, code, colour)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.exchange import Exchange
from app.ui.exchanges.status_shape import paint_shape, status_colour
from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens
from app.viewmodels.exchange_cells import StatusClass, status_class, status_text
from app.viewmodels.plain_tip import plain_tip


class ElidedLabel(QWidget):
    """One line of text that gives way in the middle; the tool tip has all of it."""

    def __init__(self, font: QFont, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._text[:200]), metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance("0" * 6), metrics.height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(tokens().text)
        text = self.fontMetrics().elidedText(self._text[:2000], Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class StatusBadge(QWidget):
    """Shape and code of an exchange in the colour of its class; follows the theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = StatusClass.PENDING
        self._text = ""
        self.setFont(mono_font())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_signals().changed.connect(self.update)

    def show_exchange(self, exchange: Exchange) -> None:
        status, text = status_class(exchange), status_text(exchange)
        if (status, text) != (self._status, self._text):
            self._status, self._text = status, text
            self.setAccessibleName(self.tr("Status {0}").format(text))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(round(self._side + 6 + metrics.horizontalAdvance(self._text) + 2), metrics.height() + 4)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = status_colour(self._status, tokens())
        paint_shape(painter, QRectF(0, (self.height() - self._side) / 2, self._side, self._side), self._status, colour)
        painter.setPen(colour)
        box = self.rect().adjusted(round(self._side + 6), 0, 0, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)

    @property
    def _side(self) -> float:
        return self.fontMetrics().ascent() * 0.86
