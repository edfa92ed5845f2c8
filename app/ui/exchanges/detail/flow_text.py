"""Text to read and to select that breaks anywhere if it must, so that a long URL never makes its window wider."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

_LEAST = 60  # px


class FlowText(QTextEdit):
    """As high as its text in the width that it is given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTextEdit { background: transparent; border: none; padding: 0; }")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        """Does nothing if it is the same, so that a selection survives."""
        if text != self._text:
            self._text = text
            self.setPlainText(text)

    def sizeHint(self) -> QSize:
        return QSize(200, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, self._height)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # what is around it scrolls

    @property
    def _height(self) -> int:
        return max(self.fontMetrics().height(), math.ceil(self.document().size().height()))

    def _fit(self) -> None:
        if self.height() != self._height:
            self.setFixedHeight(self._height)
