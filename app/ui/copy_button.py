"""A button that copies a text and says so in its own place for a moment."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QWidget

from app.ui.announce import announce
from app.ui.icons import set_icon

COPIED = "Copied ✓"
SHOWN_MS = 1200


def copy_text(text: str) -> None:
    """Put the text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


class CopyButton(QPushButton):
    """`Copy` becomes `Copied ✓` for 1.2 s; the width is that of the longer word, so nothing moves."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        """`what` names the thing for screen readers ("public URL")."""
        super().__init__(parent)
        self._what = what
        self._text = ""
        self._back = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._back.timeout.connect(self._rest)
        self._compact = False
        self.clicked.connect(self.copy)
        self._rest()

    def set_text_to_copy(self, text: str) -> None:
        """An empty text disables the button."""
        self._text = text
        self.setEnabled(bool(text))

    def copy(self) -> None:
        if self._text:
            copy_text(self._text)
            self.confirm(self._what)

    def confirm(self, what: str) -> None:
        """Show and speak that `what` was copied."""
        self.setText("" if self._compact else COPIED)
        announce(self, f"Copied {what}")
        self._back.start()

    def set_compact(self, compact: bool) -> None:
        """Only the icon, where room is short."""
        if compact != self._compact:
            self._compact = compact
            self._rest()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        if self._compact:
            return super().sizeHint()
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = COPIED
        words = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, COPIED)
        content = QSize(self.iconSize().width() + 4 + words.width(), max(self.iconSize().height(), words.height()))
        return self.style().sizeFromContents(QStyle.ContentsType.CT_PushButton, option, content, self)

    def _rest(self) -> None:
        self.setText("" if self._compact else "Copy")
        set_icon(self, "copy")
        self.setAccessibleName(f"Copy {self._what}")
