from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.events import TunnelChanged, TunnelRemoved
from app.domain.tunnel import TunnelSpec, TunnelState
from app.domain.upstream import Upstream
from app.viewmodels.tunnels import TunnelListModel, TunnelRole
from tests.app.fake_workspace import FakeWorkspace

A = TunnelSpec("a", Upstream("http", "localhost", 3000), id="id-a")
B = TunnelSpec("b", Upstream("http", "localhost", 3001), id="id-b")
C = TunnelSpec("c", Upstream("http", "localhost", 3002), id="id-c")


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace(A, B, C)


@pytest.fixture
def model(qtbot: QtBot, workspace: FakeWorkspace) -> TunnelListModel:
    made = TunnelListModel(workspace, clock=lambda: 1000.0)
    # Fails the test on any breach of the model contract (wrong begin/end rows, bad indexes).
    made.setProperty("tester", QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal))
    return made


def names(model: TunnelListModel) -> list[object]:
    return [model.index(row).data() for row in range(model.rowCount())]


def test_rows_are_the_tunnels_in_the_users_order(model: TunnelListModel) -> None:
    assert names(model) == ["a", "b", "c"]
    assert model.index(1).data(TunnelRole.WORDS) == ":3001"
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "b, online, forwards to http://localhost:3001"


def test_a_new_tunnel_is_appended(model: TunnelListModel, workspace: FakeWorkspace, qtbot: QtBot) -> None:
    new = TunnelSpec("d", Upstream("http", "localhost", 4000))
    with qtbot.waitSignal(model.changed) as seen:
        workspace.publish(TunnelChanged(replace(workspace.tunnels[0], spec=new)))
    assert names(model) == ["a", "b", "c", "d"]
    assert seen.args[0].spec is new


def test_a_change_touches_only_its_row(model: TunnelListModel, workspace: FakeWorkspace, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.dataChanged) as seen:
        workspace.set_status(replace(workspace.tunnels[1], state=TunnelState.STOPPED))
    first, last = seen.args[0], seen.args[1]
    assert (first.row(), last.row()) == (1, 1)
    assert model.index(1).data(TunnelRole.WORDS) == "paused"


def test_a_removed_tunnel_leaves(model: TunnelListModel, workspace: FakeWorkspace) -> None:
    workspace.publish(TunnelRemoved("id-b"))
    assert names(model) == ["a", "c"]
    workspace.publish(TunnelRemoved("unknown"))
    assert names(model) == ["a", "c"]


def test_a_hidden_tunnel_comes_back_in_its_place_with_its_latest_state(
    model: TunnelListModel, workspace: FakeWorkspace
) -> None:
    model.hide("id-b")
    assert names(model) == ["a", "c"]
    assert model.status("id-b") is None
    workspace.set_status(replace(workspace.tunnels[1], state=TunnelState.STOPPED))
    assert names(model) == ["a", "c"]
    model.reveal("id-b")
    assert names(model) == ["a", "b", "c"]
    assert model.index(1).data(TunnelRole.WORDS) == "paused"


def test_a_hidden_tunnel_that_is_removed_stays_away(model: TunnelListModel, workspace: FakeWorkspace) -> None:
    model.hide("id-b")
    workspace.publish(TunnelRemoved("id-b"))
    model.reveal("id-b")
    assert names(model) == ["a", "c"]


def test_the_countdown_ticks_only_while_something_reconnects(
    model: TunnelListModel, workspace: FakeWorkspace, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(model.ticked, wait=1100):
        pass
    status = workspace.tunnels[0]
    workspace.set_status(replace(status, state=TunnelState.RECONNECTING, retry_at=1008.0))
    assert model.index(0).data(TunnelRole.WORDS) == "retrying in 8 s"
    with qtbot.waitSignals([model.ticked, model.dataChanged], timeout=2000):
        pass
    workspace.set_status(status)
    with qtbot.assertNotEmitted(model.ticked, wait=1100):
        pass


def test_a_closed_model_listens_no_more(model: TunnelListModel, workspace: FakeWorkspace) -> None:
    model.close()
    assert workspace.listener_count == 0
