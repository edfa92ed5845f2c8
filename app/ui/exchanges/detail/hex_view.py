"""Bytes of any number: offset, hex, letters. Only the rows in view are ever made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QWidget

from app.content.pretty import ROW, hex_rows
from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens
from app.viewmodels.byte_search import find_bytes
from app.viewmodels.text_search import Match

_MARGIN: Final = 6
_HEX: Final = 10  # column of the first hex digit: eight of the offset, two of space
_GAP: Final = 8  # after as many bytes stands one more space
_LETTERS: Final = _HEX + ROW * 3 + 2
_MOST_COPIED: Final = 1_000_000  # bytes; a clipboard of more helps nobody


class HexView(QAbstractScrollArea):
    """Keyboard: arrows, Page and Home/End move, with Shift they select; Ctrl+C copies the selected bytes as hex."""

    moved = Signal(int, int)  # first selected byte, how many

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = b""
        self._anchor = self._cursor = 0
        self._matches: Sequence[Match] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def show_bytes(self, data: bytes) -> None:
        """Replace what is shown."""
        self._data = data
        self._anchor = self._cursor = 0
        self._matches = ()
        self.setAccessibleDescription(self.tr("%n bytes", "", len(data)))
        self._measure()
        self.verticalScrollBar().setValue(0)
        self.viewport().update()

    @property
    def selection(self) -> tuple[int, int]:
        """(first byte, how many); the byte under the cursor is always part of it."""
        if not self._data:
            return 0, 0
        first, last = sorted((self._anchor, self._cursor))
        return first, last - first + 1

    def selected_hex(self) -> str:
        """The selected bytes, e.g. `de ad be ef`."""
        return self._selected().hex(" ")

    def select(self, first: int, count: int) -> None:
        """Select and show them."""
        self._anchor, self._cursor = first, first + max(count, 1) - 1
        self._reveal(first)
        self._changed()

    # -- Searchable --------------------------------------------------------------------------------------------------

    def search(self, needle: str) -> Callable[[Event], list[Match]]:
        """Finds a text in UTF-8, or bytes given as `0xdeadbeef`; for a thread."""
        data = self._data
        return lambda stop: find_bytes(data, needle, stop)

    def show_matches(self, matches: Sequence[Match], current: int) -> None:
        """Select the current one."""
        self._matches = matches
        if current >= 0:
            match = matches[current]
            self.select(match.line * ROW + match.column, match.length)
        self.viewport().update()

    # -- events ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(300, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        now = tokens()
        painter.fillRect(event.rect(), now.base)
        first = self.verticalScrollBar().value()
        rows = self.viewport().height() // self._line + 2
        chosen, count = self.selection
        begin = first * ROW
        data = self._data[begin : begin + rows * ROW]
        for number, row in enumerate(hex_rows(data, begin)):
            y = _MARGIN + number * self._line
            start = begin + number * ROW
            left, right = max(chosen - start, 0), min(chosen + count - start, ROW)
            if self.hasFocus() or count > 1:
                for column in range(left, right):
                    painter.fillRect(self._cell(column, y), now.selected)
                    painter.fillRect(self._letter(column, y), now.selected)
            for colour, text, column in (
                (now.muted, row.offset, 0),
                (now.text, row.digits, _HEX),
                (now.ok, row.letters, _LETTERS),
            ):
                painter.setPen(colour)
                x = self._x(column)
                box = QRect(x, y, self._width * len(text) + self._width, self._line)
                painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy(self.selected_hex())
            return
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._anchor, self._cursor = 0, max(len(self._data) - 1, 0)
            self._changed()
            return
        page = max(self.viewport().height() // self._line - 1, 1) * ROW
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        row = self._cursor - self._cursor % ROW
        steps = {
            Qt.Key.Key_Left: self._cursor - 1,
            Qt.Key.Key_Right: self._cursor + 1,
            Qt.Key.Key_Up: self._cursor - ROW,
            Qt.Key.Key_Down: self._cursor + ROW,
            Qt.Key.Key_PageUp: self._cursor - page,
            Qt.Key.Key_PageDown: self._cursor + page,
            Qt.Key.Key_Home: 0 if control else row,
            Qt.Key.Key_End: len(self._data) if control else row + ROW - 1,
        }
        target = steps.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
            return
        self._move(target, keep=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            keep = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move(self._byte_at(event.position().toPoint()), keep=keep)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(self._byte_at(event.position().toPoint()), keep=True)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, text in ((self.tr("Copy as hex"), self.selected_hex), (self.tr("Copy as text"), self._as_text)):
            action = QAction(words, menu)
            action.triggered.connect(lambda _=False, text=text: self._copy(text()))
            menu.addAction(action)
        menu.popup(event.globalPos())

    # -- inside ------------------------------------------------------------------------------------------------------

    def _selected(self) -> bytes:
        first, count = self.selection
        return self._data[first : first + min(count, _MOST_COPIED)]

    def _as_text(self) -> str:
        return self._selected().decode("utf-8", "replace")

    def _copy(self, text: str) -> None:
        if text:
            QGuiApplication.clipboard().setText(text)

    def _move(self, target: int, *, keep: bool) -> None:
        if not self._data:
            return
        self._cursor = min(max(target, 0), len(self._data) - 1)
        if not keep:
            self._anchor = self._cursor
        self._reveal(self._cursor)
        self._changed()

    def _changed(self) -> None:
        self.moved.emit(*self.selection)
        self.viewport().update()

    def _reveal(self, offset: int) -> None:
        bar, row = self.verticalScrollBar(), offset // ROW
        if row < bar.value():
            bar.setValue(row)
        elif row >= bar.value() + bar.pageStep():
            bar.setValue(row - bar.pageStep() + 1)

    def _byte_at(self, point: QPoint) -> int:
        row = self.verticalScrollBar().value() + max(point.y() - _MARGIN, 0) // self._line
        column = (point.x() + self.horizontalScrollBar().value() - _MARGIN) // self._width
        if column >= _LETTERS:
            at = column - _LETTERS
        else:
            column -= _HEX
            at = (column - (column > _GAP * 3)) // 3
        return row * ROW + min(max(at, 0), ROW - 1)

    def _x(self, column: int) -> int:
        return _MARGIN + column * self._width - self.horizontalScrollBar().value()

    def _cell(self, column: int, y: int) -> QRect:
        return QRect(self._x(_HEX + column * 3 + (column >= _GAP)), y, self._width * 2, self._line)

    def _letter(self, column: int, y: int) -> QRect:
        return QRect(self._x(_LETTERS + column), y, self._width, self._line)

    def _measure(self) -> None:
        rows = -(-len(self._data) // ROW)
        visible = max((self.viewport().height() - 2 * _MARGIN) // self._line, 1)
        self.verticalScrollBar().setPageStep(visible)
        self.verticalScrollBar().setRange(0, max(rows - visible, 0))
        wide = 2 * _MARGIN + (_LETTERS + ROW) * self._width
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.horizontalScrollBar().setSingleStep(self._width)
        self.horizontalScrollBar().setRange(0, max(wide - self.viewport().width(), 0))

    def _dress(self) -> None:
        self.setFont(mono_font())
        self._line = self.fontMetrics().height()
        self._width = self.fontMetrics().horizontalAdvance("0")
        self._measure()
        self.viewport().update()
