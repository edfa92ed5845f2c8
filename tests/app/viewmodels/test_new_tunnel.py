from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.domain.problems import HatchwayError, fail
from app.domain.services import LocalService
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus
from app.domain.upstream import Upstream
from app.viewmodels.new_tunnel import NewTunnels, base_name
from tests.app.fake_workspace import FakeWorkspace

UPSTREAM = Upstream("http", "localhost", 3000)


class SlowWorkspace(FakeWorkspace):
    """Tunnels stay CONNECTING until the test says otherwise."""

    async def add_tunnel(self, spec: TunnelSpec) -> TunnelStatus:
        self.set_status(TunnelStatus(spec, TunnelState.CONNECTING))
        return self.tunnels[-1]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watch(workspace: FakeWorkspace, clock: Clock) -> tuple[NewTunnels, list[TunnelStatus]]:
    new = NewTunnels(workspace, clock=clock)
    online: list[TunnelStatus] = []
    new.online.connect(online.append)
    return new, online


def go_online(workspace: FakeWorkspace) -> None:
    other = FakeWorkspace(workspace.tunnels[-1].spec)
    workspace.set_status(other.tunnels[0])


async def test_a_tunnel_that_comes_online_is_announced_once(qtbot: QtBot, clock: Clock) -> None:
    new, online = watch(workspace := SlowWorkspace(), clock)
    status = await new.create(UPSTREAM, "My Shop")
    assert status.spec.name.startswith("my-shop-")
    assert online == []
    go_online(workspace)
    go_online(workspace)
    assert [announced.spec.id for announced in online] == [status.spec.id]


async def test_a_tunnel_that_is_online_at_once_is_announced(qtbot: QtBot, clock: Clock) -> None:
    new, online = watch(FakeWorkspace(), clock)
    await new.create(UPSTREAM, "")
    assert len(online) == 1


async def test_nobody_waits_for_a_url_half_a_minute_later(qtbot: QtBot, clock: Clock) -> None:
    new, online = watch(workspace := SlowWorkspace(), clock)
    await new.create(UPSTREAM, "")
    clock.now += 31
    go_online(workspace)
    assert online == []


async def test_a_failed_tunnel_is_not_announced_when_it_is_repaired_later(qtbot: QtBot, clock: Clock) -> None:
    new, online = watch(workspace := SlowWorkspace(), clock)
    await new.create(UPSTREAM, "")
    workspace.set_status(replace(workspace.tunnels[-1], state=TunnelState.FAILED))
    go_online(workspace)
    assert online == []


async def test_old_tunnels_are_not_announced(qtbot: QtBot, clock: Clock) -> None:
    workspace = FakeWorkspace(TunnelSpec("old", UPSTREAM, enabled=False))
    _new, online = watch(workspace, clock)
    await workspace.start_tunnel(workspace.tunnels[0].spec.id)
    assert online == []


async def test_the_demo_is_started_first(qtbot: QtBot, clock: Clock) -> None:
    new, online = watch(workspace := FakeWorkspace(), clock)
    status = await new.create_demo()
    assert workspace.calls[0] == ("start_demo", "")
    assert status.spec.upstream.port == 4781
    assert status.spec.name.startswith("demo-")
    assert len(online) == 1


async def test_a_refusal_passes_through(qtbot: QtBot, clock: Clock) -> None:
    new, _online = watch(workspace := FakeWorkspace(), clock)

    async def refuse(_spec: TunnelSpec) -> TunnelStatus:
        raise fail("full", "No more tunnels", "relay")

    workspace.add_tunnel = refuse  # type: ignore[method-assign]
    with pytest.raises(HatchwayError, match="No more tunnels"):
        await new.create(UPSTREAM, "")


@pytest.mark.parametrize(
    ("upstream", "verified"),
    [
        (Upstream("https", "localhost", 8443), False),
        (Upstream("https", "app.localhost", 8443), False),
        (Upstream("https", "127.0.0.2", 8443), False),
        (Upstream("https", "::1", 8443), False),
        (Upstream("https", "10.0.0.7", 8443), True),
        (Upstream("https", "example.test", 443), True),
        (UPSTREAM, True),
    ],
    ids=str,
)
async def test_development_certificates_are_accepted_on_loopback_only(
    qtbot: QtBot, clock: Clock, upstream: Upstream, verified: bool
) -> None:
    new, _online = watch(FakeWorkspace(), clock)
    assert (await new.create(upstream, "")).spec.verify_tls is verified


@pytest.mark.parametrize(
    ("service", "name"),
    [
        (LocalService(UPSTREAM, "Vite", "My shop", "node"), "My shop"),
        (LocalService(UPSTREAM, "Vite", "A title much too long for a name", "node"), "Vite"),
        (LocalService(UPSTREAM, "", "", "node"), "node"),
        (LocalService(UPSTREAM), ""),
    ],
)
def test_a_tunnel_is_named_after_the_most_telling_fact(service: LocalService, name: str) -> None:
    assert base_name(service) == name
