"""The public URL as a QR code in a popover, computed and drawn on this machine."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.domain.tunnel import Scope
from app.ui.fonts import SECONDARY, ui_font
from app.ui.labels import PANEL, ElidedLabel, label
from app.ui.popover import Popover
from app.viewmodels.tunnel_text import scope_explanation

_QUIET = 4  # modules of white around the code (ISO/IEC 18004, section 5.3.8)
_MODULE = 5  # logical pixels


class QrCode(QWidget):
    """Dark on white in both themes: many readers refuse inverted codes."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        import segno  # takes 30 ms to import and is needed by few sessions

        super().__init__(parent)
        self._rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
        self.setAccessibleName(f"QR code of {text}")

    def sizeHint(self) -> QSize:
        side = (len(self._rows) + 2 * _QUIET) * _MODULE
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.white))
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    place = QRect((x + _QUIET) * _MODULE, (y + _QUIET) * _MODULE, _MODULE, _MODULE)
                    painter.fillRect(place, QColor(Qt.GlobalColor.black))


class QrPopover(Popover):
    """Says honestly from where the URL can be opened."""

    def __init__(self, url: str, scope: Scope, parent: QWidget) -> None:
        super().__init__(parent)
        code = QrCode(url)
        address = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        address.setText(url)
        address.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        reach = label(scope_explanation(scope), tone="muted", font=ui_font(SECONDARY), wrap=True)
        reach.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setFixedWidth(max(code.sizeHint().width(), self.fontMetrics().averageCharWidth() * 44) + 2 * PANEL)
        self.column.addWidget(code, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addWidget(address)
        self.column.addWidget(reach)
