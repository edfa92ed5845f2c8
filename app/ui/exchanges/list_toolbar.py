"""The bar above the list: the filter and what is wrong with it, quick buttons, pause, saved filters."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.filter.filter import EVERYTHING, Filter
from app.filter.parser import FilterError
from app.ui.exchanges.filter_box import FilterBox, Values
from app.ui.exchanges.saved_chips import SavedChips
from app.ui.icons import icon, set_icon
from app.viewmodels.exchange_filter import Quick, wanted
from app.viewmodels.saved_filters import Saved, keepable

_DEBOUNCE_MS = 150
_HINTS = {
    Quick.ALL: "All requests",
    Quick.ERRORS: "Only failed requests and status 400 and above",
    Quick.WEBSOCKET: "Only WebSockets",
}


class ListToolbar(QWidget):
    """Emits `filter_changed` (debounced while typing) and `pause_toggled`.

    A text that is no filter changes nothing: the last valid one stays active, and a line below says what is wrong.
    """

    filter_changed = Signal(object)  # Filter
    pause_toggled = Signal(bool)
    list_wanted = Signal()
    saved_changed = Signal(object)  # Saved

    def __init__(self, values: Values, saved: Saved = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = EVERYTHING
        self.box = FilterBox(values)
        self.box.setPlaceholderText(self.tr("Filter: pay status:5xx -path:/assets   /"))
        self.box.setAccessibleName(self.tr("Filter requests"))
        self.box.setToolTip(self.tr("Words, field:value, -not, OR, ( ), /regex/. Type a letter to see the fields."))
        self.box.setClearButtonEnabled(True)
        self.box.left.connect(self.list_wanted)
        self._debounce = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._debounce.timeout.connect(self._emit_filter)
        self.box.textChanged.connect(lambda: self._debounce.start())
        self.box.completed.connect(lambda: self._debounce.start())
        self._waiting = QLabel()
        self._waiting.setProperty("tone", "muted")
        self._waiting.hide()
        self.pause = self._pause_button()
        self.chips = SavedChips(saved)
        self.chips.wanted.connect(self._apply_saved)
        self.chips.changed.connect(self.saved_changed)
        self.chips.changed.connect(self._show_state)
        self.chips.left.connect(lambda: self.box.setFocus(Qt.FocusReason.OtherFocusReason))
        self._keep = QAction(icon("star", "muted"), self.tr("Save this filter (Ctrl+D)"), self)
        self._keep.triggered.connect(self._begin_saving)
        self.box.addAction(self._keep, QLineEdit.ActionPosition.TrailingPosition)
        self._keep.setVisible(False)  # only now: the box does not look before
        self.box.save_wanted.connect(self._begin_saving)

        self.mistake = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.mistake.setWordWrap(True)
        self.mistake.setProperty("tone", "problem")
        self.mistake.setContentsMargins(10, 0, 8, 6)
        self.mistake.hide()
        bar = QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self.mistake)
        outer.addWidget(self.chips)
        layout = QHBoxLayout(bar)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self.box, 1)
        layout.addSpacing(4)
        self._quick = self._quick_buttons(layout)
        layout.addSpacing(4)
        layout.addWidget(self._waiting)
        layout.addWidget(self.pause)

    @property
    def filter(self) -> Filter:
        """The last valid filter."""
        return self._filter

    def add(self, condition: str) -> None:
        """Narrow the filter further, now."""
        text = self.box.text().strip()
        self.box.setText(f"({text}) {condition}" if " OR " in text or "|" in text else f"{text} {condition}".strip())
        self._emit_filter()

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

    def _apply_saved(self, text: str) -> None:
        self.box.setText(text)
        self._emit_filter()

    def _begin_saving(self) -> None:
        text = self.box.text()
        if keepable(text, self.chips.saved):
            self.chips.begin_saving(text)

    def _show_state(self) -> None:
        text = self.box.text()
        self._keep.setVisible(keepable(text, self.chips.saved))
        self.chips.mark(text)

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
        self._show_state()
        try:
            found = wanted(self.box.text(), list(Quick)[self._quick.checkedId()])
        except FilterError as error:
            self.box.show_problems(error.problems)
            words = error.problems[0].message
            stop = "" if words.endswith("?") else "."
            self.mistake.setText(f"{words}{stop} {self.tr('The last filter stays.')}")
            # What is being completed is not finished; the list must not jump about meanwhile.
            self.mistake.setVisible(not self.box.popup.isVisible())
            return
        self.box.show_problems(())
        self.mistake.hide()
        self._filter = found
        self.filter_changed.emit(found)
