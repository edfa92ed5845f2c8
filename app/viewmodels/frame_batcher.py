"""Collects exchange events and hands them on at most once per frame, so that painting never follows the traffic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from app.domain.exchange import Delivered, Exchange, Rewriting

FRAME_MS = 33
IDLE_MS = 250
ROWS_PER_FLUSH = 500
_BACKLOG = 10_000  # as many as the list can hold; what falls out is in the history


class FrameBatcher(QObject):
    """Merges events per exchange id; the latest value of each exchange is delivered, in order of arrival.

    The first event after a quiet spell is delivered in the next turn of the loop, later ones wait for their frame.
    """

    def __init__(self, deliver: Callable[[Sequence[Exchange]], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._deliver = deliver
        self._waiting: dict[str, Exchange] = {}
        self._interval = FRAME_MS
        self._paused = False
        self._since_flush = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._flush)

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def waiting(self) -> Iterable[Exchange]:
        """What has arrived but was not delivered yet, oldest first."""
        return self._waiting.values()

    def add(self, exchange: Exchange) -> str | None:
        """Remember that the exchange is new or has changed; returns the id of what fell out of a full backlog."""
        fallen = None
        self._waiting[exchange.id] = exchange
        if len(self._waiting) > _BACKLOG:
            fallen = next(iter(self._waiting))
            del self._waiting[fallen]
        self._schedule()
        return fallen

    def rewritten(self, exchange_id: str, rewriting: Rewriting, delivered: Delivered | None = None) -> None:
        """What rewriting did has become known, perhaps of one that waits."""
        if (exchange := self._waiting.get(exchange_id)) is not None:
            exchange.rewriting, exchange.delivered = rewriting, delivered

    def set_idle(self, idle: bool) -> None:
        """Slow down while nobody looks (hidden or minimised window)."""
        self._interval = IDLE_MS if idle else FRAME_MS
        if not idle and self._timer.isActive():
            self._timer.start(0)

    def pause(self) -> None:
        """Hold everything back until `resume`."""
        self._paused = True
        self._timer.stop()

    def resume(self) -> None:
        self._paused = False
        self._schedule()

    def _schedule(self) -> None:
        if self._paused or not self._waiting or self._timer.isActive():
            return
        elapsed = self._since_flush.elapsed() if self._since_flush.isValid() else self._interval
        self._timer.start(max(0, self._interval - elapsed))

    def _flush(self) -> None:
        self._since_flush.start()
        if len(self._waiting) <= ROWS_PER_FLUSH:
            batch, self._waiting = list(self._waiting.values()), {}
        else:
            batch = [self._waiting.pop(key) for key in list(self._waiting)[:ROWS_PER_FLUSH]]
        if batch:
            self._deliver(batch)
        self._schedule()
