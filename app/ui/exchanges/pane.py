"""The inspector: list of requests, detail, replay; the one widget the main window puts in its middle."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.domain.events import Event, ExchangeFinished, ExchangeResponded, ExchangeRewritten, ExchangeStarted
from app.domain.exchange import Exchange
from app.domain.problems import HatchwayError
from app.domain.tasks import spawn
from app.engine.api import Workspace
from app.ui.exchanges.actions import ACTIONS, make_actions
from app.ui.exchanges.adaptive_splitter import AdaptiveSplitter
from app.ui.exchanges.commands import ExchangeCommands
from app.ui.exchanges.detail.panel import DetailPanel
from app.ui.exchanges.empty_state import EmptyState
from app.ui.exchanges.exchange_table import ExchangeTable
from app.ui.exchanges.list_toolbar import ListToolbar
from app.viewmodels.exchange_detail import ExchangeDetail
from app.viewmodels.exchange_filter import ExchangeFilter
from app.viewmodels.exchange_row import without_bodies
from app.viewmodels.exchanges import PAGE, ExchangeTableModel
from app.viewmodels.frame_batcher import FrameBatcher

_CLOCK_MS = 100


class ExchangesPane(QWidget):
    """Requests of one tunnel or of all, live. Build it inside the running loop."""

    status_message = Signal(str)
    test_request_wanted = Signal(str)  # tunnel id

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._filter = ExchangeFilter()
        self._model = ExchangeTableModel(self)
        self._batcher = FrameBatcher(self._deliver, self)
        self._detail = ExchangeDetail(workspace, self)
        self._commands = ExchangeCommands(workspace, self._detail, self)
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
        self._model.set_scope(tunnel_id)
        self._model.fetchMore()
        self._update_page()

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
        self.toolbar = ListToolbar()
        self.table = ExchangeTable(self._model)
        self.table_actions = make_actions(self.table)
        self._nothing = EmptyState()
        self._no_match = EmptyState()
        self._pages = QStackedWidget()
        for page in (self.table, self._nothing, self._no_match):
            self._pages.addWidget(page)
        left = QWidget()
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self._pages, 1)
        self.detail_panel = DetailPanel(self._detail, self._model, self._workspace)
        splitter = AdaptiveSplitter(left, self.detail_panel)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)
        self.setTabOrder(self.toolbar, self.table)
        self.setTabOrder(self.table, self.detail_panel)

    def _connect(self) -> None:
        self._model.older_wanted.connect(self._fetch_older)
        self._model.rowsInserted.connect(self._update_page)
        self._model.rowsRemoved.connect(self._update_page)
        self._model.modelReset.connect(self._update_page)
        self.toolbar.filter_changed.connect(self._set_filter)
        self.toolbar.pause_toggled.connect(self._set_paused)
        self.toolbar.list_wanted.connect(self._focus_list)
        self.table.current_changed.connect(self._on_current)
        self.table.customContextMenuRequested.connect(self._open_menu)
        self._nothing.wanted.connect(self._want_test_request)
        self._no_match.wanted.connect(self.toolbar.clear)
        panel, commands = self.detail_panel, self._commands
        panel.back_wanted.connect(self._focus_list)
        panel.exchange_wanted.connect(self.select)
        panel.replay_wanted.connect(commands.replay)
        panel.edit_wanted.connect(panel.edit)
        panel.curl_wanted.connect(commands.copy_curl)
        panel.status_message.connect(self.status_message)
        commands.status_message.connect(self.status_message)
        commands.replay_failed.connect(panel.show_problem)
        commands.curl_copied.connect(panel.acknowledge_curl)
        handlers = {
            "exchange.detail": panel.take_focus,
            "exchange.replay": commands.replay,
            "exchange.edit": panel.edit,
            "exchange.curl": commands.copy_curl,
            "exchange.url": commands.copy_url,
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
            case ExchangeRewritten(exchange_id=exchange_id, rewriting=rewriting):
                for holder in (self._batcher, self._model, self._detail):
                    holder.rewritten(exchange_id, rewriting)

    def _deliver(self, exchanges: Sequence[Exchange]) -> None:
        self._model.apply(exchanges)
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
        return in_scope and self._model.find(exchange.id) is None and self._filter.matches(exchange)

    def _set_paused(self, paused: bool) -> None:
        if paused:
            self._batcher.pause()
            self._clock.start()
        else:
            self._batcher.resume()
        self.toolbar.show_waiting(0 if paused else None)

    def _fetch_older(self) -> None:
        spawn(self._load_older(self._model.scope, self._model.oldest_id()), name="load older exchanges")

    async def _load_older(self, scope: str | None, before: str | None) -> None:
        try:
            older = await self._workspace.recent_exchanges(PAGE, tunnel_id=scope, before=before)
        except HatchwayError as error:
            self._model.older_failed()
            self.status_message.emit(str(error.problem))
            return
        if scope != self._model.scope:
            return  # the user has gone to another tunnel; that one fetches for itself
        self._model.add_older(older, complete=len(older) < PAGE)
        self._update_page()
        if older and self._filter.active and self.table.has_room:
            self._model.fetchMore()  # nothing to scroll to yet: look further back for matches

    # -- list --------------------------------------------------------------------------------------------------------

    def _set_filter(self, wanted: ExchangeFilter) -> None:
        if wanted == self._filter:
            return
        self._filter = wanted
        current = self._detail.exchange
        self._model.set_filter(wanted.matches)
        if current is not None:
            self.table.select(current.id)
        if self.table.has_room:
            self._model.fetchMore()
        self._update_page()

    def _update_page(self) -> None:
        if self._model.rowCount():
            page: QWidget = self.table
        elif self._model.in_scope or self._filter.active:
            page = self._no_match
            page.set(self.tr("Nothing matches “{0}”.").format(self._filter.description), self.tr("Clear"))
        else:
            page = self._nothing
            if self._model.scope is None:
                page.set(self.tr("No requests yet. Open a public URL to see them here."))
            else:
                page.set(self.tr("No requests yet. Open the URL or"), self.tr("Send a test request"))
        before = self._pages.currentWidget()
        if page is not before:
            had_focus = before is not None and before.isAncestorOf(self.focusWidget())
            self._pages.setCurrentWidget(page)
            if had_focus and page is self.table:
                self._focus_list()

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
