"""The list of completions below the filter box: what would be typed, and beside it a sentence or a count."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.filter.completion import Candidate
from app.ui.theme import tokens

_ROWS = 9
_TEXT = Qt.ItemDataRole.UserRole
_HINT = Qt.ItemDataRole.UserRole + 1
_PAD = 8
_GAP = 24


class CompletionPopup(QListWidget):
    """Never takes the focus: keys reach it through its owner, the box."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setWindowFlags(Qt.WindowType.ToolTip)  # shows without taking the focus
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(owner)
        self.setObjectName("completions")
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_TwoColumns(self))
        self.setAccessibleName(self.tr("Completions"))

    def offer(self, found: Sequence[Candidate]) -> None:
        """Show these below the owner, none of them chosen."""
        self.clear()
        for candidate in found:
            # What a screen reader says.
            item = QListWidgetItem(f"{candidate.text}   {candidate.hint}".rstrip())
            item.setData(_TEXT, candidate.text)
            item.setData(_HINT, candidate.hint)
            self.addItem(item)
        rows = min(len(found), _ROWS)
        bar = self.verticalScrollBar().sizeHint().width() if len(found) > _ROWS else 0
        metrics = self.fontMetrics()
        texts = max(metrics.horizontalAdvance(candidate.text) for candidate in found)
        hints = max(metrics.horizontalAdvance(candidate.hint) for candidate in found)
        width = texts + hints + _GAP + 2 * _PAD + bar + 2 * self.frameWidth()
        screen = self._owner.screen().availableGeometry()
        self.resize(
            min(max(width, self._owner.width() // 2), screen.width()),
            self.sizeHintForRow(0) * rows + 2 * self.frameWidth(),
        )
        at = self._owner.mapToGlobal(QPoint(0, self._owner.height() + 2))
        self.move(max(screen.left(), min(at.x(), screen.right() - self.width())), at.y())
        self.show()

    def chosen_text(self) -> str:
        """The completion that is chosen, or the first."""
        item = self.item(max(self.currentRow(), 0))
        return "" if item is None else str(item.data(_TEXT))


class _TwoColumns(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, option.fontMetrics.height() + 8)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        now = tokens()
        row: QRect = option.rect
        view = option.widget
        if isinstance(view, QListWidget) and view.currentRow() == index.row():
            painter.fillRect(row, now.selected)
        box = row.adjusted(_PAD, 0, -_PAD, 0)
        text, hint = str(index.data(_TEXT)), str(index.data(_HINT))
        metrics = option.fontMetrics
        beside = box.width() - metrics.horizontalAdvance(text) - _GAP // 2
        hint_width = min(metrics.horizontalAdvance(hint) + 1, max(beside, box.width() // 3))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(now.muted)
        painter.drawText(
            box,
            middle | Qt.AlignmentFlag.AlignRight,
            metrics.elidedText(hint, Qt.TextElideMode.ElideRight, hint_width),
        )
        painter.setPen(now.text)
        room = box.width() - hint_width - _GAP // 2
        painter.drawText(
            box,
            middle | Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room),
        )
