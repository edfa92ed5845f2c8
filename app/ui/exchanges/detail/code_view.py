"""Read-only monospace text of any length that never holds up the loop: filled in pieces, coloured where visible."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QMimeData, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from app.ui.exchanges.detail.highlight import spans
from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens
from app.viewmodels.body_text import SOFT_BREAK, Language

_PIECE = 32 * 1024  # characters per turn of the loop: a few milliseconds of layout


class CodeView(QPlainTextEdit):
    """Text with line numbers; soft breaks (`SOFT_BREAK`) count as no line and vanish when copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._language: Language = "plain"
        self._rest: Iterator[str] = iter(())
        self._next: str | None = None
        self._continued: list[int] = []  # numbers of the blocks that continue a soft-split line
        self._digits = 2
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

    def set_text(self, text: str | Sequence[str], language: Language = "plain") -> None:
        """Replace the text, given whole or in pieces; a long one appears piece by piece."""
        given = [text] if isinstance(text, str) else text
        self._language = language
        self._filler.stop()
        self._continued = _continued_blocks(given)
        # Sliced when their turn comes: to copy tens of megabytes at once takes longer than a frame.
        self._rest = (piece[start : start + _PIECE] for piece in given for start in range(0, len(piece), _PIECE))
        # Once for the whole text: a changed margin lays out every block again.
        self._digits = max(2, len(str(sum(piece.count("\n") for piece in given) + 1 - len(self._continued))))
        self.setExtraSelections([])
        self.setPlainText(next(self._rest, ""))
        self._next = next(self._rest, None)
        self._fit_gutter()
        if self.filling:
            self._filler.start()
        self._painter.start()

    def sizeHint(self) -> QSize:
        return QSize(300, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self._gutter.sizeHint().width(), area.height()))
        self._painter.start()

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
        if self._language == "hex":
            return 0
        return self.fontMetrics().horizontalAdvance("0" * self._digits) + 18

    # -- inside ------------------------------------------------------------------------------------------------------

    def _append_piece(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._next or "")
        self._next = next(self._rest, None)
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
                cursor = QTextCursor(block)
                cursor.setPosition(block.position() + start)
                cursor.setPosition(block.position() + start + length, QTextCursor.MoveMode.KeepAnchor)
                selection.format = form
                selection.cursor = cursor
                selections.append(selection)
        self.setExtraSelections(selections)

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


def _continued_blocks(pieces: Sequence[str]) -> list[int]:
    """Block numbers that begin right after a soft break; none of those goes across pieces."""
    found: list[int] = []
    number = 0
    for text in pieces:
        start = 0
        while (end := text.find(SOFT_BREAK, start)) >= 0:
            number += text.count("\n", start, end) + 1
            found.append(number)
            start = end + len(SOFT_BREAK)
        number += text.count("\n", start)
    return found
