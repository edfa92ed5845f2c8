"""Several requests sent again: where to, with which pauses, and whether webhooks are signed anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.exchange import Exchange
from app.domain.replay import ReplayTarget
from app.domain.tunnel import TunnelStatus
from app.signatures.table import recognise
from app.ui.exchanges.detail.replay_repeat import MAX_DELAY
from app.ui.exchanges.detail.replay_target import ReplayTargetBox
from app.ui.exchanges.detail.replay_warning import ReplayWarning
from app.ui.labels import DIALOG, GAP
from app.viewmodels.replay_draft import changes_data

_WIDTH = 520


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """How a selection is sent. spacing: with the pauses there were; delay: else one of so many seconds"""

    spacing: bool = False
    delay: float = 0.0
    target: ReplayTarget | None = None
    resign: bool = True


class ReplaySelection(QDialog):
    """Window-modal; show it with `open`. Emits `wanted` once the user sends."""

    wanted = Signal(SeriesPlan)

    def __init__(
        self, exchanges: Sequence[Exchange], tunnels: Sequence[TunnelStatus], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.setWindowTitle(self.tr("Replay {0} requests").format(len(exchanges)))
        self._changing = next((each.method for each in exchanges if changes_data(each.method)), "")
        self._imported = any(each.imported for each in exchanges)
        self.where = ReplayTargetBox()
        self.where.show_services(exchanges, tunnels)
        self.where.editTextChanged.connect(self._update_words)
        self.at_once = QRadioButton(self.tr("None: each as soon as the one before has its answer"))
        self.as_they_came = QRadioButton(self.tr("As they came"))
        self.with_delay = QRadioButton(self.tr("Always"))
        self.at_once.setChecked(True)
        self.delay = QDoubleSpinBox()
        self.delay.setRange(0.1, MAX_DELAY)
        self.delay.setDecimals(1)
        self.delay.setValue(1)
        self.delay.setSuffix(self.tr(" s"))
        self.delay.setAccessibleName(self.tr("Seconds from an answer to the next request"))
        self.delay.lineEdit().setTextMargins(5, 0, 0, 0)  # the style sheet's padding does not reach the text
        self.delay.setEnabled(False)
        self.with_delay.toggled.connect(self.delay.setEnabled)
        self.resign = QCheckBox(self.tr("Sign webhooks anew, with the current time"))
        self.resign.setToolTip(self.tr("Those whose secret is known. Off: the captured signatures are sent"))
        self.resign.setChecked(True)
        self.resign.setVisible(any(recognise(each.request_headers) for each in exchanges))
        self._warning = ReplayWarning()
        self._lay_out(len(exchanges))
        self._update_words()

    @property
    def plan(self) -> SeriesPlan:
        """As it is chosen."""
        delay = self.delay.value() if self.with_delay.isChecked() else 0.0
        return SeriesPlan(self.as_they_came.isChecked(), delay, self.where.target, self.resign.isChecked())

    def _update_words(self) -> None:
        lost = self._imported and self.where.target is None
        self.send.setEnabled(not lost)
        if lost:
            words = self.tr("Requests from a file went through no tunnel: choose where they are to go.")
            self._warning.show_words(words, wrong=True)
        else:
            self._warning.show_risk(self.where.elsewhere, self._changing)
        self.adjustSize()  # the sentence may need another line

    def _send(self) -> None:
        plan = self.plan
        self.accept()
        self.wanted.emit(plan)

    def _lay_out(self, count: int) -> None:
        delayed = QHBoxLayout()
        delayed.setSpacing(GAP)
        delayed.addWidget(self.with_delay)
        delayed.addWidget(self.delay)
        delayed.addStretch(1)
        pauses = QVBoxLayout()
        pauses.setSpacing(GAP)
        pauses.addWidget(self.at_once)
        pauses.addWidget(self.as_they_came)
        pauses.addLayout(delayed)
        form = QFormLayout()
        form.setVerticalSpacing(2 * GAP)
        form.addRow(self.tr("To"), self.where)
        form.addRow(self.tr("Pauses"), pauses)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.send = QPushButton(self.tr("Send {0}").format(count))
        self.send.setProperty("look", "primary")
        self.send.setDefault(True)
        self.send.clicked.connect(self._send)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.send)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(DIALOG, DIALOG, DIALOG, DIALOG)
        layout.setSpacing(2 * GAP)
        layout.addLayout(form)
        layout.addWidget(self.resign)
        layout.addWidget(self._warning)
        layout.addLayout(buttons)
