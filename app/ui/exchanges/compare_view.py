"""Two requests and their answers, compared; stands where the detail is."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QTabWidget, QToolButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.archive_api import Archive
from app.ui.exchanges.detail.diff_view import DiffView
from app.ui.exchanges.detail.labels import ElidedLabel, StatusBadge
from app.ui.exchanges.difference_tree import DifferenceTree
from app.ui.fonts import mono_font
from app.ui.icons import set_icon
from app.ui.labels import GAP, PANEL, label
from app.viewmodels.exchange_cells import duration_ms, format_duration, format_time, readable, spoken
from app.viewmodels.exchange_comparison import ExchangeComparison, compare_exchanges


class CompareView(QWidget):
    """Loads both with their bodies and compares them in a thread."""

    closed = Signal()
    status_message = Signal(str)

    def __init__(self, archive: Archive, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._archive = archive
        self._pair = ("", "")
        self._task: asyncio.Task[None] | None = None
        self._build()

    @property
    def pair(self) -> tuple[str, str]:
        """Ids of what is compared: (before, after)."""
        return self._pair

    def compare(self, before: str, after: str) -> None:
        """Show what is different between these exchanges."""
        self._pair = (before, after)
        if self._task is not None:
            self._task.cancel()
        self._task = spawn(self._load(before, after), name="compare exchanges")

    def swap(self) -> None:
        """Look at it the other way round."""
        before, after = self._pair
        self.compare(after, before)

    def step_tab(self, step: int) -> None:
        """Show the next (or previous) tab, round and round."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + step) % self.tabs.count())

    def take_focus(self) -> None:
        self.tabs.tabBar().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _load(self, before: str, after: str) -> None:
        try:
            one, other = await self._archive.get(before), await self._archive.get(after)
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        if one is None or other is None:
            self.status_message.emit(self.tr("The recording of one of them is gone."))
            self.closed.emit()
            return
        comparison = await asyncio.to_thread(compare_exchanges, one, other)
        if isValid(self):
            self._show(one, other, comparison)

    def _show(self, before: Exchange, after: Exchange, comparison: ExchangeComparison) -> None:
        for line, exchange in ((self.before, before), (self.after, after)):
            line.show_exchange(exchange)
        self.notes.setText(comparison.notes)
        self.notes.setVisible(bool(comparison.notes))
        self.tree.show_comparison(comparison)
        self.request.show_diff(comparison.request)
        self.answer.show_diff(comparison.answer)
        self.tabs.setTabText(0, self.tr("Differences ({0})").format(comparison.counted))

    def _build(self) -> None:
        self.before = _ComparedLine(self.tr("Before"))
        self.after = _ComparedLine(self.tr("After"))
        swap = QToolButton()
        swap.setText("⇅")
        swap.setToolTip(self.tr("Look at it the other way round"))
        swap.setAccessibleName(self.tr("Swap before and after"))
        swap.clicked.connect(self.swap)
        close = QToolButton()
        set_icon(close, "close", "muted")
        close.setToolTip(self.tr("Close the comparison (Esc)"))
        close.setAccessibleName(self.tr("Close the comparison"))
        close.clicked.connect(self.closed)
        lines = QGridLayout()
        lines.setContentsMargins(PANEL, GAP, PANEL, GAP)
        lines.setHorizontalSpacing(GAP)
        lines.setVerticalSpacing(2)
        for row, line in enumerate((self.before, self.after)):
            for column, part in enumerate(line.parts):
                lines.addWidget(part, row, column)
        lines.setColumnStretch(line.stretched, 1)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, GAP, 0)
        head.setSpacing(2)
        head.addLayout(lines, 1)
        head.addWidget(swap)
        head.addWidget(close)
        self.notes = label(tone="muted", wrap=True)
        self.notes.setContentsMargins(PANEL, 0, PANEL, GAP)
        self.notes.hide()
        self.tree = DifferenceTree()
        self.request, self.answer = DiffView(), DiffView()
        self.request.left.setAccessibleName(self.tr("Difference of the requests as text"))
        self.answer.left.setAccessibleName(self.tr("Difference of the answers as text"))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName(self.tr("Comparison"))
        self.tabs.tabBar().setAccessibleName(self.tr("Comparison"))
        for page, title in (
            (self.tree, self.tr("Differences")),
            (self.request, self.tr("Requests")),
            (self.answer, self.tr("Answers")),
        ):
            self.tabs.addTab(page, title)
        for view in (self.request, self.answer):
            view.status_message.connect(self.status_message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.notes)
        layout.addWidget(self.tabs, 1)


class _ComparedLine:
    """One of the two, in one line: which side, time, method, path, status, duration."""

    stretched = 3

    def __init__(self, side: str) -> None:
        bold = mono_font()
        bold.setBold(True)
        self.side = label(side, tone="muted")
        self.time = label(tone="muted", font=mono_font())
        self.method = label(font=bold)
        self.path = ElidedLabel(mono_font())
        self.badge = StatusBadge()
        self.duration = label(tone="muted", font=mono_font())
        self.parts: tuple[QWidget, ...] = (
            self.side, self.time, self.method, self.path, self.badge, self.duration,
        )  # fmt: skip

    def show_exchange(self, exchange: Exchange) -> None:
        self.time.setText(format_time(exchange.started_ns))
        self.method.setText(exchange.method)
        self.path.set_text(readable(exchange.target))
        self.badge.show_exchange(exchange)
        self.duration.setText("" if exchange.finished_ns is None else format_duration(duration_ms(exchange, 0)))
        self.side.setAccessibleName(f"{self.side.text()}: {spoken(exchange, 0)}")
