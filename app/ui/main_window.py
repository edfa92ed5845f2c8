"""The main window: tunnels at the left, the chosen one at the right, the first screen when there is none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.domain.events import BackendsChanged, Event, Notice
from app.domain.problems import Problem
from app.domain.settings import Theme
from app.domain.tunnel import TunnelState, TunnelStatus
from app.engine.api import Workspace
from app.ui.actions import TUNNEL_MENU, build_actions
from app.ui.async_slots import start
from app.ui.copy_button import copy_text
from app.ui.deploy.commands import BackendCommands
from app.ui.deploy.run_banner import RunBanner
from app.ui.first_run import FirstScreen
from app.ui.key_help import KeyHelp
from app.ui.labels import PANEL, ElidedLabel, label
from app.ui.loop import ask
from app.ui.panes import focus_next
from app.ui.sidebar import Sidebar
from app.ui.theme import apply_theme, is_dark
from app.ui.toast import ToastStack
from app.ui.tunnel_commands import TunnelCommands
from app.ui.tunnel_page import TunnelPage
from app.ui.window_state import WindowState
from app.viewmodels.new_tunnel import NewTunnels
from app.viewmodels.services import ServiceListModel
from app.viewmodels.tunnel_stats import TunnelStats
from app.viewmodels.tunnels import TunnelListModel

_LEAST_WIDTH, _LEAST_HEIGHT = 960, 600


class MainWindow(QMainWindow):
    """Built and shown on the running loop. `on_close` is told that the user wants to end the app."""

    def __init__(self, workspace: Workspace, on_close: Callable[[], None]) -> None:
        super().__init__()
        self._workspace = workspace
        self._on_close = on_close
        self._state = WindowState()
        self.tunnels = TunnelListModel(workspace, parent=self)
        self._stats = TunnelStats(workspace, parent=self)
        self._new_tunnels = NewTunnels(workspace, parent=self)
        self._unsubscribe = workspace.subscribe(self._on_event)
        self.toasts = ToastStack(self)
        self._commands = TunnelCommands(workspace, self.tunnels, self.toasts, self.chosen, self)
        self.backends = BackendCommands(workspace, self.tunnels, self.toasts, self)
        self._run_banner = RunBanner(self.backends.run)
        self.actions_by_id = build_actions(self)
        self._menu = self._tunnel_menu()
        self.sidebar = Sidebar(self.tunnels, self.actions_by_id)
        self.page = TunnelPage(workspace, self._stats, self._menu, self.show_problem)
        self.first_screen = FirstScreen(ServiceListModel(workspace, self), self._new_tunnels, self.show_problem)
        self._pages = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._message = ElidedLabel(tone="muted")
        self._summary = label(tone="muted")
        self._lay_out()
        self._connect_actions()
        self._connect()
        self._show_start()

    def come_to_front(self) -> None:
        """Hatchway was started again: this is the window the user wants."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    def show_problem(self, problem: Problem) -> None:
        """A toast: for everything that belongs to no field and to no tunnel."""
        self.toasts.show_problem(problem)

    def chosen(self) -> TunnelStatus | None:
        """The tunnel of which the window tells now; None on the first screen."""
        shown = self._pages.currentWidget() is self.page
        return self.tunnels.status(self.sidebar.list.chosen_id()) if shown else None

    def show_first_screen(self) -> None:
        """The list of local services; [Back] leads to the tunnels if there are any."""
        self.first_screen.offer_back(self.tunnels.rowCount() > 0)
        self._pages.setCurrentWidget(self.first_screen)
        self.sidebar.list.clearSelection()
        self.sidebar.show_scope(None)
        self.setWindowTitle("Hatchway")
        self._enable_actions()
        self.first_screen.take_focus()

    def show_tunnel(self, tunnel_id: str) -> None:
        """Choose the tunnel and tell of it; unknown ids are ignored."""
        if (status := self.tunnels.status(tunnel_id)) is not None:
            self.sidebar.list.choose(tunnel_id)
            self.page.show_status(status)
            if self._pages.currentWidget() is not self.page:
                self._pages.setCurrentWidget(self.page)
                self.sidebar.list.setFocus()  # left to itself the focus would land on the QR code
            self.sidebar.show_scope(status.scope)
            self.setWindowTitle(f"{status.spec.name} – Hatchway")
            self._enable_actions()

    async def finish(self) -> None:
        """The app ends: remember the window, complete what can no longer be undone, stop listening."""
        self._state.save(self, self._splitter)
        await self._commands.finish()
        await self.backends.finish()
        self._unsubscribe()
        for part in (self.tunnels, self._stats, self._new_tunnels):
            part.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        # Accepting would destroy the last window while tasks still use it; the loop ends by `on_close`.
        event.ignore()
        if not self.backends.hold_back(self._quit):
            self._quit()

    def _quit(self) -> None:
        self.hide()
        self._on_close()

    def _lay_out(self) -> None:
        em = self.fontMetrics().averageCharWidth()
        # A small screen at 150 % has room for less: then the window must not reach beyond its edges.
        self.setMinimumSize(QSize(_LEAST_WIDTH, _LEAST_HEIGHT).boundedTo(self.screen().availableSize()))
        self._pages.addWidget(self.page)
        self._pages.addWidget(self.first_screen)
        self._splitter.addWidget(self.sidebar)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._run_banner)
        column.addWidget(self._pages, 1)
        self._splitter.addWidget(right)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._splitter.setStretchFactor(1, 1)
        self.sidebar.setMinimumWidth(em * 24)
        self.setCentralWidget(self._splitter)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(PANEL, 0, PANEL, 0)
        self.statusBar().addWidget(self._message, 1)
        self.statusBar().addPermanentWidget(self._summary)
        if not self._state.restore(self, self._splitter):
            self.resize(QSize(1280, 800).boundedTo(self.screen().availableSize()))
            self._splitter.setSizes([em * 34, self.width() - em * 34])
        self.toasts.raise_()

    def _connect_actions(self) -> None:
        handlers: dict[str, Callable[[], object]] = {
            "tunnel.new": self.show_first_screen,
            "tunnel.copy_url": self._commands.copy_url,
            "tunnel.copy_host_url": self._commands.copy_host_url,
            "tunnel.copy_markdown": self._commands.copy_markdown,
            "tunnel.toggle": self.page.header.toggle.click,
            "tunnel.edit": self._commands.edit,
            "tunnel.remove": self._commands.remove,
            "backend.public": self.backends.go_public,
            "backend.list": self.backends.show_list,
            "window.next_pane": self._next_pane,
            "window.theme": self._toggle_theme,
            "window.keys": self._show_keys,
            "window.quit": self.close,
        }
        for action_id, handler in handlers.items():
            self.actions_by_id[action_id].triggered.connect(handler)
        for number in range(1, 10):
            self.actions_by_id[f"tunnel.pick_{number}"].triggered.connect(self._picker(number))

    def _connect(self) -> None:
        self.sidebar.list.chosen.connect(self.show_tunnel)
        self.sidebar.list.menu_wanted.connect(self._show_menu)
        self.tunnels.changed.connect(self._on_tunnel_changed)
        self.tunnels.rowsRemoved.connect(self._on_tunnel_gone)
        self.first_screen.started.connect(self._on_started)
        self.first_screen.cancelled.connect(self._back_to_tunnels)
        self._new_tunnels.online.connect(self._on_new_online)
        self._run_banner.wanted.connect(self.backends.show_run)
        self._commands.copied.connect(self.page.header.copy.confirm)
        self._commands.restored.connect(self.show_tunnel)
        self.page.edit.connect(self._commands.edit)
        self.page.exchanges.status_message.connect(self._message.setText)
        self.page.exchanges.deleted.connect(self._offer_undo)

    def _show_start(self) -> None:
        self._summarise()
        if self.tunnels.rowCount():
            self.show_tunnel(self.tunnels.statuses[0].spec.id)
            self.sidebar.list.setFocus()
        else:
            self.show_first_screen()

    def _back_to_tunnels(self) -> None:
        if self.tunnels.rowCount():
            self.show_tunnel(self.sidebar.list.chosen_id() or self.tunnels.statuses[0].spec.id)
            self.sidebar.list.setFocus()

    def _on_tunnel_changed(self, status: TunnelStatus) -> None:
        self._summarise()
        if (chosen := self.chosen()) is not None and chosen.spec.id == status.spec.id:
            self.show_tunnel(status.spec.id)

    def _on_tunnel_gone(self) -> None:
        self._summarise()
        if not self.tunnels.rowCount():
            self.page.forget()
            self.show_first_screen()

    def _on_started(self, tunnel_id: str) -> None:
        self.show_tunnel(tunnel_id)
        self.sidebar.list.setFocus()  # left to itself the focus would land on [Pause]

    def _on_new_online(self, status: TunnelStatus) -> None:
        if status.public_url is not None:
            copy_text(status.public_url)
            self.page.header.copy.confirm("public URL")
            self.toasts.show_text(f"{status.spec.name} is online. Its URL is on the clipboard.")

    def _tunnel_menu(self) -> QMenu:
        menu = QMenu(self)
        for action_id in TUNNEL_MENU:
            if action_id:
                menu.addAction(self.actions_by_id[action_id])
            else:
                menu.addSeparator()
        return menu

    def _show_menu(self, tunnel_id: str, at: QPoint) -> None:
        self.show_tunnel(tunnel_id)
        self._menu.popup(at)

    def _enable_actions(self) -> None:
        status = self.chosen()
        urls = status.urls if status is not None else None
        for action_id in ("tunnel.toggle", "tunnel.edit", "tunnel.remove"):
            self.actions_by_id[action_id].setEnabled(status is not None)
        paused = status is not None and status.state in (TunnelState.STOPPED, TunnelState.FAILED)
        self.actions_by_id["tunnel.toggle"].setText("Start tunnel" if paused else "Pause tunnel")
        for action_id in ("tunnel.copy_url", "tunnel.copy_markdown"):
            self.actions_by_id[action_id].setEnabled(urls is not None)
        self.actions_by_id["tunnel.copy_host_url"].setEnabled(urls is not None and urls.host is not None)

    def _picker(self, number: int) -> Callable[[], None]:
        def pick() -> None:
            if number <= self.tunnels.rowCount():
                self.show_tunnel(self.tunnels.statuses[number - 1].spec.id)

        return pick

    def _offer_undo(self, count: int) -> None:
        toast = self.toasts.show_text("1 request deleted." if count == 1 else f"{count} requests deleted.")
        toast.add_action("Undo", self.page.exchanges.undo_delete)

    def _next_pane(self) -> None:
        if self._pages.currentWidget() is self.first_screen:
            focus_next([self.sidebar.list, self.first_screen.list, self.first_screen.other])
            return
        exchanges = self.page.exchanges
        parts = [*exchanges.findChildren(QAbstractItemView), *exchanges.findChildren(QTabBar)]
        focus_next([self.sidebar.list, self.page.header.url, *parts])

    def _toggle_theme(self) -> None:
        theme: Theme = "light" if is_dark() else "dark"
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        start(self._workspace.set_theme(theme), name="set-theme", show_problem=self.show_problem)

    def _show_keys(self) -> None:
        start(ask(KeyHelp(self)), name="key-help", show_problem=self.show_problem)

    def _on_event(self, event: Event) -> None:
        match event:
            case Notice(problem):
                self.show_problem(problem)
            case BackendsChanged() if (status := self.chosen()) is not None:
                self.show_tunnel(status.spec.id)  # the name of its backend stands in the header

    def _summarise(self) -> None:
        statuses = self.tunnels.statuses
        online = sum(status.state is TunnelState.ONLINE for status in statuses)
        noun = "tunnel" if len(statuses) == 1 else "tunnels"
        self._summary.setText(f"{online} of {len(statuses)} {noun} online" if statuses else "No tunnels yet")
