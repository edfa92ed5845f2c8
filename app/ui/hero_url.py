"""The public URL, large: click or press Enter to copy it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui.announce import announce
from app.ui.copy_button import COPIED, SHOWN_MS, copy_text
from app.ui.fonts import HERO, ui_font
from app.ui.labels import RADIUS
from app.ui.theme import tokens
from app.viewmodels.plain_tip import plain_tip

_PAD = 4


class HeroUrl(QAbstractButton):
    """Elides in its middle, so that both host and tunnel name stay readable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._url = ""
        self._placeholder = ""
        self._hovered = False
        self._copied = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._copied.timeout.connect(self.update)
        self.setFont(ui_font(HERO, semibold=True))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._copy)

    def set_url(self, url: str, placeholder: str = "") -> None:
        """Show the URL, or the muted placeholder while there is none."""
        if (url, placeholder) == (self._url, self._placeholder):
            return
        self._url, self._placeholder = url, placeholder
        self._copied.stop()
        self.setEnabled(bool(url))
        self.setAccessibleName(f"Public URL {url}, press to copy" if url else placeholder)
        self.setToolTip(plain_tip(f"{url}\nClick to copy") if url else "")
        self.updateGeometry()
        self.update()

    def url(self) -> str:
        return self._url

    def shown_text(self) -> str:
        """What stands there now, before elision."""
        if self._copied.isActive():
            return COPIED
        return self._url or self._placeholder

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._url or self._placeholder) + 2 * _PAD + 2
        return QSize(width, metrics.height() + 2 * _PAD)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 12, self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(now.accent, 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        room = self.rect().adjusted(_PAD, 0, -_PAD, 0)
        copied = self._copied.isActive()
        painter.setPen(now.ok if copied else now.accent if self._url else now.muted)
        font = self.font()
        font.setUnderline(self._hovered and bool(self._url) and not copied)
        painter.setFont(font)
        text = self.fontMetrics().elidedText(self.shown_text(), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _copy(self) -> None:
        if self._url:
            copy_text(self._url)
            self._copied.start()
            announce(self, "Copied public URL")
            self.update()
