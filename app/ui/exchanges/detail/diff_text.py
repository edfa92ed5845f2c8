"""A unified diff, coloured and read-only; `step` goes from change to change."""

from __future__ import annotations

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.ui.fonts import mono_font
from app.ui.theme import theme_signals, tokens


class DiffText(QPlainTextEdit):
    """Colours are beside the signs, never alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.document().setDocumentMargin(6)
        self._colours = _Colours(self)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def step(self, direction: int) -> bool:
        """Go to the next (or previous) block of changes; False if there is none."""
        block = self.textCursor().block()
        moved = block.next() if direction > 0 else block.previous()
        while moved.isValid():
            before = moved.previous()
            if _changed(moved.text()) and not (before.isValid() and _changed(before.text())):
                cursor = QTextCursor(moved)
                self.setTextCursor(cursor)
                self.centerCursor()
                return True
            moved = moved.next() if direction > 0 else moved.previous()
        return False

    def _dress(self) -> None:
        self.setFont(mono_font())
        self._colours.dress()


class _Colours(QSyntaxHighlighter):
    def __init__(self, edit: QPlainTextEdit) -> None:
        super().__init__(edit.document())
        self._formats: dict[str, QTextCharFormat] = {}

    def dress(self) -> None:
        now = tokens()
        self._formats = {
            "+": _format(now.text, now.diff_added),
            "-": _format(now.text, now.diff_removed),
            "@": _format(now.muted),
        }
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if (found := self._formats.get(text[:1])) is not None:
            self.setFormat(0, len(text), found)


def _format(colour: QColor, background: QColor | None = None) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(colour)
    if background is not None:
        made.setBackground(background)
    return made


def _changed(line: str) -> bool:
    return line[:1] in ("+", "-")
