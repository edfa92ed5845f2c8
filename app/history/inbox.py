"""The bounded queue between the event loop and the writer thread: the loop never waits, it drops and counts."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from app.domain.events import Event, ExchangeFinished, ExchangeResponded, ExchangeRewritten, ExchangeStarted, FrameSeen
from app.domain.exchange import Exchange

MAX_EVENTS = 30_000
MAX_BYTES = 64 * 1024 * 1024
"""Of bodies that wait to be written."""

MAX_LOST = 100_000


_Recorded = ExchangeStarted | ExchangeResponded | ExchangeFinished | ExchangeRewritten | FrameSeen


@dataclass(slots=True)
class Batch:
    """What one transaction writes.

    exchanges: id → exchange, whether it is over
    rewritings, frames: of exchanges whose row is older or in the batch
    """

    exchanges: dict[str, tuple[Exchange, bool]] = field(default_factory=dict)
    rewritings: dict[str, ExchangeRewritten] = field(default_factory=dict)
    frames: list[FrameSeen] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.exchanges) + len(self.rewritings) + len(self.frames)

    def clear(self) -> None:
        self.exchanges.clear()
        self.rewritings.clear()
        self.frames.clear()


class Inbox:
    """One thread (the loop's) offers, one (the writer's) takes; no locks, only atomic operations.

    wake: set when there is something to take
    refused: how many finished exchanges and frames found no room
    lost: (how many events were offered before, id) of finished exchanges that were refused; once those are written, the
    writer removes its unfinished row, if any
    """

    __slots__ = (
        "_awake", "_bytes_in", "_bytes_out", "_bytes_taken", "_events", "_max_bytes", "_max_events",
        "_offered", "_settled", "_taken", "closed", "lost", "refused", "wake",
    )  # fmt: skip

    def __init__(self, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        self._events: deque[_Recorded] = deque()
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._awake = False
        # Each counter has one writing thread, because += is not atomic.
        self._bytes_in = self._bytes_taken = self._bytes_out = 0
        self._offered = self._taken = self._settled = 0
        self.refused = 0
        self.lost: deque[tuple[int, str]] = deque(maxlen=MAX_LOST)
        self.wake = threading.Event()
        self.closed = False

    def offer(self, event: Event) -> None:
        """Queue the event if it is about an exchange and there is room. Loop thread only."""
        if isinstance(event, ExchangeFinished):
            exchange = event.exchange
            size = exchange.request_body.kept + exchange.response_body.kept
            waiting = self._bytes_in - self._bytes_out
            if len(self._events) >= self._max_events or (waiting and waiting + size > self._max_bytes) or self.closed:
                self.refused += 1
                self.lost.append((self._offered, exchange.id))
                return
            self._bytes_in += size
        elif isinstance(event, FrameSeen):
            size = len(event.frame.data)
            full = self._bytes_in - self._bytes_out + size > self._max_bytes // 2  # the rest is for exchanges
            if full or 2 * len(self._events) >= self._max_events or self.closed:
                self.refused += 1
                return
            self._bytes_in += size
        elif (
            isinstance(event, ExchangeStarted)  # noqa: SIM101 (one by one is twice as fast)
            or isinstance(event, ExchangeResponded)
            or isinstance(event, ExchangeRewritten)
        ):
            # The last quarter is for the ends: one complete exchange is worth more than two beginnings.
            if 4 * len(self._events) >= 3 * self._max_events or self.closed:
                return
        else:
            return
        self._offered += 1
        self._events.append(event)
        # Append first, look second: `take` clears the flag before it looks at the queue, so no event is left behind.
        if not self._awake:
            self._awake = True
            self.wake.set()

    @property
    def idle(self) -> bool:
        """Whether everything offered so far has been settled."""
        return self._offered == self._settled

    @property
    def taken(self) -> int:
        """How many of the events offered so far were taken."""
        return self._taken

    def take(self, batch: Batch, limit: int) -> None:
        """Move events into the batch until it has `limit` entries."""
        self.wake.clear()
        self._awake = False
        events = self._events
        while events and len(batch) < limit:
            event = events.popleft()
            self._taken += 1
            if isinstance(event, ExchangeRewritten):
                batch.rewritings[event.exchange_id] = event
                continue
            if isinstance(event, FrameSeen):
                batch.frames.append(event)
                self._bytes_taken += len(event.frame.data)
                continue
            exchange = event.exchange
            finished = isinstance(event, ExchangeFinished)
            batch.exchanges[exchange.id] = (exchange, finished)
            if finished:
                self._bytes_taken += exchange.request_body.kept + exchange.response_body.kept

    def settle(self) -> None:
        """What was taken so far is written (or given up)."""
        self._settled = self._taken
        self._bytes_out = self._bytes_taken

    def __bool__(self) -> bool:
        """Whether there is something to take."""
        return bool(self._events)
