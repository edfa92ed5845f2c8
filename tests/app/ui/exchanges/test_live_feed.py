"""Live traffic in the pane: batches, pauses, what could not be recorded."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.ui.exchanges.pane import ExchangesPane
from app.viewmodels import frame_batcher
from tests.app.fake_workspace import FakeWorkspace, an_exchange
from tests.app.ui.conftest import Until
from tests.app.ui.exchanges.test_pane import paths, press, shown_texts

Key = Qt.Key


async def test_pause_holds_arriving_requests_back(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange(started_ns=1))
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_Space)
    workspace.begin(an_exchange(started_ns=2))
    workspace.begin(an_exchange(started_ns=3))
    await until(lambda: "paused, 2 waiting" in shown_texts(pane.toolbar))
    assert len(paths(pane)) == 1
    press(pane, Key.Key_Space)
    await until(lambda: len(paths(pane)) == 3)
    assert "paused" not in shown_texts(pane.toolbar)


async def test_only_what_the_list_would_show_is_waiting(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until
) -> None:
    pane.toolbar.box.setText("status:5xx")
    await until(lambda: pane._pages.filter.active and not pane._pages.searching)
    pane.toolbar.pause.toggle()
    pending = workspace.begin(an_exchange("GET", "/", None, started_ns=1))
    workspace.begin(an_exchange("GET", "/", 200, started_ns=2))
    workspace.begin(an_exchange("GET", "/", 500, started_ns=3))
    await until(lambda: "paused, 1 waiting" in shown_texts(pane.toolbar))
    workspace.finish(workspace.respond(pending, 502))
    await until(lambda: "paused, 2 waiting" in shown_texts(pane.toolbar))
    pane.toolbar.box.setText("status:2xx")
    await until(lambda: paths(pane) == ["/"] and "waiting" not in shown_texts(pane.toolbar))
    pane.toolbar.pause.toggle()
    await until(lambda: "paused" not in shown_texts(pane.toolbar))


async def test_dropped_captures_are_told_once(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    said: list[str] = []
    pane.status_message.connect(said.append)
    workspace.archive.dropped = 3
    for target in ("/a", "/b"):
        workspace.begin(an_exchange("GET", target, None))
        await until(lambda target=target: target in paths(pane))
    assert said == ["Overload: 3 so far were forwarded, but are not recorded."]


async def test_what_falls_out_of_a_full_backlog_is_not_waiting(
    workspace: FakeWorkspace, pane: ExchangesPane, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_batcher, "_BACKLOG", 3)
    pane.toolbar.pause.toggle()
    for number in range(1, 6):
        workspace.begin(an_exchange(target=f"/{number}", started_ns=number))
    await until(lambda: "paused, 3 waiting" in shown_texts(pane.toolbar))
    pane.toolbar.pause.toggle()
    await until(lambda: paths(pane) == ["/5", "/4", "/3"])


async def test_a_replay_arrives_in_a_paused_list(workspace: FakeWorkspace, pane: ExchangesPane, until: Until) -> None:
    workspace.begin(an_exchange("POST", "/pay", 502))
    await until(lambda: len(paths(pane)) == 1)
    press(pane, Key.Key_J)
    press(pane, Key.Key_Space)
    workspace.begin(an_exchange(target="/other"))
    press(pane, Key.Key_R)
    await until(lambda: paths(pane) == ["/pay", "/pay"])
    await until(lambda: "paused, 1 waiting" in shown_texts(pane.toolbar))
