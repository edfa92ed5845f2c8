"""A splitter that puts its second part beside the first in a wide window and beneath it in a narrow one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

_NARROW = 1100  # px of the window
_BESIDE, _BENEATH = 0.44, 0.5  # share of the second part
_SLACK = 8  # px


class AdaptiveSplitter(QSplitter):
    """Gives the second part its share whenever the direction changes, and when it needs less than it did; once the
    user has moved the handle, the sizes are theirs until the direction changes."""

    def __init__(self, first: QWidget, second: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.addWidget(first)
        self.addWidget(second)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(0, 56)
        self.setStretchFactor(1, 44)
        self._arranged = False
        self._moved = False
        self.splitterMoved.connect(self._on_moved)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        taken = event.type() == QEvent.Type.LayoutRequest and self._arranged and not self._moved
        if taken and self.sizes()[1] > self._wanted[1] + _SLACK:
            self.setSizes(self._wanted)
        return done

    def _on_moved(self) -> None:
        self._moved = True

    def _arrange(self) -> None:
        narrow = self.window().width() < _NARROW
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if not self.isVisible() or (self._arranged and self.orientation() == wanted):
            return
        self._arranged = True
        self._moved = False
        self.setOrientation(wanted)
        self.setSizes(self._wanted)

    @property
    def _wanted(self) -> list[int]:
        narrow = self.orientation() == Qt.Orientation.Vertical
        length = self.height() if narrow else self.width()
        second = round(length * (_BENEATH if narrow else _BESIDE))
        return [length - second, second]
