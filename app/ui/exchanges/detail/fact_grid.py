"""Facts line by line: a muted label and a value that can be selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.ui.exchanges.detail.flow_text import FlowText
from app.ui.fonts import mono_font
from app.viewmodels.overview_facts import Fact

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
        self._values: list[tuple[QLabel, FlowText]] = []
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
                value.setFont(mono_font() if fact.code else self.font())
                value.set_text(fact.value)
                value.setAccessibleName(f"{fact.label}: {fact.value}")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._align()

    def _align(self) -> None:
        self._grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance(self.tr(_WIDEST_LABEL)))

    def _add_line(self) -> None:
        label, value = QLabel(), FlowText()
        label.setProperty("tone", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        row = len(self._values)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self._values.append((label, value))
