"""Facts line by line: a muted label and a value that can be selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui.fonts import mono_font
from app.viewmodels.exchange_detail import Fact

_WIDEST_LABEL = "Response body"  # grids below each other have their values in one line


class FactGrid(QWidget):
    """Keeps its labels from one exchange to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._values: list[tuple[QLabel, QLabel]] = []
        self._align()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these, in order, and nothing else."""
        while len(self._values) < len(facts):
            self._add_line()
        for number, (label, value) in enumerate(self._values):
            used = number < len(facts)
            label.setVisible(used)
            value.setVisible(used)
            if used:
                fact = facts[number]
                label.setText(self.tr(fact.label))
                if value.text() != fact.value:
                    value.setText(fact.value)
                value.setFont(mono_font() if fact.code else self.font())
                value.setAccessibleName(f"{fact.label}: {fact.value}")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._align()

    def _align(self) -> None:
        self._grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance(self.tr(_WIDEST_LABEL)))

    def _add_line(self) -> None:
        label, value = QLabel(), QLabel()
        label.setProperty("tone", "muted")
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setCursor(Qt.CursorShape.IBeamCursor)
        row = len(self._values)
        for widget in (label, value):
            widget.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1)
        self._values.append((label, value))
