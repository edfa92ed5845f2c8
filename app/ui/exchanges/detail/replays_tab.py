"""The replays of a request: each attempt with its verdict, and what is different in its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.content.line_diff import LineDiff
from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.replay.judgement import Judgement
from app.ui.exchanges.detail.diff_view import DiffView
from app.ui.exchanges.detail.verdict_card import VerdictCard
from app.ui.fonts import mono_font
from app.viewmodels.answer_diff import answer_diff
from app.viewmodels.replay_attempts import attempt_line

_ID = Qt.ItemDataRole.UserRole


class ReplaysTab(QWidget):
    """Shows the family of an original, also when one of its replays is the shown exchange."""

    exchange_wanted = Signal(str)
    status_message = Signal(str)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._root = ""
        self._shown = ""
        self._filling = False
        self._task: asyncio.Task[None] | None = None
        self._build()

    def show_exchange(self, exchange: Exchange) -> None:
        """The exchange is an original or a replay."""
        self._root = exchange.replay_of or exchange.id
        self._shown = exchange.id if exchange.replay_of else ""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """An attempt was made or judged."""
        if self._root and self.isVisible():
            self._start(self._load(self._root, self._shown))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = spawn(work, name="replays")

    async def _load(self, root: str, shown: str) -> None:
        try:
            attempts = await self._workspace.archive.replays_of(root)
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        if not isValid(self):  # the window was closed meanwhile
            return
        self._filling = True
        chosen = shown or self._current()
        self.attempts.clear()
        for number, attempt in enumerate(attempts, 1):
            item = QListWidgetItem(attempt_line(number, attempt))
            item.setData(_ID, attempt.id)
            self.attempts.addItem(item)
            if attempt.id == chosen:
                self.attempts.setCurrentItem(item)
        if self.attempts.currentRow() < 0 and attempts:
            self.attempts.setCurrentRow(len(attempts) - 1)
        self._filling = False
        self._nothing.setVisible(not attempts)
        self._split.setVisible(bool(attempts))
        if attempts:
            await self._judge(self._current())

    async def _judge(self, exchange_id: str) -> None:
        try:
            judgement = await self._workspace.replays.judgement(exchange_id)
            original = await self._workspace.archive.get(self._root)
            again = await self._workspace.archive.get(exchange_id)
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        diff = LineDiff(())
        if original is not None and again is not None:
            diff = await asyncio.to_thread(answer_diff, original, again)
        if isValid(self):
            self._show_judgement(judgement)
            self._show_views(judgement, diff)

    def _show_judgement(self, judgement: Judgement | None) -> None:
        self.verdict.show_verdict(
            None if judgement is None else judgement.verdict, "" if judgement is None else judgement.explanation
        )
        self._filling = True
        self.differences.clear()
        for each in () if judgement is None else judgement.differences:
            item = QTreeWidgetItem([each.place, each.before, each.after, each.ignored])
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(0, Qt.CheckState.Unchecked if each.ignored else Qt.CheckState.Checked)
            self.differences.addTopLevelItem(item)
        is_ignored = judgement is not None and any(each.ignored for each in judgement.differences)
        self.differences.setColumnHidden(3, not is_ignored)
        self._filling = False

    def _show_views(self, judgement: Judgement | None, diff: LineDiff) -> None:
        """The views that have something to show; a sentence in the place of an empty table."""
        found = judgement is not None and bool(judgement.differences)
        self._views.setTabVisible(self._views.indexOf(self.differences), found)
        self._views.setTabVisible(self._views.indexOf(self.diff), not diff.identical)
        self._views.setVisible(found or not diff.identical)
        self.diff.show_diff(diff)
        words = self.tr("Status, headers and body are the same in both answers.")
        if judgement is None:
            words = self.tr("No verdict: one of the two answers is missing.")
        elif not diff.identical:
            words = self.tr("Nothing that is compared differs; as text the answers do.")
        self.equal.setText(words)
        self.equal.setVisible(not found)

    def _on_chosen(self) -> None:
        if not self._filling and self._current():
            self._start(self._judge(self._current()))

    def _on_checked(self, item: QTreeWidgetItem) -> None:
        if not self._filling:
            counts = item.checkState(0) == Qt.CheckState.Checked
            self._start(self._choose(item.text(0), counts))

    async def _choose(self, place: str, counts: bool) -> None:
        try:
            await self._workspace.replays.choose_mask(self._root, place, "compare" if counts else "ignore")
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
        await self._judge(self._current())

    def _current(self) -> str:
        item = self.attempts.currentItem()
        return "" if item is None else str(item.data(_ID))

    def _build(self) -> None:
        self._nothing = QLabel(self.tr("Not replayed yet. R sends the request again, E edits it first."))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("tone", "muted")
        self.attempts = QListWidget()
        self.attempts.setFont(mono_font())
        self.attempts.setAccessibleName(self.tr("Attempts, oldest first"))
        self.attempts.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.attempts.itemActivated.connect(lambda item: self.exchange_wanted.emit(str(item.data(_ID))))
        self.verdict = VerdictCard()
        self.differences = QTreeWidget()
        self.differences.setHeaderLabels(
            [self.tr("Counts"), self.tr("Original"), self.tr("Replay"), self.tr("Ignored")]
        )
        self.differences.setRootIsDecorated(False)
        header = self.differences.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.ResizeToContents)
        self.differences.setFont(mono_font())
        self.differences.setAccessibleName(self.tr("Differences; a ticked place counts"))
        self.differences.itemChanged.connect(self._on_checked)
        self.equal = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.equal.setProperty("tone", "muted")
        self.equal.setWordWrap(True)
        self.equal.hide()
        self.diff = DiffView()
        self.diff.left.setAccessibleName(self.tr("Difference of the answers as text"))
        self.diff.status_message.connect(self.status_message)
        views = self._views = QTabWidget()
        views.setDocumentMode(True)
        views.tabBar().setDrawBase(False)
        views.setAccessibleName(self.tr("Views of the differences"))
        views.tabBar().setAccessibleName(self.tr("Views of the differences"))
        views.addTab(self.differences, self.tr("Differences"))
        views.addTab(self.diff, self.tr("Text"))
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(8)
        column.addWidget(self.verdict)
        column.addWidget(self.equal)
        column.addWidget(views, 1)
        column.addStretch(0)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.attempts)
        self._split.addWidget(lower)
        self._split.setSizes([110, 400])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._nothing, 1)
        layout.addWidget(self._split, 1)
        self._split.hide()
