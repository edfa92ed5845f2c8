"""One text of a comparison, read-only, its rows coloured and their changed parts marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.content.line_diff import Row, Span
from app.ui.fonts import mono_font
from app.ui.theme import blend, theme_signals, tokens

Line = tuple[str, str, tuple[Span, ...]]
"""(sign, text, marks): the sign is `+`, `-`, ` ` or `@`; colours are beside it, never alone."""


class DiffPane(QPlainTextEdit):
    """Shows lines; `step` goes from change to change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.document().setDocumentMargin(6)
        self._lines: Sequence[Line] = ()
        self._colours = _Colours(self)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Replace what is shown."""
        self._lines = self._colours.lines = lines
        self.setPlainText("\n".join([f"{sign} {text}" if sign or text else "" for sign, text, _ in lines]))

    def go_to(self, number: int) -> None:
        """Show that line in the middle, with the cursor in it."""
        self.setTextCursor(QTextCursor(self.document().findBlockByNumber(number)))
        self.centerCursor()

    @property
    def current(self) -> int:
        """The number of the line with the cursor."""
        return self.textCursor().blockNumber()

    def _dress(self) -> None:
        self.setFont(mono_font())
        self._colours.dress()


class _Colours(QSyntaxHighlighter):
    def __init__(self, edit: QPlainTextEdit) -> None:
        super().__init__(edit.document())
        self.lines: Sequence[Line] = ()
        self._formats: dict[str, QTextCharFormat] = {}
        self._marks: dict[str, QTextCharFormat] = {}

    def dress(self) -> None:
        now = tokens()
        self._formats = {
            "+": _format(now.text, now.diff_added),
            "-": _format(now.text, now.diff_removed),
            "@": _format(now.muted),
        }
        self._marks = {
            "+": _format(now.text, blend(now.ok, now.diff_added, 0.3)),
            "-": _format(now.text, blend(now.server_error, now.diff_removed, 0.3)),
        }
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        number = self.currentBlock().blockNumber()
        if number >= len(self.lines):
            return
        sign, _, marks = self.lines[number]
        if (found := self._formats.get(sign)) is not None:
            self.setFormat(0, _units(text), found)
        for start, end in marks if sign in self._marks else ():
            before = _units(text[: start + 2])  # behind the sign and its space
            self.setFormat(before, _units(text[start + 2 : end + 2]), self._marks[sign])


def unified_lines(rows: Sequence[Row]) -> list[Line]:
    """All in one column: what was removed stands above what came in its place."""
    lines: list[Line] = []
    added: list[Line] = []
    for row in rows:
        if row.kind in ("equal", "gap"):
            lines += added
            added = []
            lines.append((" ", row.left, ()) if row.kind == "equal" else _gap(row))
            continue
        if row.kind != "added":
            lines.append(("-", row.left, row.left_marks))
        if row.kind != "removed":
            added.append(("+", row.right, row.right_marks))
    return lines + added


def beside_lines(rows: Sequence[Row]) -> tuple[list[Line], list[Line]]:
    """Two columns of equal length; a line that a side has not is empty there."""
    left: list[Line] = []
    right: list[Line] = []
    for row in rows:
        if row.kind == "gap":
            left.append(_gap(row))
            right.append(_gap(row))
            continue
        same = row.kind == "equal"
        left.append(("", "", ()) if row.kind == "added" else (" " if same else "-", row.left, row.left_marks))
        right.append(("", "", ()) if row.kind == "removed" else (" " if same else "+", row.right, row.right_marks))
    return left, right


def _gap(row: Row) -> Line:
    return ("@", f"… {row.left} equal", ())


def _units(text: str) -> int:
    """Qt counts in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _format(colour: QColor, background: QColor | None = None) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(colour)
    if background is not None:
        made.setBackground(background)
    return made
