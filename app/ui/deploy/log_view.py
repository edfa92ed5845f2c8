"""A log or a plan: many lines of text that can be copied, shown when asked for."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.ui.copy_button import CopyButton
from app.ui.fonts import mono_font
from app.ui.labels import GAP

_MOST_LINES = 5000
_LONGEST_LINE = 2000  # characters; one endless line would freeze the view


class LogView(QWidget):
    """What it shows has no secrets: the deployer has masked them."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        """what: for the button and for screen readers, "log" """
        super().__init__(parent)
        self._what = what
        self._lines: list[str] = []
        self.toggle = QPushButton()
        self.toggle.setProperty("look", "link")
        self.toggle.setAutoDefault(False)
        self.toggle.clicked.connect(self._on_toggle)
        self.copy = CopyButton(what)
        self.copy.setAutoDefault(False)
        self.view = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self.view.setFont(mono_font())
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setMaximumBlockCount(_MOST_LINES)
        self.view.setAccessibleName(what.capitalize())
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.toggle)
        row.addStretch(1)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addStretch(0)  # takes the room while the view is hidden
        self.open(False)

    def _on_toggle(self) -> None:
        self.open(self.view.isHidden())

    def open(self, shown: bool) -> None:
        """Show the lines, or only the button that does."""
        self.view.setVisible(shown)
        self.copy.setVisible(shown)
        self.toggle.setText(f"Hide the {self._what}" if shown else f"Show the {self._what}")

    def show_lines(self, lines: Iterable[str]) -> None:
        """Instead of those before."""
        self._lines = [_short(line) for line in lines]
        self.view.setPlainText("\n".join(self._lines))
        self._offer()

    def append(self, line: str) -> None:
        self._lines.append(_short(line))
        self.view.appendPlainText(self._lines[-1])
        self._offer()

    def _offer(self) -> None:
        del self._lines[:-_MOST_LINES]
        self.copy.set_text_to_copy("\n".join(self._lines))


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
