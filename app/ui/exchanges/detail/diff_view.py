"""A comparison of two texts, in one column or side by side, with steps from change to change."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QToolButton, QVBoxLayout, QWidget

from app.content.line_diff import LineDiff
from app.ui.exchanges.detail.diff_pane import DiffPane, Line, beside_lines, unified_lines


class DiffView(QWidget):
    """Shows a `LineDiff` that somebody has made in a thread."""

    status_message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diff = LineDiff(())
        self._starts: list[int] = []  # of the blocks of changes, as line numbers of what is shown
        self._build()

    def show_diff(self, diff: LineDiff) -> None:
        """Replace what is shown, from its first change on."""
        self._diff = diff
        self._show()

    def show_words(self, words: str) -> None:
        """There is nothing to compare, and why."""
        self._diff = LineDiff(())
        self._show()
        self.summary.setText(words)

    def step(self, direction: int) -> bool:
        """Go to the next (or previous) change; False if there is none."""
        current = self.left.current
        if direction > 0:
            found = next((start for start in self._starts if start > current), None)
        else:
            found = next((start for start in reversed(self._starts) if start < current), None)
        if found is None:
            self.status_message.emit(self.tr("No more changes."))
            return False
        self.left.go_to(found)
        if self.beside.isChecked():
            self.right.go_to(found)
        return True

    def _show(self) -> None:
        diff = self._diff
        if self.beside.isChecked():
            left, right = beside_lines(diff.rows)
            self.right.show_lines(right)
            shown = [one if one[0] in "+-" and one[0] else other for one, other in zip(left, right, strict=True)]
        else:
            left = shown = unified_lines(diff.rows)
            self.right.show_lines(())
        self.left.show_lines(left)
        self.right.setVisible(self.beside.isChecked())
        self._starts = _starts(shown)
        if diff.identical:
            words = self.tr("Identical")
        else:
            words = self.tr("1 change") if diff.changes == 1 else self.tr("{0} changes").format(diff.changes)
            if diff.cut:
                words += self.tr(" in the first part; the rest was not compared")
        self.summary.setText(words)
        for button in (self._previous, self._next):
            button.setEnabled(bool(self._starts))
        if self._starts and self._starts[0] > 0:
            self.left.go_to(self._starts[0])

    def _build(self) -> None:
        self.summary = QLabel()
        self.summary.setProperty("tone", "muted")
        self.beside = QToolButton()
        self.beside.setCheckable(True)
        self.beside.setText(self.tr("Side by side"))
        self.beside.setToolTip(self.tr("Show both texts beside each other"))
        self.beside.toggled.connect(lambda _: self._show())
        self._previous = self._step_button(self.tr("↑ Previous"), -1, "Ctrl+Up")
        self._next = self._step_button(self.tr("↓ Next"), 1, "Ctrl+Down")
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 4)
        bar.setSpacing(8)
        bar.addWidget(self.summary, 1)
        for button in (self.beside, self._previous, self._next):
            bar.addWidget(button)
        self.left, self.right = DiffPane(), DiffPane()
        self.left.setAccessibleName(self.tr("Difference"))
        self.right.setAccessibleName(self.tr("Difference, right side"))
        # Both move together, whichever is scrolled.
        for one, other in ((self.left, self.right), (self.right, self.left)):
            for mine, its in (
                (one.verticalScrollBar(), other.verticalScrollBar()),
                (one.horizontalScrollBar(), other.horizontalScrollBar()),
            ):
                mine.valueChanged.connect(its.setValue)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.left)
        split.addWidget(self.right)
        self.right.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(split, 1)

    def _step_button(self, words: str, direction: int, keys: str) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setToolTip(self.tr("Go to the change ({0})").format(keys))
        button.clicked.connect(lambda: self.step(direction))
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: self.step(direction))
        return button


def _starts(lines: list[Line]) -> list[int]:
    changed = [line[0] in ("+", "-") for line in lines]
    return [at for at, is_changed in enumerate(changed) if is_changed and not (at and changed[at - 1])]
