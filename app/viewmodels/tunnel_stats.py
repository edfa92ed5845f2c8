"""What the header says about a tunnel's traffic: how many requests, how fast, how busy lately."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.events import Event, ExchangeFinished, ExchangeStarted, TunnelRemoved
from app.domain.exchange import Exchange
from app.engine.api import Workspace

_SEED = 500  # recorded exchanges read for a start; more than that are counted as "500+"
_SAMPLES = 200  # latest durations behind the median
_BARS = 24
_BAR_SECONDS = 5
_COALESCE_MS = 250


@dataclass(frozen=True, slots=True)
class Traffic:
    """requests: how many are known; more: the history holds older ones that are not counted
    median_ms: of the latest durations, None if there are none
    bars: requests for each of the last 5-second spans, oldest first
    """

    requests: int = 0
    more: bool = False
    median_ms: float | None = None
    bars: tuple[int, ...] = ()


@dataclass(slots=True)
class _Counter:
    requests: int = 0
    more: bool = False
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=_SAMPLES))
    starts: dict[int, int] = field(default_factory=dict)
    live_ids: deque[str] = field(default_factory=lambda: deque(maxlen=_SEED))


class TunnelStats(QObject):
    """Counts while requests pass; `changed` is coalesced, so that a busy tunnel costs four repaints a second."""

    changed = Signal()

    def __init__(
        self, workspace: Workspace, *, clock: Callable[[], float] = time.time, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._clock = clock
        self._counters: dict[str, _Counter] = {}
        self._asked: set[str] = set()
        self._loaded: set[str] = set()
        self._announce = QTimer(self, singleShot=True, interval=_COALESCE_MS)
        self._announce.timeout.connect(self.changed)
        self._unsubscribe = workspace.subscribe(self._on_event)

    def close(self) -> None:
        self._unsubscribe()
        self._announce.stop()

    async def load(self, tunnel_id: str) -> None:
        """Count what the history already holds of the tunnel; only the first call does anything."""
        if tunnel_id in self._asked:
            return
        self._asked.add(tunnel_id)
        recorded = await self._workspace.archive.page(_SEED, tunnel_id=tunnel_id)
        counter = self._counter(tunnel_id)
        # What passed before this may be in the record too, or not yet: the writer lags behind.
        older = [exchange for exchange in recorded if exchange.id not in counter.live_ids]
        counter.requests += len(older)
        counter.more = len(recorded) == _SEED
        durations = [exchange.duration_ms for exchange in reversed(older) if exchange.duration_ms is not None]
        counter.durations = deque([*durations, *counter.durations], maxlen=_SAMPLES)
        for exchange in older:
            self._mark(counter, exchange)
        counter.live_ids.clear()
        self._loaded.add(tunnel_id)
        self._announce.start()

    def traffic(self, tunnel_id: str) -> Traffic:
        counter = self._counters.get(tunnel_id)
        if counter is None:
            return Traffic()
        last = int(self._clock()) // _BAR_SECONDS
        bars = tuple(counter.starts.get(span, 0) for span in range(last - _BARS + 1, last + 1))
        middle = median(counter.durations) if counter.durations else None
        return Traffic(counter.requests, counter.more, middle, bars)

    def _on_event(self, event: Event) -> None:
        match event:
            case ExchangeStarted(exchange=exchange):
                counter = self._counter(exchange.tunnel_id)
                counter.requests += 1
                if exchange.tunnel_id not in self._loaded:
                    counter.live_ids.append(exchange.id)
                self._mark(counter, exchange)
            case ExchangeFinished(exchange=exchange) if exchange.kind == "http" and exchange.duration_ms is not None:
                self._counter(exchange.tunnel_id).durations.append(exchange.duration_ms)
            case TunnelRemoved(tunnel_id=tunnel_id):
                self._counters.pop(tunnel_id, None)
                self._asked.discard(tunnel_id)
                self._loaded.discard(tunnel_id)
            case _:
                return
        if not self._announce.isActive():
            self._announce.start()

    def _counter(self, tunnel_id: str) -> _Counter:
        return self._counters.setdefault(tunnel_id, _Counter())

    def _mark(self, counter: _Counter, exchange: Exchange) -> None:
        span = exchange.started_ns // 1_000_000_000 // _BAR_SECONDS
        counter.starts[span] = counter.starts.get(span, 0) + 1
        if len(counter.starts) > 2 * _BARS:
            oldest = max(counter.starts) - _BARS
            counter.starts = {key: count for key, count in counter.starts.items() if key > oldest}
