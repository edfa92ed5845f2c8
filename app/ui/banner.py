"""The banner on a tunnel that is not well: what happened, whose side it is, what to do, and one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.domain.problems import Problem
from app.domain.tunnel import TunnelState, TunnelStatus
from app.ui.announce import announce
from app.ui.labels import GAP, PANEL, label, set_look
from app.ui.state_glyph import StateGlyph
from app.viewmodels.tunnel_text import state_words


class Banner(QFrame):
    """Visible only while RECONNECTING or FAILED. The countdown is refreshed by `tick`."""

    retry = Signal()
    edit = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._status: TunnelStatus | None = None
        self._glyph = StateGlyph()
        self._title = label(wrap=True)
        self._countdown = label(tone="muted")
        self._retry = QPushButton("Retry now")
        self._retry.clicked.connect(self.retry)
        self._edit = QPushButton("Edit…")
        self._edit.clicked.connect(self.edit)
        row = QHBoxLayout(self)
        row.setContentsMargins(PANEL, GAP, PANEL, GAP)
        row.setSpacing(GAP)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        self._hint = label(tone="muted", wrap=True)
        words.addWidget(self._hint)
        row.addLayout(words, 1)
        row.addWidget(self._countdown)
        row.addWidget(self._edit)
        row.addWidget(self._retry)
        self.hide()

    def show_status(self, status: TunnelStatus, now: float) -> None:
        """Take the look of the status; hides for states that need no words."""
        before, self._status = self._status, status
        failed = status.state is TunnelState.FAILED
        troubled = failed or status.state is TunnelState.RECONNECTING
        self.setVisible(troubled)
        if not troubled:
            return
        problem = status.problem or Problem("reconnecting", "The connection to the relay was lost", "network")
        side = "" if problem.side == "you" else f" · {problem.side}"
        self._title.setText(f"{problem.title}{side}")
        self._hint.setText(problem.hint)
        self._hint.setVisible(bool(problem.hint))
        self._glyph.set_state(status.state)
        self._edit.setVisible(failed)
        self._retry.setText("Try again" if failed else "Retry now")
        self._countdown.setVisible(not failed)
        set_look(self, "tone", "problem" if failed else "warning")
        self.tick(now)
        if before is None or before.spec.id != status.spec.id or before.problem != status.problem:
            announce(self, str(problem))

    def tick(self, now: float) -> None:
        if self._status is not None:
            words = state_words(self._status, now)
            self._countdown.setText(words[0].upper() + words[1:])
