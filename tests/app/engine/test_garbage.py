from __future__ import annotations

import asyncio
import gc

import pytest

from app.domain.events import ExchangeStarted
from app.engine import garbage
from app.engine.garbage import QuietMoments, collecting_when_quiet
from tests.app.fake_workspace import FakeWorkspace, an_exchange


class TestQuietMoments:
    def test_they_come_after_traffic(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = QuietMoments(100.0)
        monkeypatch.setattr(garbage.time, "monotonic", lambda: 110.0)
        moments.heard(ExchangeStarted(an_exchange()))
        assert not moments.due(111.0, younger=50)
        assert moments.due(112.0, younger=50)

    def test_they_do_not_come_while_the_user_works(self) -> None:
        moments = QuietMoments(100.0)
        assert not moments.due(200.0, younger=50)
        assert not moments.due(205.0, younger=60)
        assert moments.due(210.0, younger=60)

    def test_where_nothing_happened_there_is_nothing_to_find(self) -> None:
        assert not QuietMoments(100.0).due(5000.0, younger=3)

    def test_traffic_without_a_pause_is_interrupted_in_the_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = QuietMoments(100.0)
        monkeypatch.setattr(garbage.time, "monotonic", lambda: 999.5)
        moments.heard(ExchangeStarted(an_exchange()))
        assert not moments.due(999.5, younger=50)
        assert moments.due(1000.0, younger=50)
        moments.collect()
        assert not moments.due(1001.0, younger=50)


async def test_no_full_collection_comes_by_itself_but_one_in_the_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(garbage, "_QUIET_SECONDS", 0.0)
    workspace = FakeWorkspace()
    full: list[str] = []

    def watch(phase: str, info: dict[str, int]) -> None:
        if info["generation"] == 2:
            full.append(phase)

    before = gc.get_threshold()
    with collecting_when_quiet(workspace):
        assert gc.get_freeze_count() > 0
        monkeypatch.setattr(garbage, "_WORTH", 1 << 30)
        gc.callbacks.append(watch)
        kept = [[number] for number in range(200_000)]
        assert (len(kept), full) == (200_000, [])
        monkeypatch.setattr(garbage, "_WORTH", 0)
        async with asyncio.timeout(10):
            while len(full) < 2:  # noqa: ASYNC110 (the collector sets no event)
                await asyncio.sleep(0.01)
        gc.callbacks.remove(watch)
    assert (gc.get_threshold(), gc.get_freeze_count(), workspace.listener_count) == (before, 0, 0)
