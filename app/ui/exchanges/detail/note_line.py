"""The user's note on the shown request: one line below the header, there only if there is a note or one is written."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from app.domain.exchange import Exchange


class NoteLine(QWidget):
    """Emits `written` (exchange id, text) when a changed note is confirmed or left, `left` to give the focus back."""

    written = Signal(str, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchange_id = ""
        self._note = ""
        self.line = _Line()
        self.line.setPlaceholderText(self.tr("Note: what you found out about this request"))
        self.line.setAccessibleName(self.tr("Note"))
        self.line.setMaxLength(2000)
        self.line.returnPressed.connect(self._leave)
        self.line.escaped.connect(self._give_up)
        self.line.editingFinished.connect(self._save)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(QLabel("✎"))
        layout.addWidget(self.line, 1)
        self.hide()

    def show_exchange(self, exchange: Exchange) -> None:
        """What is being written is not overwritten by an event of the same exchange."""
        if exchange.id == self._exchange_id and self.line.hasFocus():
            return
        self._save()
        self._exchange_id, self._note = exchange.id, exchange.note
        self.line.setText(exchange.note)
        self.line.setCursorPosition(0)
        self.setVisible(bool(exchange.note))

    def edit(self) -> None:
        """Begin to write."""
        self.show()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def _leave(self) -> None:
        self._save()
        self.left.emit()

    def _give_up(self) -> None:
        self.line.setText(self._note)
        self.setVisible(bool(self._note))
        self.left.emit()

    def _save(self) -> None:
        text = self.line.text().strip()
        if self._exchange_id and text != self._note:
            self._note = text
            self.written.emit(self._exchange_id, text)
        if not text and not self.line.hasFocus():
            self.hide()


class _Line(QLineEdit):
    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
            return
        super().keyPressEvent(event)
