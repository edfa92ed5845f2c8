from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QElapsedTimer
from pytestqt.qtbot import QtBot

from app.domain.exchange import Exchange, Rewriting
from app.viewmodels.frame_batcher import FRAME_MS, ROWS_PER_FLUSH, FrameBatcher
from tests.app.fake_workspace import an_exchange


class Sink:
    def __init__(self) -> None:
        self.batches: list[list[Exchange]] = []
        self.times: list[int] = []
        self._clock = QElapsedTimer()
        self._clock.start()

    def __call__(self, batch: Sequence[Exchange]) -> None:
        self.batches.append(list(batch))
        self.times.append(self._clock.elapsed())

    @property
    def count(self) -> int:
        return sum(map(len, self.batches))


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def batcher(qtbot: QtBot, sink: Sink) -> FrameBatcher:
    return FrameBatcher(sink)


def test_events_of_one_exchange_are_merged(qtbot: QtBot, batcher: FrameBatcher, sink: Sink) -> None:
    first, second = an_exchange(), an_exchange()
    for exchange in (first, second, first, first):
        batcher.add(exchange)
    qtbot.waitUntil(lambda: sink.count > 0)
    assert sink.batches == [[first, second]]


def test_at_most_one_flush_a_frame_and_500_rows_a_flush(qtbot: QtBot, batcher: FrameBatcher, sink: Sink) -> None:
    for _ in range(1_300):
        batcher.add(an_exchange())
    qtbot.waitUntil(lambda: sink.count == 1_300)
    assert [len(batch) for batch in sink.batches] == [ROWS_PER_FLUSH, ROWS_PER_FLUSH, 300]
    gaps = [later - earlier for earlier, later in zip(sink.times, sink.times[1:], strict=False)]
    assert all(gap >= FRAME_MS - 2 for gap in gaps)


def test_nothing_is_delivered_while_paused(qtbot: QtBot, batcher: FrameBatcher, sink: Sink) -> None:
    batcher.pause()
    exchange = an_exchange()
    batcher.add(exchange)
    qtbot.wait(2 * FRAME_MS)
    assert sink.batches == []
    assert list(batcher.waiting) == [exchange]
    batcher.resume()
    qtbot.waitUntil(lambda: sink.batches == [[exchange]])
    assert list(batcher.waiting) == []


def test_an_idle_window_is_served_slowly_and_catches_up_when_shown(
    qtbot: QtBot, batcher: FrameBatcher, sink: Sink
) -> None:
    batcher.set_idle(True)
    batcher.add(an_exchange())
    qtbot.waitUntil(lambda: sink.count == 1)
    batcher.add(an_exchange())
    qtbot.wait(3 * FRAME_MS)
    assert sink.count == 1
    batcher.set_idle(False)
    qtbot.waitUntil(lambda: sink.count == 2, timeout=2 * FRAME_MS)


def test_the_backlog_keeps_the_newest(qtbot: QtBot, batcher: FrameBatcher) -> None:
    batcher.pause()
    exchanges = [an_exchange() for _ in range(10_005)]
    for exchange in exchanges:
        batcher.add(exchange)
    assert list(batcher.waiting) == exchanges[5:]


def test_what_rewriting_did_reaches_an_exchange_that_waits(qtbot: QtBot, batcher: FrameBatcher, sink: Sink) -> None:
    exchange = an_exchange()
    batcher.add(exchange)
    batcher.rewritten(exchange.id, Rewriting("html"))
    batcher.rewritten("unknown", Rewriting("css"))
    qtbot.waitUntil(lambda: sink.count > 0)
    assert [each.rewriting for each in sink.batches[0]] == [Rewriting("html")]
