"""The stages of an exchange: any two of what came, what was sent on, what was answered and what was delivered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.stage import Stage, StageName
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.ui.exchanges.detail.diff_view import DiffView
from app.viewmodels.stage_diff import stage_diff, stage_notes, stage_titles

_NAMES: tuple[StageName, ...] = ("visitor", "upstream", "raw", "delivered")


class StagesTab(QWidget):
    """Compares while it is looked at only: making a body again takes time."""

    status_message = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._exchange: Exchange | None = None
        self._complete = False
        self._key: object = None
        self._task: asyncio.Task[None] | None = None
        self._build()

    def show_exchange(self, exchange: Exchange, *, complete: bool) -> None:
        """complete: its bodies are there."""
        self._exchange, self._complete = exchange, complete
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        exchange = self._exchange
        if exchange is None or not self.isVisible():
            return
        if not self._complete:
            self._key = None
            self.diff.show_words(self.tr("Loading …"))
            return
        pair = (_NAMES[self.left.currentIndex()], _NAMES[self.right.currentIndex()])
        key = (exchange.id, exchange.state, exchange.status, exchange.delivered, pair)
        if key == self._key:
            return
        self._key = key
        if self._task is not None:
            self._task.cancel()
        self._task = spawn(self._compare(exchange, pair), name=f"stages {exchange.id}")

    async def _compare(self, exchange: Exchange, pair: tuple[StageName, StageName]) -> None:
        try:
            stages = {stage.name: stage for stage in await self._workspace.stages(exchange)}
        except HatchwayError as error:
            self.diff.show_words(str(error.problem))
            return
        chosen = [stages[name] for name in pair]
        diff = await asyncio.to_thread(stage_diff, *chosen)
        if not isValid(self):
            return
        self._tell(chosen)
        missing = [stage for stage in chosen if not stage.known]
        if missing:
            self.diff.show_words(self.tr("Nothing to compare"))
        else:
            self.diff.show_diff(diff)

    def _tell(self, chosen: Sequence[Stage]) -> None:
        notes = stage_notes(chosen)
        self.notes.setText(notes)
        self.notes.setVisible(bool(notes))

    def _build(self) -> None:
        self.left, self.right = QComboBox(), QComboBox()
        for box, name, index in ((self.left, self.tr("Compare"), 2), (self.right, self.tr("with"), 3)):
            box.addItems(stage_titles(_NAMES))
            box.setCurrentIndex(index)
            box.setAccessibleName(name)
            box.currentIndexChanged.connect(lambda _: self._refresh())
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 6, 8, 0)
        bar.setSpacing(8)
        arrow = QLabel("→")
        arrow.setProperty("tone", "muted")
        bar.addWidget(self.left)
        bar.addWidget(arrow)
        bar.addWidget(self.right)
        bar.addStretch(1)
        self.notes = QLabel()
        self.notes.setProperty("tone", "muted")
        self.notes.setWordWrap(True)
        self.notes.setContentsMargins(8, 4, 8, 0)
        self.notes.hide()
        self.diff = DiffView()
        self.diff.left.setAccessibleName(self.tr("Difference of the stages"))
        self.diff.status_message.connect(self.status_message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.notes)
        layout.addWidget(self.diff, 1)
