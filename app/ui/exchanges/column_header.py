"""The list's header: columns are moved by dragging them, and drawn wider by the edge that faces the path."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QCursor, QMouseEvent
from PySide6.QtWidgets import QHeaderView, QWidget

_GRIP = 4  # px on both sides of an edge


class ColumnHeader(QHeaderView):
    """One column takes what room the others leave. Qt would move the wrong edge of those behind it: their right one
    stands still. So edges are followed here, and whoever lays the columns out says how wide they become.

    stretched: the logical index of that column
    """

    width_wanted = Signal(int, int)  # logical index, px
    width_forgotten = Signal(int)  # logical index: as wide as by itself
    menu_wanted = Signal(QPoint)  # on the screen

    def __init__(self, stretched: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._stretched = stretched
        self._drawn = -1  # logical index of the column whose edge is being drawn
        self._sign = 1
        self._pressed_at = 0
        self._width_before = 0
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.mapToGlobal(at)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        column, sign = self._edge(event.position().toPoint().x())
        if event.button() == Qt.MouseButton.LeftButton and column >= 0:
            self._drawn, self._sign = column, sign
            self._pressed_at = event.position().toPoint().x()
            self._width_before = self.sectionSize(column)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().toPoint().x()
        if self._drawn >= 0:
            self.width_wanted.emit(self._drawn, self._width_before + self._sign * (x - self._pressed_at))
            event.accept()
            return
        if event.buttons() == Qt.MouseButton.NoButton:
            self._show_grip(self._edge(x)[0] >= 0)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drawn >= 0:
            self._drawn = -1
            event.accept()
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        column, _ = self._edge(event.position().toPoint().x())
        if column >= 0:
            self.width_forgotten.emit(column)
            event.accept()
            return
        super().mouseDoubleClickEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._show_grip(False)

    def _show_grip(self, on: bool) -> None:
        if on:
            self.viewport().setCursor(QCursor(Qt.CursorShape.SplitHCursor))
        else:
            self.viewport().unsetCursor()

    def _edge(self, x: int) -> tuple[int, int]:
        """(logical index of the column that the edge near `x` belongs to, 1 or -1 if it grows to the left); -1 for
        no edge."""
        shown = [self.logicalIndex(visual) for visual in range(self.count())]
        shown = [column for column in shown if not self.isSectionHidden(column)]
        behind = False
        for column, following in pairwise(shown):
            behind = behind or column == self._stretched
            if abs(self.sectionViewportPosition(following) - x) <= _GRIP:
                return (following, -1) if behind else (column, 1)
        return -1, 1
