"""The bar above the list: filter text, quick buttons, pause."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.ui.icons import set_icon
from app.viewmodels.exchange_filter import ExchangeFilter, Quick

_DEBOUNCE_MS = 150
_HINTS = {
    Quick.ALL: "All requests",
    Quick.ERRORS: "Only failed requests and status 400 and above",
    Quick.WEBSOCKET: "Only WebSockets",
}


class FilterBox(QLineEdit):
    """A line edit that gives the focus back to the list with ↓, Enter and Esc."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self.text():
                self.clear()
            case Qt.Key.Key_Escape | Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.left.emit()
            case _:
                super().keyPressEvent(event)


class ListToolbar(QWidget):
    """Emits `filter_changed` (debounced while typing) and `pause_toggled`."""

    filter_changed = Signal(object)  # ExchangeFilter
    pause_toggled = Signal(bool)
    list_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = FilterBox()
        self.box.setPlaceholderText(self.tr("Filter by method, path or status   /"))
        self.box.setAccessibleName(self.tr("Filter requests"))
        self.box.setToolTip(self.tr("Words that all must occur; has:leak shows what came without the tunnel's prefix"))
        self.box.setClearButtonEnabled(True)
        self.box.left.connect(self.list_wanted)
        self._debounce = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._debounce.timeout.connect(self._emit_filter)
        self.box.textChanged.connect(lambda: self._debounce.start())
        self._waiting = QLabel()
        self._waiting.setProperty("tone", "muted")
        self._waiting.hide()
        self.pause = self._pause_button()

        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self.box, 1)
        layout.addSpacing(4)
        self._quick = self._quick_buttons(layout)
        layout.addSpacing(4)
        layout.addWidget(self._waiting)
        layout.addWidget(self.pause)

    @property
    def filter(self) -> ExchangeFilter:
        """What the controls say now."""
        return ExchangeFilter(self.box.text(), list(Quick)[self._quick.checkedId()])

    def clear(self) -> None:
        """Show everything again."""
        self._quick.button(0).setChecked(True)
        self.box.clear()
        self._emit_filter()

    def show_waiting(self, count: int | None) -> None:
        """Say how many requests wait while paused; None while not paused."""
        self._waiting.setVisible(count is not None)
        if count is not None:
            self._waiting.setText(self.tr("paused, %n waiting", "", count) if count else self.tr("paused"))

    def _quick_buttons(self, layout: QHBoxLayout) -> QButtonGroup:
        group = QButtonGroup(self)
        for number, quick in enumerate(Quick):
            button = QToolButton()
            button.setText(self.tr(quick.value))
            button.setToolTip(self.tr(_HINTS[quick]))
            button.setAccessibleName(self.tr(_HINTS[quick]))
            button.setCheckable(True)
            button.setChecked(number == 0)
            group.addButton(button, number)
            layout.addWidget(button)
        group.idClicked.connect(self._emit_filter)
        return group

    def _pause_button(self) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.toggled.connect(self._on_paused)
        # An icon alone: “Pause” in words is the tunnel's, and this holds back only the view.
        set_icon(button, "pause")
        button.setToolTip(self.tr("Hold arriving requests back in this list; the tunnel goes on (Space)"))
        button.setAccessibleName(self.tr("Pause the list"))
        return button

    def _on_paused(self, paused: bool) -> None:
        set_icon(self.pause, "play" if paused else "pause")
        self.pause.setAccessibleName(self.tr("Resume the list") if paused else self.tr("Pause the list"))
        self.pause_toggled.emit(paused)

    def _emit_filter(self) -> None:
        self._debounce.stop()
        self.filter_changed.emit(self.filter)
