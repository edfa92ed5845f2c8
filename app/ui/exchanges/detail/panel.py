"""The detail of the selected exchange: header line, tabs, actions; the replay editor takes their place."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from app.domain.problems import Problem
from app.engine.api import Workspace
from app.ui.exchanges.detail.code_tab import CodeTab
from app.ui.exchanges.detail.frames_tab import FramesTab
from app.ui.exchanges.detail.header import ExchangeHeader
from app.ui.exchanges.detail.message_tab import MessageTab
from app.ui.exchanges.detail.note_line import NoteLine
from app.ui.exchanges.detail.overview_tab import OverviewTab
from app.ui.exchanges.detail.raw_tab import RawTab
from app.ui.exchanges.detail.replay_editor import ReplayEditor
from app.ui.exchanges.detail.replays_tab import ReplaysTab
from app.ui.exchanges.detail.stages_tab import StagesTab
from app.ui.exchanges.detail.timing_tab import TimingTab
from app.ui.exchanges.empty_state import EmptyState
from app.viewmodels.exchange_detail import ExchangeDetail
from app.viewmodels.exchanges import ExchangeTableModel
from app.viewmodels.replay_draft import ReplayDraft

_ACKNOWLEDGED_MS = 1200
_TICKS_A_LOOK = 5  # every so many ticks, what has come so far is shown
_KEPT_DRAFTS = 20  # each holds a whole captured body
_LIVE_BYTES = 64 * 1024  # of an answer that still runs


class DetailPanel(QWidget):
    """Follows an `ExchangeDetail`; the latest drafts that were edited are kept, whatever else is looked at."""

    back_wanted = Signal()
    exchange_wanted = Signal(str)
    replay_wanted = Signal()
    edit_wanted = Signal()
    curl_wanted = Signal()
    note_written = Signal(str, str)  # exchange id, text
    status_message = Signal(str)

    def __init__(
        self, detail: ExchangeDetail, model: ExchangeTableModel, workspace: Workspace, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._detail = detail
        self._model = model
        self._drafts: dict[str, ReplayDraft] = {}
        self._ticks = 0
        self._edit_when_complete = False
        self.header = ExchangeHeader()
        self.note = NoteLine()
        self.overview = OverviewTab(workspace.signing)
        self.request = MessageTab("request")
        self.response = MessageTab("response")
        self.timing = TimingTab()
        self.raw = RawTab()
        self.stages = StagesTab(workspace)
        self.frames = FramesTab(workspace.archive)
        self.replays = ReplaysTab(workspace)
        self.code = CodeTab()
        self.editor = ReplayEditor(workspace)
        self._build()
        detail.replaced.connect(self._on_replaced)
        detail.updated.connect(self._refresh)
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
        self._forget_drafts()
        draft = self._drafts.pop(exchange.id, None) or ReplayDraft(exchange)
        self._drafts[exchange.id] = draft  # the latest is the last
        self.editor.open(draft)
        self._stack.setCurrentWidget(self.editor)
        self.editor.take_focus()

    def edit_note(self) -> None:
        """Write a note on the shown exchange."""
        if self._detail.exchange is not None:
            self._close_editor()
            self.note.edit()

    def show_problem(self, problem: Problem) -> None:
        """A replay could not be sent at all."""
        self.tabs.setCurrentWidget(self.overview)
        self.overview.show_problem(problem)

    def acknowledge_curl(self) -> None:
        """Say on the button that the command is on the clipboard."""
        self._curl.setText(self.tr("Copied ✓"))
        QTimer.singleShot(_ACKNOWLEDGED_MS, self._curl, lambda: self._curl.setText(self.tr("cURL")))

    def refresh_links(self) -> None:
        """A replay of the shown exchange has appeared or changed."""
        exchange = self._detail.exchange
        if exchange is not None:
            original = self._model.find(exchange.replay_of) if exchange.replay_of else None
            self.overview.show_family(exchange, original, self._model.replays_of(exchange.id))
            self.replays.refresh()

    def show_replays(self) -> None:
        """What is different between the answers."""
        self.tabs.setCurrentWidget(self.replays)

    def step_tab(self, step: int) -> None:
        """Show the next (or previous) tab, round and round."""
        count = self.tabs.count()
        index = (self.tabs.currentIndex() + step) % count
        while not self.tabs.isTabVisible(index):
            index = (index + step) % count
        self.tabs.setCurrentIndex(index)

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
        if self._ticks % _TICKS_A_LOOK:
            return
        if self.overview.isVisible():
            original = self._model.find(exchange.replay_of) if exchange.replay_of else None
            self.overview.show_exchange(exchange, original, self._model.replays_of(exchange.id))
        # Whoever has scrolled is reading; and a long body is not worth formatting again and again.
        if self.response.body.at_top and exchange.response_body.kept <= _LIVE_BYTES:
            self.response.show_exchange(exchange, complete=self._detail.complete)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.editing:
                self._close_editor()
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.setAccessibleName(self.tr("Detail"))
        self.tabs.tabBar().setAccessibleName(self.tr("Detail"))
        for title, page in (
            (self.tr("Overview"), self.overview),
            (self.tr("Request"), self.request),
            (self.tr("Response"), self.response),
            (self.tr("Stages"), self.stages),
            (self.tr("Frames"), self.frames),
            (self.tr("Timing"), self.timing),
            (self.tr("Replays"), self.replays),
            (self.tr("Code"), self.code),
            (self.tr("Raw"), self.raw),
        ):
            self.tabs.addTab(page, title)
        shown = QWidget()
        layout = QVBoxLayout(shown)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.note)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(self._action_bar())
        self._placeholder = EmptyState()
        self._placeholder.set(
            self.tr("Select a request to look inside.\n\nJ K next, previous   ·   R replay   ·   / filter")
        )
        self._stack = QStackedWidget()
        for widget in (self._placeholder, shown, self.editor):
            self._stack.addWidget(widget)
        self._shown = shown
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.overview.exchange_wanted.connect(self.exchange_wanted)
        self.replays.exchange_wanted.connect(self.exchange_wanted)
        for tab in (self.stages, self.frames, self.replays, self.code, self.overview.signature):
            tab.status_message.connect(self.status_message)
        self.request.status_message.connect(self.status_message)
        self.response.status_message.connect(self.status_message)
        self.note.written.connect(self.note_written)
        self.note.left.connect(self.back_wanted)
        self.editor.closed.connect(self._on_editor_closed)
        self.editor.exchange_wanted.connect(self._leave_editor_for)
        self.editor.status_message.connect(self.status_message)

    def _action_bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 8, 12, 8)
        bar.setSpacing(8)
        self._replay = QPushButton(self.tr("↻ Replay"))
        self._replay.setToolTip(self.tr("Send the captured request to your service again (R)"))
        self._replay.setAccessibleName(self.tr("Replay"))
        self._replay.clicked.connect(self.replay_wanted)
        self._edit = QPushButton(self.tr("Edit and replay"))
        self._edit.setToolTip(self.tr("Change the request, then send it (E)"))
        self._edit.clicked.connect(self.edit_wanted)
        self._curl = QPushButton(self.tr("cURL"))
        self._curl.setToolTip(self.tr("Copy as cURL command; secrets become shell variables (C)"))
        self._curl.setAccessibleName(self.tr("Copy as cURL"))
        self._curl.clicked.connect(self.curl_wanted)
        for button in (self._replay, self._edit, self._curl):
            bar.addWidget(button)
        bar.addStretch(1)
        return bar

    def _on_replaced(self) -> None:
        self._edit_when_complete = False
        self._stack.setCurrentWidget(self._shown if self._detail.exchange is not None else self._placeholder)
        self._refresh()

    def _refresh(self) -> None:
        exchange = self._detail.exchange
        if exchange is None:
            return
        complete = self._detail.complete
        self.header.show_exchange(exchange)
        self.note.show_exchange(exchange)
        original = self._model.find(exchange.replay_of) if exchange.replay_of else None
        self.overview.show_exchange(exchange, original, self._model.replays_of(exchange.id))
        self.overview.signature.show_exchange(exchange, complete=complete)
        self.request.show_exchange(exchange, complete=complete)
        self.response.show_exchange(exchange, complete=complete)
        self.timing.show_exchange(exchange)
        self.raw.show_exchange(exchange, complete=complete)
        self.stages.show_exchange(exchange, complete=complete)
        self.tabs.setTabVisible(self.tabs.indexOf(self.frames), self.frames.applies(exchange))
        self.frames.show_exchange(exchange)
        self.replays.show_exchange(exchange)
        self.code.show_exchange(exchange, complete=complete)
        if self._edit_when_complete and complete:
            self._edit_when_complete = False
            self.edit()

    def _on_failed(self, words: str) -> None:
        self.request.body.show_waiting(words)
        self.response.body.show_waiting(words)
        self.status_message.emit(words)

    def _on_editor_closed(self) -> None:
        self._close_editor()
        self.back_wanted.emit()

    def _close_editor(self) -> None:
        self._forget_drafts()
        self._stack.setCurrentWidget(self._shown if self._detail.exchange is not None else self._placeholder)

    def _forget_drafts(self) -> None:
        edited = [(key, draft) for key, draft in self._drafts.items() if draft.edited]
        self._drafts = dict(edited[-_KEPT_DRAFTS:])

    def _leave_editor_for(self, exchange_id: str) -> None:
        self._close_editor()
        self.exchange_wanted.emit(exchange_id)
