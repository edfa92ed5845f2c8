"""What was sent so far, in the replay editor: each attempt with its verdict, to look at or to go on from."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.ui.fonts import mono_font
from app.viewmodels.replay_attempts import attempt_line

_ID = Qt.ItemDataRole.UserRole
_ROWS = 3


class AttemptRow(QWidget):
    """Hidden until there is an attempt; the latest is at the bottom, and chosen."""

    exchange_wanted = Signal(str)
    draft_wanted = Signal(Exchange)  # with its body
    status_message = Signal(str)

    def __init__(self, archive: Archive, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._root = ""
        self._task: asyncio.Task[None] | None = None
        self.list = QListWidget()
        self.list.setFont(mono_font())
        self.list.setAccessibleName(self.tr("Attempts so far, oldest first"))
        self.list.setFixedHeight(_ROWS * (self.list.fontMetrics().height() + 6) + 4)
        self.list.itemActivated.connect(lambda _: self._show())
        use = QPushButton(self.tr("Use as draft"))
        use.setToolTip(self.tr("Go on from what this attempt sent"))
        use.clicked.connect(self._use)
        show = QPushButton(self.tr("Show"))
        show.setToolTip(self.tr("Show the chosen attempt"))
        show.clicked.connect(self._show)
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(use)
        buttons.addWidget(show)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        self.hide()

    def show_attempts(self, original: Exchange) -> None:
        """Those of this request, or of the one that it is a replay of. Again after each attempt."""
        root = original.replay_of or original.id
        if root != self._root:
            self.hide()
        self._root = root
        if self._task is not None:
            self._task.cancel()
        self._task = spawn(self._load(root), name="attempts")

    async def _load(self, root: str) -> None:
        try:
            attempts = await self._archive.replays_of(root)
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        if not isValid(self):  # the window was closed meanwhile
            return
        self.list.clear()
        for number, attempt in enumerate(attempts, 1):
            item = QListWidgetItem(attempt_line(number, attempt))
            item.setData(_ID, attempt.id)
            self.list.addItem(item)
        self.list.setCurrentRow(len(attempts) - 1)
        self.setVisible(bool(attempts))

    def _show(self) -> None:
        if chosen := self._chosen():
            self.exchange_wanted.emit(chosen)

    def _use(self) -> None:
        if chosen := self._chosen():
            spawn(self._load_draft(chosen), name="attempt as draft")

    async def _load_draft(self, exchange_id: str) -> None:
        try:
            attempt = await self._archive.get(exchange_id)
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        if not isValid(self):
            return
        if attempt is None:
            self.status_message.emit(self.tr("The recording of this attempt is gone."))
        elif attempt.replay_of == self._root:  # the editor has not gone on to another request
            self.draft_wanted.emit(attempt)

    def _chosen(self) -> str:
        item = self.list.currentItem()
        return "" if item is None else str(item.data(_ID))
