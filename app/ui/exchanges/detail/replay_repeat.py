"""How often a replay is sent, and the pause between two."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSpinBox, QWidget

from app.engine.replays_api import MAX_TIMES

MAX_DELAY = 3600.0  # seconds


class RepeatBox(QWidget):
    """The pause shows only if there is more than one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.times_box = QSpinBox()
        self.times_box.setRange(1, MAX_TIMES)
        self.times_box.setPrefix("× ")
        self.times_box.setToolTip(self.tr("How often it is sent, one after the other"))
        self.times_box.setAccessibleName(self.tr("How often"))
        self.delay_box = QDoubleSpinBox()
        self.delay_box.setRange(0, MAX_DELAY)
        self.delay_box.setDecimals(1)
        self.delay_box.setPrefix(self.tr("pause "))
        self.delay_box.setSuffix(self.tr(" s"))
        self.delay_box.setToolTip(self.tr("Seconds from an answer to the next request"))
        self.delay_box.setAccessibleName(self.tr("Pause between two"))
        self.delay_box.hide()
        self.times_box.valueChanged.connect(lambda times: self.delay_box.setVisible(times > 1))
        for box in (self.times_box, self.delay_box):
            box.lineEdit().setTextMargins(5, 0, 0, 0)  # the style sheet's padding does not reach the text
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.times_box)
        layout.addWidget(self.delay_box)

    @property
    def times(self) -> int:
        return self.times_box.value()

    @property
    def delay(self) -> float:
        """Seconds."""
        return self.delay_box.value()
