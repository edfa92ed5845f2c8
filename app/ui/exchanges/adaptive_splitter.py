"""A splitter that puts its second part beside the first in a wide window and beneath it in a narrow one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

_NARROW = 1100  # px of the window
_BESIDE, _BENEATH = 0.44, 0.5  # share of the second part


class AdaptiveSplitter(QSplitter):
    """Gives the second part its share whenever the direction changes; in between the sizes are the user's."""

    def __init__(self, first: QWidget, second: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.addWidget(first)
        self.addWidget(second)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(0, 56)
        self.setStretchFactor(1, 44)
        self._arranged = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.window().width() < _NARROW
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if not self.isVisible() or (self._arranged and self.orientation() == wanted):
            return
        self._arranged = True
        self.setOrientation(wanted)
        length = self.height() if narrow else self.width()
        second = round(length * (_BENEATH if narrow else _BESIDE))
        self.setSizes([length - second, second])
