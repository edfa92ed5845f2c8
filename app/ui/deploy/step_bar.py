"""Where one is in the wizard: `1 Account ✓   2 Region ✓   3 Domain   4 Review   5 Create`."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.ui.fonts import BODY, ui_font
from app.ui.labels import DIALOG, label, set_tone


class StepBar(QWidget):
    """Steps that are done have a tick; the current one is bold. For eyes: screen readers hear the dialog's title."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self._labels: list[QLabel] = [label() for _ in names]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(DIALOG)
        for each in self._labels:
            row.addWidget(each)
        row.addStretch(1)

    def show_step(self, current: int) -> None:
        """current: from 0; one beyond the last means that all is done"""
        for number, (name, shown) in enumerate(zip(self._names, self._labels, strict=True)):
            shown.setText(f"{number + 1}  {name}{' ✓' if number < current else ''}")
            set_tone(shown, "text" if number == current else "ok" if number < current else "muted")
            shown.setFont(ui_font(BODY, semibold=number == current))  # polishing for the tone has taken it away
