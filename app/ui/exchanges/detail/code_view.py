"""Read-only monospace text of any length that never holds up the loop: filled in pieces, coloured where visible."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from threading import Event

from PySide6.QtCore import QMimeData, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QTextEdit, QWidget

from app.ui.exchanges.detail.highlight import spans
from app.ui.fonts import mono_font
from app.ui.theme import Tokens, theme_signals, tokens
from app.viewmodels.body_text import Language
from app.viewmodels.laid_out import SOFT_BREAK, LaidOutText, as_it_is
from app.viewmodels.text_search import Match, characters, find_all, matches_in


class CodeView(QPlainTextEdit):
    """Text with line numbers; soft breaks (`SOFT_BREAK`) count as no line and vanish when copied."""

    menu_opening = Signal(QMenu, int, int)  # what it opens on: number of the displayed line, character in it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._language: Language = "plain"
        self._content = LaidOutText()
        self._rest: Iterator[str] = iter(())
        self._next: str | None = None
        self._continued: Sequence[int] = ()  # numbers of the blocks that continue a soft-split line
        self._digits = 2
        self._matches: Sequence[Match] = ()
        self._current = -1  # index of the match that is marked as the one looked at
        self._is_awaited = False  # whether that one's line has not been inserted yet
        self._gutter = _Gutter(self)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(6)
        self._filler = QTimer(self, singleShot=True, interval=2)
        self._filler.timeout.connect(self._append_piece)
        self._painter = QTimer(self, singleShot=True, interval=0)
        self._painter.timeout.connect(self._highlight)
        self.updateRequest.connect(self._on_update)
        self._dress()
        theme_signals().changed.connect(self._dress)

    @property
    def filling(self) -> bool:
        """Whether more of the text is still to be inserted."""
        return self._next is not None

    def set_text(self, text: str | LaidOutText, language: Language = "plain") -> None:
        """Replace the text; a long one appears piece by piece."""
        self._content = content = as_it_is(text) if isinstance(text, str) else text
        self._language = language
        self._filler.stop()
        self._matches, self._current, self._is_awaited = (), -1, False
        self._continued = content.continued
        self._rest = iter(content.pieces)
        # Once for the whole text: a changed margin lays out every block again.
        self._digits = max(2, len(str(content.lines - len(content.continued))))
        self.setExtraSelections([])
        self.setPlainText(next(self._rest, ""))
        self._next = next(self._rest, None)
        self._fit_gutter()
        if self.filling:
            self._filler.start()
        self._painter.start()

    # -- Searchable --------------------------------------------------------------------------------------------------

    def search(self, needle: str) -> Callable[[Event], list[Match]]:
        """What finds it in the text shown now; for a thread."""
        content = self._content
        return lambda stop: find_all(content.pieces, needle, stop)

    def show_matches(self, matches: Sequence[Match], current: int) -> None:
        """Mark them, and bring the current one (an index, -1 for none) into view as soon as its line is there."""
        self._matches, self._current = matches, current
        self._is_awaited = current >= 0
        self._go_to_match()
        self._painter.start()

    def _go_to_match(self) -> None:
        if not self._is_awaited:
            return
        match = self._matches[self._current]
        block = self.document().findBlockByNumber(match.line)
        if not block.isValid() or (self.filling and block.next() == self.document().end()):
            return
        self._is_awaited = False
        self.setTextCursor(self._cursor_at(block, match.column, match.length))
        self.ensureCursorVisible()

    def _cursor_at(self, block: QTextBlock, start: int, length: int) -> QTextCursor:
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + start)
        last = self.document().characterCount() - 1
        cursor.setPosition(min(block.position() + start + length, last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def sizeHint(self) -> QSize:
        return QSize(300, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self._gutter.sizeHint().width(), area.height()))
        self._painter.start()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        cursor = self.textCursor() if by_key else self.cursorForPosition(event.pos())
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = characters(cursor.block().text(), cursor.positionInBlock())
        self.menu_opening.emit(menu, cursor.blockNumber(), column)
        menu.popup(event.globalPos())

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        text = self.textCursor().selection().toPlainText()
        data.setText(text.replace(SOFT_BREAK, ""))
        return data

    def paint_gutter(self, painter: QPainter, area: QRect) -> None:
        """Paint the numbers of the visible lines."""
        painter.setFont(self.font())
        painter.setPen(tokens().muted)
        width = self._gutter.width() - 8
        height = self.fontMetrics().height()
        for block, top in self._visible_blocks():
            position = bisect_left(self._continued, block.blockNumber())
            continued = position < len(self._continued) and self._continued[position] == block.blockNumber()
            if not continued and top <= area.bottom():
                number = str(block.blockNumber() + 1 - position)
                painter.drawText(QRect(0, top, width, height), Qt.AlignmentFlag.AlignRight, number)

    def gutter_width(self) -> int:
        return self.fontMetrics().horizontalAdvance("0" * self._digits) + 18

    # -- inside ------------------------------------------------------------------------------------------------------

    def _append_piece(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._next or "")
        self._next = next(self._rest, None)
        self._go_to_match()
        if self.filling:
            self._filler.start()

    def _visible_blocks(self) -> list[tuple[QTextBlock, int]]:
        """(block, y of its top) of what the viewport shows."""
        found = []
        block = self.firstVisibleBlock()
        top = round(self.blockBoundingGeometry(block).translated(self.contentOffset()).top())
        bottom = self.viewport().height()
        while block.isValid() and top <= bottom:
            found.append((block, top))
            top += round(self.blockBoundingRect(block).height())
            block = block.next()
        return found

    def _highlight(self) -> None:
        now = tokens()
        selections = []
        for block, _ in self._visible_blocks():
            position = bisect_left(self._continued, block.blockNumber())
            continues = position < len(self._continued) and self._continued[position] == block.blockNumber()
            for start, length, colour in spans(block.text(), self._language, continues=continues, now=now):
                selection = QTextEdit.ExtraSelection()
                form = QTextCharFormat()
                form.setForeground(colour)
                selection.format = form
                selection.cursor = self._cursor_at(block, start, length)
                selections.append(selection)
            selections += self._marked(block, now)
        self.setExtraSelections(selections)

    def _marked(self, block: QTextBlock, now: Tokens) -> Iterator[QTextEdit.ExtraSelection]:
        for match in matches_in(self._matches, block.blockNumber()):
            selection = QTextEdit.ExtraSelection()
            form = QTextCharFormat()
            form.setBackground(now.found)  # the current one is selected as well
            selection.format = form
            selection.cursor = self._cursor_at(block, match.column, match.length)
            yield selection

    def _on_update(self, area: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
            self._painter.start()
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def _fit_gutter(self) -> None:
        width = self.gutter_width()
        if self.viewportMargins().left() != width:
            self.setViewportMargins(width, 0, 0, 0)
            area = self.contentsRect()
            self._gutter.setGeometry(QRect(area.topLeft(), QSize(width, area.height())))

    def _dress(self) -> None:
        self.setFont(mono_font())
        self._fit_gutter()
        self._painter.start()


class _Gutter(QWidget):
    """The line numbers, left of the text."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(self._view.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), tokens().base)
        self._view.paint_gutter(painter, event.rect())
