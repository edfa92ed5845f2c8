from __future__ import annotations

import asyncio

import pytest
from pytestqt.qtbot import QtBot

from app.domain.tunnel import TunnelSpec, TunnelState
from app.domain.upstream import Upstream
from app.viewmodels.removals import Removals
from app.viewmodels.tunnels import TunnelListModel
from tests.app.fake_workspace import FakeWorkspace

UPSTREAM = Upstream("http", "localhost", 3000)


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace(TunnelSpec("a", UPSTREAM, id="a"), TunnelSpec("b", UPSTREAM, id="b", enabled=False))


@pytest.fixture
def model(qtbot: QtBot, workspace: FakeWorkspace) -> TunnelListModel:
    return TunnelListModel(workspace)


@pytest.fixture
def removals(workspace: FakeWorkspace, model: TunnelListModel) -> Removals:
    return Removals(workspace, model)


async def test_begin_hides_and_takes_offline_but_keeps(
    removals: Removals, workspace: FakeWorkspace, model: TunnelListModel
) -> None:
    await removals.begin("a")
    assert model.row("a") is None
    assert workspace.calls == [("stop_tunnel", "a")]


async def test_undo_brings_it_back_online(removals: Removals, workspace: FakeWorkspace, model: TunnelListModel) -> None:
    await removals.begin("a")
    await removals.undo("a")
    assert model.row("a") == 0
    assert workspace.tunnels[0].state is TunnelState.ONLINE


async def test_what_was_undone_before_it_began_is_not_stopped(removals: Removals, workspace: FakeWorkspace) -> None:
    stopping = removals.begin("a")
    await removals.undo("a")
    await stopping
    assert workspace.tunnels[0].state is TunnelState.ONLINE


async def test_undo_leaves_a_paused_tunnel_paused(removals: Removals, workspace: FakeWorkspace) -> None:
    await removals.begin("b")
    await removals.undo("b")
    assert workspace.calls == []


async def test_commit_removes_for_good(removals: Removals, workspace: FakeWorkspace, model: TunnelListModel) -> None:
    await removals.begin("a")
    await removals.commit("a")
    assert [status.spec.id for status in workspace.tunnels] == ["b"]
    await removals.undo("a")
    assert model.row("a") is None


async def test_commit_after_undo_does_nothing(removals: Removals, workspace: FakeWorkspace) -> None:
    await removals.begin("a")
    await removals.undo("a")
    await removals.commit("a")
    assert ("remove_tunnel", "a") not in workspace.calls


async def test_undo_waits_until_the_stop_is_through(removals: Removals, workspace: FakeWorkspace) -> None:
    stopping = asyncio.Event()
    stop = workspace.stop_tunnel

    async def slow_stop(tunnel_id: str) -> None:
        await stopping.wait()
        await stop(tunnel_id)

    workspace.stop_tunnel = slow_stop  # type: ignore[method-assign]
    begun = asyncio.ensure_future(removals.begin("a"))
    await asyncio.sleep(0)
    undone = asyncio.ensure_future(removals.undo("a"))
    await asyncio.sleep(0)
    stopping.set()
    await asyncio.gather(begun, undone)
    assert [name for name, _ in workspace.calls] == ["stop_tunnel", "start_tunnel"]


async def test_flush_commits_everything(removals: Removals, workspace: FakeWorkspace) -> None:
    await removals.begin("a")
    await removals.begin("b")
    await removals.flush()
    assert workspace.tunnels == ()
