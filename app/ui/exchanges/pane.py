"""The inspector: list of requests, detail, replay; the one widget the main window puts in its middle."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.exchange import Exchange
from app.domain.problems import Problem
from app.engine.api import Workspace
from app.filter.filter import Filter
from app.ui.async_slots import start
from app.ui.exchanges.actions import make_actions, name_actions
from app.ui.exchanges.adaptive_splitter import AdaptiveSplitter
from app.ui.exchanges.column_menu import fill_column_menu, open_column_menu, remember_columns
from app.ui.exchanges.commands import ExchangeCommands
from app.ui.exchanges.curl_paste import CurlPaste
from app.ui.exchanges.detail.panel import DetailPanel
from app.ui.exchanges.exchange_table import ExchangeTable
from app.ui.exchanges.files import ExchangeFiles
from app.ui.exchanges.list_stack import ListStack
from app.ui.exchanges.list_toolbar import ListToolbar
from app.ui.exchanges.live_feed import LiveFeed
from app.ui.exchanges.marks import ExchangeMarks
from app.ui.exchanges.row_menu import open_row_menu
from app.ui.exchanges.selection_commands import SelectionCommands
from app.ui.exchanges.side import Side
from app.ui.window_state import window_settings
from app.viewmodels.exchange_detail import ExchangeDetail
from app.viewmodels.exchange_pages import ExchangePages
from app.viewmodels.exchanges import ExchangeTableModel
from app.viewmodels.saved_filters import Saved


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
        self._detail = ExchangeDetail(workspace, self)
        self._commands = ExchangeCommands(workspace, self._detail, self)
        self._files = ExchangeFiles(workspace.archive, self)
        self._paste = CurlPaste(workspace.archive, self)
        self._build()
        self._feed = LiveFeed(
            workspace, self._model, self._pages, self._detail, self.detail_panel, self._commands, self
        )
        self._selection = SelectionCommands(
            workspace, self.table, self._model, self._detail, self.side, self._commands, self._marks, self
        )
        self._connect()

    def show_tunnel(self, tunnel_id: str | None) -> None:
        """Show the requests of that tunnel; None shows those of all."""
        self.table.clear_current()
        self._detail.show(None)
        self._pages.set_scope(tunnel_id)
        self._list.update_page()

    def undo_delete(self) -> None:
        self._marks.undo()

    def focus_filter(self) -> None:
        self.toolbar.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.box.selectAll()

    def is_empty(self) -> bool:
        """Whether the shown tunnel has no requests at all (whatever the filter)."""
        return self._model.empty

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
        remember_columns(self.table.columns, window_settings())
        self.table_actions = make_actions(self.table)
        self._list = ListStack(self.table, self._model, self._pages)
        left = QWidget()
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        layout.addWidget(self._files.banner)
        layout.addWidget(self._list, 1)
        self.detail_panel = DetailPanel(self._detail, self._model, self._workspace)
        self.side = Side(self.detail_panel, self._detail, self._workspace.archive)
        splitter = AdaptiveSplitter(left, self.side)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)
        self.setTabOrder(self.toolbar, self.table)
        self.setTabOrder(self.table, self.side)

    def _connect(self) -> None:
        self._files.banner.cancelled.connect(self._focus_list)
        self._pages.changed.connect(self._on_fetched)
        self._pages.found.connect(self._on_found)
        self._pages.failed.connect(self.status_message)
        self._marks.deleted.connect(self.deleted)
        self._feed.waiting.connect(self.toolbar.show_waiting)
        self._feed.replay_arrived.connect(self.select)
        self._feed.removed.connect(self._forget)
        self._paste.pasted.connect(self._edit_pasted)
        self.toolbar.filter_changed.connect(self._set_filter)
        self.toolbar.pause_toggled.connect(self._set_paused)
        self.toolbar.list_wanted.connect(self._focus_list)
        self.toolbar.saved_changed.connect(self._save_filters)
        self.table.current_changed.connect(self._on_current)
        self.table.menu_wanted.connect(self._open_menu)
        self.table.columns_wanted.connect(lambda at: open_column_menu(self.table, at))
        self._list.test_request_wanted.connect(self.test_request_wanted)
        self._list.clear_wanted.connect(self.toolbar.clear)
        self._list.list_wanted.connect(self._focus_list)
        panel, commands, side, selection = self.detail_panel, self._commands, self.side, self._selection
        for speaker in (self._marks, self._files, self._feed, self._paste, commands, panel, side, selection):
            speaker.status_message.connect(self.status_message)
        side.back_wanted.connect(self._focus_list)
        panel.back_wanted.connect(self._focus_list)
        panel.exchange_wanted.connect(self.select)
        panel.action_bar.replay_wanted.connect(commands.replay)
        panel.action_bar.edit_wanted.connect(panel.edit)
        panel.action_bar.curl_wanted.connect(selection.copy_shown)
        panel.note_written.connect(self._marks.write_note)
        panel.filter_wanted.connect(self.toolbar.add)
        commands.replay_failed.connect(panel.show_problem)
        selection.copies.curl_copied.connect(panel.action_bar.acknowledge_curl)
        handlers = {
            **self._selection.handlers(),
            "exchange.har": self._save_har,
            "exchange.har_secrets": self._save_har_with_secrets,
            "exchange.import": self._files.choose,
            "exchange.paste": self._paste.paste,
            "exchange.filter": self.focus_filter,
            "exchange.pause": self.toolbar.pause.toggle,
        }
        for action_id, handler in handlers.items():
            self.table_actions[action_id].triggered.connect(handler)

    # -- list --------------------------------------------------------------------------------------------------------

    def _forget(self, gone: frozenset[str]) -> None:
        self.side.forget(gone)
        shown = self._detail.exchange
        row = self.table.currentIndex().row()
        self._model.remove(gone)
        if shown is None or shown.id not in gone:
            if shown is not None and self.table.current_id() != shown.id:
                self.table.select(shown.id, reveal=False)
            return
        self._detail.show(None)
        if self._model.rowCount():  # what moved up is what one wants to see next
            self.table.select(self._model.at(min(max(row, 0), self._model.rowCount() - 1)).exchange.id)

    def _set_paused(self, paused: bool) -> None:
        self._feed.set_paused(paused)
        self.toolbar.show_waiting(0 if paused else None)

    def _on_fetched(self) -> None:
        self._list.update_page()
        if self.table.has_room:
            self._model.fetchMore()

    async def _seen_values(self, field: str, prefix: str) -> Sequence[tuple[str, int]]:
        return await self._workspace.archive.values(field, prefix, tunnel_id=self._model.scope)

    def _save_filters(self, saved: Saved) -> None:
        def show(problem: Problem) -> None:
            self.status_message.emit(str(problem))

        start(self._workspace.set_filters(saved), name="save filters", show_problem=show)

    def _set_filter(self, wanted: Filter) -> None:
        self._pages.set_filter(wanted)
        self._list.update_page()

    def _on_found(self) -> None:
        current = self._detail.exchange
        if current is not None:
            self.table.select(current.id)
        self._on_fetched()

    def _save_har(self) -> None:
        self._files.save(self.table.selected_ids(), self._model.scope, self._pages.filter)

    def _save_har_with_secrets(self) -> None:
        self._files.save_with_secrets(self.table.selected_ids(), self._model.scope, self._pages.filter)

    def _edit_pasted(self, exchange: Exchange) -> None:
        self._detail.show(exchange)
        self.detail_panel.edit()

    def _on_current(self, exchange_id: str) -> None:
        if exchange_id:
            self._detail.show(self._model.find(exchange_id))

    def _focus_list(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.table.currentIndex().isValid():
            self.table.move_current(0)

    def _open_menu(self, at: QPoint) -> None:
        self._selection.name(self.table_actions)
        menu = open_row_menu(self, at, self.table_actions, self._detail.exchange, self.toolbar.add)
        menu.aboutToHide.connect(lambda: name_actions(self.table_actions))
        fill_column_menu(menu.addMenu(self.tr("Columns")), self.table)

    # -- Qt ----------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._feed.set_idle(False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._feed.set_idle(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowStateChange:
            self._feed.set_idle(self.window().isMinimized())
        return super().eventFilter(watched, event)
