"""The saved filters as a row of chips below the filter box; nothing is shown as long as there are none."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QToolButton, QWidget

from app.domain.settings import SavedFilter
from app.ui.announce import announce
from app.ui.flow_layout import FlowLayout
from app.viewmodels.saved_filters import LONGEST_NAME, Change, Saved, renamed, suggested_name, with_filter, without


class SavedChips(QWidget):
    """Emits `wanted` with the text of a chip that was pressed (empty when it was pressed again), `changed` with all
    saved filters after an edit, `left` when the naming ended."""

    wanted = Signal(str)
    changed = Signal(object)  # Saved
    left = Signal()

    def __init__(self, saved: Saved, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._saved = saved
        self._chips: dict[str, _Chip] = {}
        self._active = ""
        self._naming: tuple[str, str] = ("", "")  # (filter to keep, name it has already)
        self._layout = FlowLayout(self)
        self._layout.setContentsMargins(8, 0, 8, 6)
        self.setAccessibleName(self.tr("Saved filters"))
        self.name_box = _NameBox()
        self.name_box.setMaxLength(LONGEST_NAME)
        self.name_box.setPlaceholderText(self.tr("Name of the filter"))
        self.name_box.setAccessibleName(self.tr("Name of the filter"))
        self.name_box.returnPressed.connect(self._finish_naming)
        self.name_box.given_up.connect(self._end_naming)
        self.problem = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.problem.setProperty("tone", "problem")
        for widget in (self.name_box, self.problem):
            widget.hide()
        self._rebuild()

    @property
    def saved(self) -> Saved:
        return self._saved

    def mark(self, text: str) -> None:
        """Show which saved filter is the one in use."""
        self._active = text.strip()
        for chip in self._chips.values():
            chip.setChecked(chip.filter.text == self._active)

    def begin_saving(self, text: str) -> None:
        """Ask for a name for the filter."""
        self._name(text, "", suggested_name(text))

    # -- inside ------------------------------------------------------------------------------------------------------

    def _name(self, text: str, old: str, suggestion: str) -> None:
        self._naming = (text, old)
        self.problem.hide()
        self.name_box.setText(suggestion)
        self.name_box.selectAll()
        self.name_box.show()
        self._update_room()
        self.name_box.setFocus(Qt.FocusReason.OtherFocusReason)

    def _finish_naming(self) -> None:
        text, old = self._naming
        name = self.name_box.text()
        change = renamed(self._saved, old, name) if old else with_filter(self._saved, name, text)
        if change.problem:
            self.problem.setText(change.problem)
            self.problem.show()
            announce(self.problem, change.problem)
            return
        self._apply(change)
        self._end_naming()

    def _end_naming(self) -> None:
        had_focus = self.name_box.hasFocus()
        self.name_box.hide()
        self.problem.hide()
        self._update_room()
        if had_focus:
            self.left.emit()

    def _apply(self, change: Change) -> None:
        if change.saved != self._saved:
            self._saved = change.saved
            self._rebuild()
            self.changed.emit(self._saved)

    def _rebuild(self) -> None:
        for chip in self._chips.values():
            chip.hide()
            chip.deleteLater()
        while self._layout.takeAt(0) is not None:
            pass  # their widgets belong to us
        self._chips = {each.name: self._chip(each) for each in self._saved}
        for widget in (*self._chips.values(), self.name_box, self.problem):
            self._layout.addWidget(widget)
        for chip in self._chips.values():
            chip.show()  # at once, so that it can take the focus
        self.mark(self._active)
        self._update_room()

    def _chip(self, saved: SavedFilter) -> _Chip:
        chip = _Chip(saved)
        chip.clicked.connect(lambda pressed: self.wanted.emit(saved.text if pressed else ""))
        chip.removed.connect(partial(self._remove, saved.name))
        chip.customContextMenuRequested.connect(partial(self._open_menu, saved.name))
        return chip

    def _open_menu(self, name: str, at: QPoint) -> None:
        chip = self._chips[name]
        menu = QMenu(chip)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = QAction(self.tr("Rename…"), menu)
        rename.triggered.connect(lambda: self._name("", name, name))
        delete = QAction(self.tr("Delete"), menu)
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        delete.triggered.connect(lambda: self._remove(name))
        menu.addActions([rename, delete])
        menu.popup(chip.mapToGlobal(at))

    def _remove(self, name: str) -> None:
        row = list(self._chips).index(name)
        had_focus = self._chips[name].hasFocus()
        self._apply(without(self._saved, name))
        if had_focus and self._chips:
            list(self._chips.values())[min(row, len(self._chips) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)
        elif had_focus:
            self.left.emit()

    def _update_room(self) -> None:
        self.setVisible(bool(self._chips) or not self.name_box.isHidden())
        self.updateGeometry()


class _Chip(QToolButton):
    """Enter and Space press it, Delete removes it, the menu key and a right click open its menu."""

    removed = Signal()

    def __init__(self, saved: SavedFilter) -> None:
        super().__init__()
        self.filter = saved
        self.setProperty("look", "chip")
        self.setText(saved.name.replace("&", "&&"))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(saved.text)
        self.setAccessibleName(self.tr("Saved filter {0}").format(saved.name))
        self.setAccessibleDescription(saved.text)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.removed.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case _:
                super().keyPressEvent(event)


class _NameBox(QLineEdit):
    """Esc gives up."""

    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
