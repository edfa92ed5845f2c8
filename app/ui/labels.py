"""Labels with a tone, with elision, and the metrics of which the layouts are made."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.viewmodels.plain_tip import plain_tip

Tone = Literal["text", "muted", "problem", "ok"]

GAP = 8
PANEL = 12
DIALOG = 20
RADIUS = 6


def label(text: str = "", *, tone: Tone = "text", font: QFont | None = None, wrap: bool = False) -> QLabel:
    """A plain-text label; the tone picks its colour in the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    made.setProperty("tone", tone)
    if font is not None:
        made.setFont(font)
    return made


def set_tone(target: QWidget, tone: Tone) -> None:
    """Change the tone of a label that is already shown."""
    set_look(target, "tone", tone)


def set_look(target: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and apply the style sheet again."""
    if target.property(name) != value:
        target.setProperty(name, value)
        target.style().unpolish(target)
        target.style().polish(target)


class ElidedLabel(QLabel):
    """One line that gives up its tail (or middle) before it makes its window wider; the tooltip has it all."""

    def __init__(self, *, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, tone: Tone = "text") -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, room.width())
        self.setToolTip(plain_tip(self.text()) if shown != self.text() else "")
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            room,
            int(self.alignment() | Qt.AlignmentFlag.AlignVCenter),
            self.palette(),
            self.isEnabled(),
            shown,
            QPalette.ColorRole.WindowText,
        )
