"""The detail of the selected exchange: header line, tabs, actions; the replay editor takes their place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.exchange import Exchange
from app.domain.problems import Problem
from app.engine.api import Workspace
from app.ui.exchanges.detail.action_bar import ActionBar
from app.ui.exchanges.detail.code_tab import CodeTab
from app.ui.exchanges.detail.frames_tab import FramesTab
from app.ui.exchanges.detail.header import ExchangeHeader
from app.ui.exchanges.detail.message_tab import MessageTab
from app.ui.exchanges.detail.note_line import NoteLine
from app.ui.exchanges.detail.overview_tab import OverviewTab
from app.ui.exchanges.detail.raw_tab import RawTab
from app.ui.exchanges.detail.replay_editor import ReplayEditor
from app.ui.exchanges.detail.replays_tab import ReplaysTab
from app.ui.exchanges.detail.signature_badge import SignatureBadge
from app.ui.exchanges.detail.stages_tab import StagesTab
from app.ui.exchanges.detail.tabs import DetailTabs, Tab
from app.ui.exchanges.detail.timing_tab import TimingTab
from app.ui.exchanges.empty_state import EmptyState
from app.ui.exchanges.page_stack import PageStack
from app.viewmodels.draft_shelf import DraftShelf
from app.viewmodels.exchange_detail import ExchangeDetail
from app.viewmodels.exchanges import ExchangeTableModel

_TICKS_A_LOOK = 5  # every so many ticks, what has come so far is shown
_LIVE_BYTES = 64 * 1024  # of an answer that still runs


class DetailPanel(QWidget):
    """Follows an `ExchangeDetail`; the latest drafts that were edited are kept, whatever else is looked at."""

    back_wanted = Signal()
    exchange_wanted = Signal(str)
    note_written = Signal(str, str)  # exchange id, text
    filter_wanted = Signal(str)  # a condition to narrow the list with
    status_message = Signal(str)

    def __init__(
        self, detail: ExchangeDetail, model: ExchangeTableModel, workspace: Workspace, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._detail = detail
        self._model = model
        self.drafts = DraftShelf()
        self._ticks = 0
        self._edit_when_complete = False
        self.action_bar = ActionBar()
        self.header = ExchangeHeader()
        self.signature = SignatureBadge(workspace.signing)
        self.header.add(self.signature)
        self.note = NoteLine()
        self.overview = OverviewTab(workspace.signing)
        self.request = MessageTab("request")
        self.response = MessageTab("response")
        self.timing = TimingTab()
        self.raw = RawTab()
        self.stages = StagesTab(workspace)
        self.frames = FramesTab(workspace.archive)
        self.replays = ReplaysTab(workspace)
        self.code = CodeTab(workspace.replays)
        self.editor = ReplayEditor(workspace)
        self._build()
        detail.replaced.connect(self._on_replaced)
        detail.updated.connect(self._on_updated)
        detail.failed.connect(self._on_failed)
        self._on_replaced()

    @property
    def editing(self) -> bool:
        """Whether the replay editor is open."""
        return self._stack.currentWidget() is self.editor

    def edit(self) -> None:
        """Open the replay editor on the shown exchange, as soon as its body is there."""
        exchange = self._detail.exchange
        if exchange is None:
            return
        if not self._detail.complete:
            self._edit_when_complete = True
            return
        self.editor.open(self.drafts.take(exchange))
        self._stack.setCurrentWidget(self.editor)
        self.editor.take_focus()

    def edit_note(self) -> None:
        """Write a note on the shown exchange."""
        if self._detail.exchange is not None:
            self._close_editor()
            self.note.edit()

    def show_problem(self, problem: Problem) -> None:
        """A replay could not be sent at all."""
        self.tabs.show_tab(self.overview)
        self.overview.show_problem(problem)

    def refresh_links(self) -> None:
        """A replay of the shown exchange has appeared or changed."""
        exchange = self._detail.exchange
        if exchange is not None and self.overview.isVisible():
            self._show_overview(exchange, self._detail.complete)
        self.replays.refresh()

    def show_replays(self) -> None:
        """What is different between the answers."""
        self.tabs.setCurrentWidget(self.replays)

    def step_tab(self, step: int) -> None:
        """Show the next (or previous) tab, round and round."""
        self.tabs.step(step)

    def take_focus(self) -> None:
        """Put the focus into what is shown."""
        target = self.editor if self.editing else self.tabs.tabBar()
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def tick(self) -> None:
        """Let a running exchange advance: its times and sizes, and what has come of its answer so far."""
        exchange = self._detail.exchange
        if exchange is None or exchange.finished_ns is not None:
            return
        self.header.tick()
        if self.timing.isVisible():
            self.timing.tick()
        self._ticks += 1
        if self._ticks % _TICKS_A_LOOK == 0:
            self.tabs.refresh_live()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.editing:
                self._close_editor()
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.tabs = DetailTabs(self._detail, self._registry())
        shown = QWidget()
        layout = QVBoxLayout(shown)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.note)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.action_bar)
        self._placeholder = EmptyState()
        words = self.tr("Select a request to look inside.\n\nJ K next, previous   ·   R replay   ·   / filter")
        self._placeholder.set(words)
        self._stack = PageStack()
        for widget in (self._placeholder, shown, self.editor):
            self._stack.addWidget(widget)
        self._shown = shown
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.overview.exchange_wanted.connect(self.exchange_wanted)
        self.overview.signature.signable.connect(lambda _: self.signature.refresh())
        self.replays.exchange_wanted.connect(self.exchange_wanted)
        speaking = (self.overview, self.request, self.response, self.stages, self.frames, self.replays, self.code)
        for tab in (*speaking, self.editor):
            tab.status_message.connect(self.status_message)
        for tab in (self.request, self.response):
            tab.filter_wanted.connect(self.filter_wanted)
        self.note.written.connect(self.note_written)
        self.note.left.connect(self.back_wanted)
        self.editor.closed.connect(self._on_editor_closed)
        self.editor.exchange_wanted.connect(self._leave_editor_for)

    def _registry(self) -> tuple[Tab, ...]:
        def message(tab: MessageTab) -> Callable[[Exchange, bool], None]:
            return lambda each, complete: tab.show_exchange(each, complete=complete, trouble=self._detail.trouble)

        def whole(tab: StagesTab | CodeTab | RawTab) -> Callable[[Exchange, bool], None]:
            return lambda each, complete: tab.show_exchange(each, complete=complete)

        def outline(tab: FramesTab | TimingTab | ReplaysTab) -> Callable[[Exchange, bool], None]:
            return lambda each, _: tab.show_exchange(each)

        return (
            Tab("overview", self.tr("Overview"), self.overview, self._show_overview, live=lambda _: True),
            Tab("request", self.tr("Request"), self.request, message(self.request)),
            Tab("response", self.tr("Response"), self.response, message(self.response), live=self._may_grow),
            Tab("stages", self.tr("Stages"), self.stages, whole(self.stages)),
            Tab("frames", self.tr("Frames"), self.frames, outline(self.frames), applies=self.frames.applies),
            Tab("timing", self.tr("Timing"), self.timing, outline(self.timing)),
            Tab("replays", self.tr("Replays"), self.replays, outline(self.replays)),
            Tab("code", self.tr("Code"), self.code, whole(self.code)),
            Tab("raw", self.tr("Raw"), self.raw, whole(self.raw)),
        )

    def _show_overview(self, exchange: Exchange, complete: bool) -> None:
        original = self._model.find(exchange.replay_of) if exchange.replay_of else None
        self.overview.show_exchange(exchange, original, self._model.replays_of(exchange.id), complete=complete)

    def _may_grow(self, exchange: Exchange) -> bool:
        """Whoever has scrolled is reading; and a long body is not worth formatting again and again."""
        return self.response.body.at_top and exchange.response_body.kept <= _LIVE_BYTES

    def _on_replaced(self) -> None:
        self._edit_when_complete = False
        exchange = self._detail.exchange
        self._stack.setCurrentWidget(self._shown if exchange is not None else self._placeholder)
        self._show_head(exchange)
        self.tabs.replace()

    def _on_updated(self) -> None:
        self._show_head(self._detail.exchange)
        self.tabs.refresh()
        if self._edit_when_complete and self._detail.complete:
            self._edit_when_complete = False
            self.edit()

    def _show_head(self, exchange: Exchange | None) -> None:
        if exchange is not None:
            self.header.show_exchange(exchange)
            self.signature.show_exchange(exchange, complete=self._detail.complete)
            self.note.show_exchange(exchange)

    def _on_failed(self, words: str) -> None:
        self.tabs.refresh()
        self.status_message.emit(words)

    def _on_editor_closed(self) -> None:
        self._close_editor()
        self.back_wanted.emit()

    def _close_editor(self) -> None:
        self.drafts.tidy()
        self._stack.setCurrentWidget(self._shown if self._detail.exchange is not None else self._placeholder)

    def _leave_editor_for(self, exchange_id: str) -> None:
        self._close_editor()
        self.exchange_wanted.emit(exchange_id)
