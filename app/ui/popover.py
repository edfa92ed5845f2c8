"""A small frame below what was pressed; closes on Esc or on a click elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.ui.labels import GAP, PANEL


class Popover(QFrame):
    """Fill `column`, then show it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(PANEL, PANEL, PANEL, PANEL)
        self.column.setSpacing(GAP)

    def show_below(self, anchor: QWidget) -> None:
        """Open below the anchor, moved inwards where the screen ends."""
        self.ensurePolished()  # the style sheet's border belongs to the size
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(0, anchor.height() + 4))
        screen = anchor.screen().availableGeometry().adjusted(4, 4, -4, -4)
        left = max(screen.left(), min(corner.x(), screen.right() - self.width()))
        top = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(left, top)
        self.show()
