"""What the developer should know of an exchange although nothing failed: leaks, and answers left as they came."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.ui.theme import blend, theme_signals, tokens
from app.viewmodels.rewriting_text import Remark


class RemarkCards(QWidget):
    """One card below the other; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[_Card] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.hide()

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        while len(self._cards) < len(remarks):
            self._cards.append(_Card())
            self._column.addWidget(self._cards[-1])
        for number, card in enumerate(self._cards):
            card.show_remark(remarks[number] if number < len(remarks) else None)
        self.setVisible(bool(remarks))


class _Card(QFrame):
    """What happened and what to do; no error, so not in the colour of one."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("remark")
        self._what, self._advice = QLabel(), QLabel()
        self._advice.setProperty("tone", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        for label in (self._what, self._advice):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        self._dress()
        theme_signals().changed.connect(self._dress)

    def show_remark(self, remark: Remark | None) -> None:
        self.setVisible(remark is not None)
        if remark is not None:
            self._what.setText(remark.what)
            self._advice.setText(remark.advice)
            self._advice.setVisible(bool(remark.advice))
            self.setAccessibleName(f"{remark.what} {remark.advice}".rstrip())

    def _dress(self) -> None:
        now = tokens()
        tint = blend(now.client_error, now.base, 0.08).name()
        self.setStyleSheet(
            f"#remark {{ background: {tint}; border: none; border-left: 3px solid {now.client_error.name()};"
            " border-top-right-radius: 6px; border-bottom-right-radius: 6px; }"
        )
