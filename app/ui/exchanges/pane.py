"""The inspector: list of requests, detail, replay; the one widget the main window puts in its middle."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.domain.events import (
    Event,
    ExchangeAnnotated,
    ExchangeFinished,
    ExchangeResponded,
    ExchangeRewritten,
    ExchangesRemoved,
    ExchangesRestored,
    ExchangeStarted,
    FrameSeen,
)
from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError, Problem
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.filter.filter import Filter
from app.interchange.curl_import import CurlRequest, parse_curl, pasted_exchange
from app.ui.async_slots import start
from app.ui.exchanges.actions import ACTIONS, make_actions
from app.ui.exchanges.adaptive_splitter import AdaptiveSplitter
from app.ui.exchanges.column_menu import open_column_menu, restore_columns
from app.ui.exchanges.commands import ExchangeCommands
from app.ui.exchanges.detail.panel import DetailPanel
from app.ui.exchanges.empty_state import EmptyState
from app.ui.exchanges.exchange_table import ExchangeTable
from app.ui.exchanges.files import ExchangeFiles
from app.ui.exchanges.list_toolbar import ListToolbar
from app.ui.exchanges.marks import ExchangeMarks
from app.ui.window_state import window_settings
from app.viewmodels.exchange_detail import ExchangeDetail
from app.viewmodels.exchange_pages import ExchangePages
from app.viewmodels.exchange_row import without_bodies
from app.viewmodels.exchanges import ExchangeTableModel
from app.viewmodels.frame_batcher import FrameBatcher
from app.viewmodels.saved_filters import Saved
from app.viewmodels.similar import similar_conditions

_CLOCK_MS = 100


class ExchangesPane(QWidget):
    """Requests of one tunnel or of all, live. Build it inside the running loop."""

    status_message = Signal(str)
    test_request_wanted = Signal(str)  # tunnel id
    deleted = Signal(int)  # so many requests; `undo_delete` brings them back

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = ExchangeTableModel(self)
        self._pages = ExchangePages(workspace.archive, self._model, self)
        self._marks = ExchangeMarks(workspace.archive, self._model, self)
        self._batcher = FrameBatcher(self._deliver, self)
        self._detail = ExchangeDetail(workspace, self)
        self._commands = ExchangeCommands(workspace, self._detail, self)
        self._files = ExchangeFiles(workspace.archive, self)
        self._dropped = 0  # captures, as told in the status line
        self._clock = QTimer(self, interval=_CLOCK_MS)
        self._clock.timeout.connect(self._tick)
        self._build()
        self._connect()
        unsubscribe = workspace.subscribe(self._on_event)
        self.destroyed.connect(lambda: unsubscribe())
        self._update_page()

    def show_tunnel(self, tunnel_id: str | None) -> None:
        """Show the requests of that tunnel; None shows those of all."""
        self.table.clear_current()
        self._detail.show(None)
        self._pages.set_scope(tunnel_id)
        self._update_page()

    def undo_delete(self) -> None:
        self._marks.undo()

    def focus_filter(self) -> None:
        self.toolbar.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.box.selectAll()

    def is_empty(self) -> bool:
        """Whether the shown tunnel has no requests at all (whatever the filter)."""
        return self._model.in_scope == 0

    def select(self, exchange_id: str) -> None:
        """Select the exchange; if the filter hides it, only the detail shows it."""
        if not self.table.select(exchange_id) and (exchange := self._model.find(exchange_id)) is not None:
            self.table.clear_current()
            self._detail.show(exchange)
            self.status_message.emit(self.tr("The filter hides this request in the list."))

    # -- construction ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.toolbar = ListToolbar(self._seen_values, self._workspace.settings.filters)
        self.table = ExchangeTable(self._model)
        restore_columns(self.table, window_settings())
        self.table_actions = make_actions(self.table)
        self._nothing = EmptyState()
        self._no_match = EmptyState()
        self._stack = QStackedWidget()
        for page in (self.table, self._nothing, self._no_match):
            self._stack.addWidget(page)
        left = QWidget()
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self._stack, 1)
        self.detail_panel = DetailPanel(self._detail, self._model, self._workspace)
        splitter = AdaptiveSplitter(left, self.detail_panel)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)
        self.setTabOrder(self.toolbar, self.table)
        self.setTabOrder(self.table, self.detail_panel)

    def _connect(self) -> None:
        self._pages.changed.connect(self._on_fetched)
        self._pages.found.connect(self._on_found)
        self._pages.failed.connect(self.status_message)
        self._marks.deleted.connect(self.deleted)
        self._marks.status_message.connect(self.status_message)
        self._files.status_message.connect(self.status_message)
        self._model.rowsInserted.connect(self._update_page)
        self._model.rowsRemoved.connect(self._update_page)
        self._model.modelReset.connect(self._update_page)
        self.toolbar.filter_changed.connect(self._set_filter)
        self.toolbar.pause_toggled.connect(self._set_paused)
        self.toolbar.list_wanted.connect(self._focus_list)
        self.toolbar.saved_changed.connect(self._save_filters)
        self.table.current_changed.connect(self._on_current)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.columns_wanted.connect(lambda at: open_column_menu(self.table, at, window_settings()))
        self._nothing.wanted.connect(self._want_test_request)
        self._no_match.wanted.connect(self.toolbar.clear)
        panel, commands = self.detail_panel, self._commands
        panel.back_wanted.connect(self._focus_list)
        panel.exchange_wanted.connect(self.select)
        panel.replay_wanted.connect(commands.replay)
        panel.edit_wanted.connect(panel.edit)
        panel.curl_wanted.connect(commands.copy_curl)
        panel.note_written.connect(self._marks.write_note)
        panel.status_message.connect(self.status_message)
        commands.status_message.connect(self.status_message)
        commands.replay_failed.connect(panel.show_problem)
        commands.curl_copied.connect(panel.acknowledge_curl)
        handlers = {
            "exchange.detail": panel.take_focus,
            "exchange.replay": lambda: commands.replay_all(self.table.selected_ids(), spacing=False),
            "exchange.har": self._save_har,
            "exchange.import": self._files.choose,
            "exchange.paste": self._paste_curl,
            "exchange.spaced": lambda: commands.replay_all(self.table.selected_ids(), spacing=True),
            "exchange.stop": commands.stop,
            "exchange.diff": panel.show_replays,
            "exchange.edit": panel.edit,
            "exchange.curl": commands.copy_curl,
            "exchange.url": commands.copy_url,
            "exchange.pin": lambda: self._marks.pin(self.table.selected_ids()),
            "exchange.note": panel.edit_note,
            "exchange.delete": lambda: self._marks.delete(self.table.selected_ids()),
            "exchange.undo": self._marks.undo,
            "exchange.clear": lambda: self._marks.clear(self._model.scope),
            "exchange.next": lambda: self.table.move_current(1),
            "exchange.previous": lambda: self.table.move_current(-1),
            "exchange.filter": self.focus_filter,
            "exchange.next_tab": lambda: panel.step_tab(1),
            "exchange.previous_tab": lambda: panel.step_tab(-1),
            "exchange.pause": self.toolbar.pause.toggle,
        }
        for action_id, handler in handlers.items():
            self.table_actions[action_id].triggered.connect(handler)

    # -- arriving exchanges ------------------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        match event:
            case ExchangeStarted(exchange) | ExchangeResponded(exchange) | ExchangeFinished(exchange):
                shown = self._detail.exchange
                if exchange.replay_of in self._commands.replaying:
                    self._deliver([exchange])  # the user waits for this one, even while the list is paused
                elif exchange.finished_ns is None or exchange is shown:
                    self._batcher.add(exchange)
                else:
                    self._batcher.add(without_bodies(exchange))  # a long pause must not collect bodies
            case ExchangeRewritten(exchange_id=exchange_id, rewriting=rewriting, delivered=delivered):
                for holder in (self._batcher, self._model, self._detail):
                    holder.rewritten(exchange_id, rewriting, delivered)
            case FrameSeen():
                self.detail_panel.frames.model.on_event(event)
            case ExchangeAnnotated():
                self._model.annotate(event)
                self._detail.annotate(event)
                if event.verdict is not None:
                    self.detail_panel.refresh_links()
            case ExchangesRemoved(exchange_ids=gone):
                self._forget(frozenset(gone))
            case ExchangesRestored():
                self._pages.reload()

    def _deliver(self, exchanges: Sequence[Exchange]) -> None:
        self._tell_dropped()
        self._model.apply(exchanges)
        self._pages.arrived(exchanges)
        shown = self._detail.exchange
        for exchange in exchanges:
            if shown is not None and exchange.id == shown.id:
                self._detail.update(exchange)
            elif shown is not None and exchange.replay_of == shown.id:
                self.detail_panel.refresh_links()
            awaited = exchange.replay_of in self._commands.replaying and not self.detail_panel.editing
            if awaited and shown is not None and shown.id == exchange.replay_of:
                self.select(exchange.id)
        if self._model.any_running and not self._clock.isActive():
            self._clock.start()

    def _tell_dropped(self) -> None:
        dropped = self._workspace.archive.dropped
        if dropped > self._dropped:
            self._dropped = dropped
            self.status_message.emit(
                self.tr("Overload: {0} so far were forwarded, but are not recorded.").format(dropped)
            )

    def _tick(self) -> None:
        if self._batcher.paused:
            count = sum(1 for exchange in self._batcher.waiting if self._is_news(exchange))
            self.toolbar.show_waiting(count)
        elif self._model.any_running:
            if self.isVisible():
                self._model.tick()
                self.detail_panel.tick()
        else:
            self._clock.stop()

    def _is_news(self, exchange: Exchange) -> bool:
        in_scope = self._model.scope in (None, exchange.tunnel_id)
        return in_scope and self._model.find(exchange.id) is None and self._pages.filter.matches(exchange)

    def _forget(self, gone: frozenset[str]) -> None:
        shown = self._detail.exchange
        row = self.table.currentIndex().row()
        self._model.remove(gone)
        if shown is None or shown.id not in gone:
            if shown is not None:
                self.table.select(shown.id, reveal=False)
            return
        self._detail.show(None)
        if self._model.rowCount():  # what moved up is what one wants to see next
            self.table.select(self._model.at(min(max(row, 0), self._model.rowCount() - 1)).exchange.id)

    def _set_paused(self, paused: bool) -> None:
        if paused:
            self._batcher.pause()
            self._clock.start()
        else:
            self._batcher.resume()
        self.toolbar.show_waiting(0 if paused else None)

    def _on_fetched(self) -> None:
        self._update_page()
        if self.table.has_room:
            self._model.fetchMore()

    # -- list --------------------------------------------------------------------------------------------------------

    async def _seen_values(self, field: str, prefix: str) -> Sequence[tuple[str, int]]:
        return await self._workspace.archive.values(field, prefix, tunnel_id=self._model.scope)

    def _save_filters(self, saved: Saved) -> None:
        def show(problem: Problem) -> None:
            self.status_message.emit(str(problem))

        start(self._workspace.set_filters(saved), name="save filters", show_problem=show)

    def _set_filter(self, wanted: Filter) -> None:
        self._pages.set_filter(wanted)
        self._update_page()

    def _on_found(self) -> None:
        current = self._detail.exchange
        if current is not None:
            self.table.select(current.id)
        if self.table.has_room:
            self._model.fetchMore()
        self._update_page()

    def _update_page(self) -> None:
        if self._model.rowCount() or self._pages.searching:
            page: QWidget = self.table
        elif self._pages.filter.active:
            page = self._no_match
            page.set(self.tr("Nothing matches “{0}”.").format(self._pages.filter.text.strip()), self.tr("Clear"))
        else:
            page = self._nothing
            if self._model.scope is None:
                page.set(self.tr("No requests yet. Open a public URL to see them here."))
            else:
                page.set(self.tr("No requests yet. Open the URL or"), self.tr("Send a test request"))
        before = self._stack.currentWidget()
        if page is not before:
            had_focus = before is not None and before.isAncestorOf(self.focusWidget())
            self._stack.setCurrentWidget(page)
            if had_focus and page is self.table:
                self._focus_list()

    def _save_har(self) -> None:
        self._files.save(self.table.selected_ids(), self._model.scope, self._pages.filter)

    def _paste_curl(self) -> None:
        try:
            pasted = parse_curl(QGuiApplication.clipboard().text())
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        spawn(self._edit_pasted(pasted), name="paste cURL")

    async def _edit_pasted(self, pasted: CurlRequest) -> None:
        """It becomes a recorded request without an answer, so that its replays have something to belong to."""
        exchange = pasted_exchange(pasted)
        try:
            await self._workspace.archive.add([exchange])
        except HatchwayError as error:
            self.status_message.emit(str(error.problem))
            return
        self._detail.show(exchange)
        self.detail_panel.edit()
        left_out = self.tr(" Left out: {0}").format(", ".join(pasted.remarks)) if pasted.remarks else ""
        self.status_message.emit(self.tr("The command is in the editor; Ctrl+Enter sends it.") + left_out)

    def _want_test_request(self) -> None:
        if self._model.scope is not None:
            self.test_request_wanted.emit(self._model.scope)

    def _on_current(self, exchange_id: str) -> None:
        if exchange_id:
            self._detail.show(self._model.find(exchange_id))

    def _focus_list(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.table.currentIndex().isValid():
            self.table.move_current(0)

    def _open_menu(self, at: QPoint) -> None:
        if not self.table.indexAt(at).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for spec in ACTIONS:
            if spec.menu:
                menu.addAction(self.table_actions[spec.id])
        if (exchange := self._detail.exchange) is not None:
            more = menu.addMenu(self.tr("Show only those like this"))
            for condition in similar_conditions(exchange):
                more.addAction(condition, partial(self.toolbar.add, condition))
        menu.popup(self.table.viewport().mapToGlobal(at))

    # -- Qt ----------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._batcher.set_idle(False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._batcher.set_idle(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowStateChange:
            self._batcher.set_idle(self.window().isMinimized())
        return super().eventFilter(watched, event)
