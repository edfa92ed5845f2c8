"""Read-only text of any length: only what is in view is ever looked at, so the length costs nothing.

`CodeView` serves texts that a widget of Qt's can hold without a noticeable pause; this one all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
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

from app.ui.exchanges.detail.line_painter import LinePainter
from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens
from app.viewmodels.body_text import Language
from app.viewmodels.laid_out import LaidOutText
from app.viewmodels.text_lines import LineIndex, Place
from app.viewmodels.text_search import Match, characters, find_all, matches_in

_MARGIN: Final = 6


class LongTextView(QAbstractScrollArea):
    """Line numbers, colours, selection by mouse and keys, Ctrl+C; soft breaks vanish when copied."""

    menu_opening = Signal(QMenu, int, int)  # what it opens on: number of the displayed line, character in it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = LaidOutText()
        self._lines = LineIndex(self._content)
        self._language: Language = "plain"
        self._anchor: Place = (0, 0)
        self._cursor: Place = (0, 0)
        self._matches: Sequence[Match] = ()
        self._lines_painter = LinePainter(mono_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def set_text(self, content: LaidOutText, language: Language = "plain") -> None:
        """Replace what is shown."""
        self._content, self._language = content, language
        self._lines = LineIndex(content)
        self._anchor = self._cursor = (0, 0)
        self._matches = ()
        self.setAccessibleDescription(self.tr("%n lines", "", content.lines - len(content.continued)))
        self._measure()
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self.viewport().update()

    @property
    def line_count(self) -> int:
        """Displayed lines, broken ones counted."""
        return self._content.lines

    def line(self, number: int) -> str:
        """A line as displayed."""
        return self._lines.line(number)

    def selected_text(self) -> str:
        """Without soft breaks."""
        return self._lines.between(*sorted((self._anchor, self._cursor)))

    def place_at(self, point: QPoint) -> Place:
        """The line and character at a point of the viewport."""
        row = (point.y() - _MARGIN) // self._height
        number = min(max(self.verticalScrollBar().value() + row, 0), self._content.lines - 1)
        x = point.x() - self._left() + self.horizontalScrollBar().value()
        return number, self._lines_painter.column_at(self._lines.shown(number), x)

    # -- Searchable --------------------------------------------------------------------------------------------------

    def search(self, needle: str) -> Callable[[Event], list[Match]]:
        """What finds it in the text shown now; for a thread."""
        content = self._content
        return lambda stop: find_all(content.pieces, needle, stop)

    def show_matches(self, matches: Sequence[Match], current: int) -> None:
        """Mark them; select and show the current one (an index, -1 for none)."""
        self._matches = matches
        if current >= 0:
            match = matches[current]
            text = self._lines.line(match.line)
            start = characters(text, match.column)
            self._anchor = (match.line, start)
            self._cursor = self._lines.further(self._anchor, match.length)
            self._reveal(self._anchor, centre=True)
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
        left, shift = self._left(), self.horizontalScrollBar().value()
        start, end = sorted((self._anchor, self._cursor))
        first = self.verticalScrollBar().value()
        for number in range(first, min(first + self.viewport().height() // self._height + 2, self._content.lines)):
            y = _MARGIN + (number - first) * self._height
            line = self._lines.line(number)
            continues = self._lines.continues(number)
            painter.setClipRect(QRect(left, y, self.viewport().width() - left, self._height))
            for match in matches_in(self._matches, number):
                begin, stop = (characters(line, at) for at in (match.column, match.column + match.length))
                painter.fillRect(self._box(line, begin, stop, y), now.found)
            if start[0] <= number <= end[0] and start != end:
                begin = start[1] if number == start[0] else 0
                stop = end[1] if number == end[0] else len(line) + 1
                painter.fillRect(self._box(line, begin, stop, y), now.selected)
            origin = QPointF(left - shift, y)
            visible = (shift, shift + self.viewport().width() - left)
            self._lines_painter.paint(painter, origin, line, self._language, continues, visible)
            painter.setClipping(False)
            if not continues:
                painter.setPen(now.muted)
                box = QRect(0, y, left - 10, self._height)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight, str(self._lines.real_number(number)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
            return
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._select_all()
            return
        number, column = self._cursor
        end = self._lines.end_of(number)
        page = max(self.viewport().height() // self._height - 1, 1)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        last = self._content.lines - 1
        steps = {
            Qt.Key.Key_Left: (number, column - 1) if column or not number else self._lines.end_of(number - 1),
            Qt.Key.Key_Right: (number, column + 1)
            if (number, column) < self._lines.end_of(number)
            else (number + 1, 0),
            Qt.Key.Key_Up: (number - 1, column),
            Qt.Key.Key_Down: (number + 1, column),
            Qt.Key.Key_PageUp: (number - page, column),
            Qt.Key.Key_PageDown: (number + page, column),
            Qt.Key.Key_Home: (0, 0) if control else (number, 0),
            Qt.Key.Key_End: self._lines.end_of(last) if control else end,
        }
        target = steps.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
            return
        self._move(target, keep=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            keep = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move(self.place_at(event.position().toPoint()), keep=keep)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(self.place_at(event.position().toPoint()), keep=True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number, column = self.place_at(event.position().toPoint())
        line = self._lines.shown(number)
        start = end = column
        while start and (line[start - 1].isalnum() or line[start - 1] in "_-"):
            start -= 1
        while end < len(line) and (line[end].isalnum() or line[end] in "_-"):
            end += 1
        self._anchor, self._cursor = (number, start), (number, end)
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Copy"), self._copy).setEnabled(self._anchor != self._cursor)
        menu.addAction(self.tr("Select all"), self._select_all)
        self.menu_opening.emit(menu, *(self._cursor if by_key else self.place_at(event.pos())))
        menu.popup(event.globalPos())

    # -- inside ------------------------------------------------------------------------------------------------------

    def _copy(self) -> None:
        if self._anchor != self._cursor:
            QGuiApplication.clipboard().setText(self.selected_text())

    def _select_all(self) -> None:
        self._anchor = (0, 0)
        self._cursor = self._lines.end_of(self._content.lines - 1)
        self.viewport().update()

    def _move(self, target: Place, *, keep: bool) -> None:
        number = min(max(target[0], 0), self._content.lines - 1)
        column = min(max(target[1], 0), len(self._lines.shown(number)))
        self._cursor = (number, column)
        if not keep:
            self._anchor = self._cursor
        self._reveal(self._cursor)
        self.viewport().update()

    def _reveal(self, place: Place, *, centre: bool = False) -> None:
        bar, (number, column) = self.verticalScrollBar(), place
        if not bar.value() <= number < bar.value() + bar.pageStep():
            below = number >= bar.value()
            bar.setValue(number - bar.pageStep() // 2 if centre else number - (bar.pageStep() - 1) * below)
        wide = self.horizontalScrollBar()
        x = round(self._lines_painter.x_of(self._lines.line(number), column))
        room = self.viewport().width() - self._left() - 2 * _MARGIN
        if not wide.value() <= x <= wide.value() + room:
            wide.setValue(max(x - room // 2, 0))

    def _box(self, line: str, start: int, end: int, y: int) -> QRect:
        """From one character to another one; a line end that is inside is a little wide."""
        begin = round(self._lines_painter.x_of(line, start))
        stop = round(self._lines_painter.x_of(line, min(end, len(line)))) + (
            self._height // 3 if end > len(line) else 0
        )
        return QRect(self._left() - self.horizontalScrollBar().value() + begin, y, max(stop - begin, 1), self._height)

    def _left(self) -> int:
        digits = max(2, len(str(self._content.lines - len(self._content.continued))))
        return self.fontMetrics().horizontalAdvance("0" * digits) + 18 + _MARGIN

    def _measure(self) -> None:
        page = max((self.viewport().height() - 2 * _MARGIN) // self._height, 1)
        self.verticalScrollBar().setPageStep(page)
        self.verticalScrollBar().setRange(0, max(self._content.lines - page, 0))
        room = self.viewport().width() - self._left() - _MARGIN
        width = (self._content.widest + 1) * self.fontMetrics().horizontalAdvance("0")
        self.horizontalScrollBar().setPageStep(max(room, 1))
        self.horizontalScrollBar().setSingleStep(20)
        self.horizontalScrollBar().setRange(0, max(width - room, 0))

    def _dress(self) -> None:
        self.setFont(mono_font())
        self._lines_painter = LinePainter(self.font())
        self._height = self.fontMetrics().height()
        self._measure()
        self.viewport().update()
