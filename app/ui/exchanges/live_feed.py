"""What happens in the workspace, brought into list and detail once per frame; a paused list is told how much waits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

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
from app.engine.api import Workspace
from app.ui.exchanges.commands import ExchangeCommands
from app.ui.exchanges.detail.panel import DetailPanel
from app.viewmodels.exchange_detail import ExchangeDetail
from app.viewmodels.exchange_pages import ExchangePages
from app.viewmodels.exchange_row import without_bodies
from app.viewmodels.exchanges import ExchangeTableModel
from app.viewmodels.frame_batcher import FrameBatcher
from app.viewmodels.waiting_news import WaitingNews

_CLOCK_MS = 100


class LiveFeed(QObject):
    """Listens until it is destroyed."""

    waiting = Signal(int)  # so many requests would be shown if the list were not paused
    replay_arrived = Signal(str)  # id of a replay that the user waits for
    removed = Signal(object)  # frozenset of the ids of what was deleted
    status_message = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        model: ExchangeTableModel,
        pages: ExchangePages,
        detail: ExchangeDetail,
        panel: DetailPanel,
        commands: ExchangeCommands,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = model
        self._pages = pages
        self._detail = detail
        self._panel = panel
        self._commands = commands
        self._dropped = 0  # captures, as told in the status line
        self._idle = True
        self._batcher = FrameBatcher(self._deliver, self)
        self._news = WaitingNews(self._is_news)
        self._clock = QTimer(self, interval=_CLOCK_MS)
        self._clock.timeout.connect(self._tick)
        model.modelReset.connect(self._ask_again)
        model.rowsInserted.connect(self._ask_again)
        unsubscribe = workspace.subscribe(self._on_event)
        self.destroyed.connect(lambda: unsubscribe())

    def set_paused(self, paused: bool) -> None:
        """Hold back what arrives, or let it in."""
        self._news.clear()
        if paused:
            self._batcher.pause()
            self._ask_again()
            self._clock.start()
        else:
            self._batcher.resume()

    def set_idle(self, idle: bool) -> None:
        """Whether nobody looks."""
        self._idle = idle
        self._batcher.set_idle(idle)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _on_event(self, event: Event) -> None:
        match event:
            case ExchangeStarted(exchange) | ExchangeResponded(exchange) | ExchangeFinished(exchange):
                if exchange.replay_of in self._commands.replaying:
                    self._deliver([exchange])  # the user waits for this one, even while the list is paused
                else:
                    self._add(exchange)
            case ExchangeRewritten(exchange_id=exchange_id, rewriting=rewriting, delivered=delivered):
                for holder in (self._batcher, self._model, self._detail):
                    holder.rewritten(exchange_id, rewriting, delivered)
            case FrameSeen():
                self._panel.frames.model.on_event(event)
            case ExchangeAnnotated():
                self._model.annotate(event)
                self._detail.annotate(event)
                if event.verdict is not None:
                    self._panel.refresh_links()
            case ExchangesRemoved(exchange_ids=gone):
                self.removed.emit(frozenset(gone))
            case ExchangesRestored():
                self._pages.reload()

    def _add(self, exchange: Exchange) -> None:
        if exchange.finished_ns is not None and exchange is not self._detail.exchange:
            exchange = without_bodies(exchange)  # a long pause must not collect bodies
        fallen = self._batcher.add(exchange)
        if self._batcher.paused:
            self._news.add(exchange)
            if fallen is not None:
                self._news.forget(fallen)

    def _deliver(self, exchanges: Sequence[Exchange]) -> None:
        self._tell_dropped()
        self._model.apply(exchanges)
        self._pages.arrived(exchanges)
        shown = self._detail.exchange
        for exchange in exchanges:
            if shown is not None and exchange.id == shown.id:
                self._detail.update(exchange)
            elif shown is not None and exchange.replay_of == shown.id:
                self._panel.refresh_links()
            awaited = exchange.replay_of in self._commands.replaying and not self._panel.editing
            if awaited and shown is not None and shown.id == exchange.replay_of:
                self.replay_arrived.emit(exchange.id)
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
            self.waiting.emit(self._news.count())
        elif self._model.any_running:
            if not self._idle:
                self._model.tick()
                self._panel.tick()
        else:
            self._clock.stop()

    def _ask_again(self) -> None:
        if self._batcher.paused:
            self._news.ask_again(self._batcher.waiting)

    def _is_news(self, exchange: Exchange) -> bool:
        in_scope = self._model.scope in (None, exchange.tunnel_id)
        return in_scope and self._model.find(exchange.id) is None and self._pages.filter.matches(exchange)
