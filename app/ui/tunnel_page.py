"""Everything about the chosen tunnel: head, banner when something is wrong, and its exchanges."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout, QWidget

from app.domain.tunnel import TunnelState, TunnelStatus
from app.engine.api import Workspace
from app.ui.async_slots import ShowProblem, start
from app.ui.banner import Banner
from app.ui.cost_line import CostLine
from app.ui.exchanges.pane import ExchangesPane
from app.ui.tunnel_header import TunnelHeader
from app.viewmodels.deploy_text import place_words
from app.viewmodels.tunnel_stats import TunnelStats


class TunnelPage(QWidget):
    """Shows one tunnel at a time; `edit` is the wish to open its editor."""

    edit = Signal()

    def __init__(
        self,
        workspace: Workspace,
        stats: TunnelStats,
        menu: QMenu,
        show_problem: ShowProblem,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._stats = stats
        self._show_problem = show_problem
        self._status: TunnelStatus | None = None
        self.header = TunnelHeader(menu)
        self.cost = CostLine(workspace)
        self.header.add_fact(self.cost)
        self.banner = Banner()
        self.exchanges = ExchangesPane(workspace)
        self._second = QTimer(self, interval=1000)
        line = QFrame()
        line.setObjectName("hairline")
        line.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(line)
        column.addWidget(self.banner)
        column.addWidget(self.exchanges, 1)
        self._second.timeout.connect(self._tick)
        self.header.toggled.connect(self._on_toggled)
        self.exchanges.test_request_wanted.connect(self._on_test_request)
        self.banner.retry.connect(self._on_retry)
        self.banner.edit.connect(self.edit)
        stats.changed.connect(self._on_stats)

    def show_status(self, status: TunnelStatus) -> None:
        """Show this tunnel; of a tunnel already shown only what changed moves."""
        other = self._status is None or self._status.spec.id != status.spec.id
        self._status = status
        now = time.time()
        self.header.show_status(
            status, now, place_words(status.spec, self._workspace.backends.profile(status.spec.backend))
        )
        self.banner.show_status(status, now)
        if other:
            self.cost.show_tunnel(status.spec.id)
            self.exchanges.show_tunnel(status.spec.id)
            start(self._stats.load(status.spec.id), name="load-stats", show_problem=self._show_problem)
            self._on_stats()

    def _on_test_request(self, tunnel_id: str) -> None:
        start(self._workspace.visit(tunnel_id), name="test-request", show_problem=self._show_problem)

    def forget(self) -> None:
        """No tunnel is chosen any more."""
        self._status = None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._second.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._second.stop()

    def _tick(self) -> None:
        now = time.time()
        self.header.tick(now)
        self.banner.tick(now)

    def _on_stats(self) -> None:
        if self._status is not None:
            self.header.show_traffic(self._stats.traffic(self._status.spec.id), time.time())

    def _on_toggled(self, running: bool) -> None:
        if self._status is not None:
            tunnel_id = self._status.spec.id
            work = self._workspace.start_tunnel(tunnel_id) if running else self._workspace.stop_tunnel(tunnel_id)
            start(work, name="toggle-tunnel", show_problem=self._show_problem, resting=self.header.toggle)

    def _on_retry(self) -> None:
        match self._status:
            case TunnelStatus(state=TunnelState.RECONNECTING, spec=spec):
                self._workspace.retry_now(spec.id)
            case TunnelStatus():
                self._on_toggled(True)
