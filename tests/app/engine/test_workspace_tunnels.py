from __future__ import annotations

import asyncio
from dataclasses import replace as edited

import pytest

from app.domain.events import TunnelRemoved
from app.domain.problems import HatchwayError
from app.domain.tunnel import TunnelSpec, TunnelState
from app.domain.upstream import Upstream
from app.engine.paths import Paths
from app.engine.running import NameLock, running_tunnels
from tests.app.engine.live import Open, Service, hang_up_late, saved, spec_of, visit


class TestTunnels:
    async def test_the_life_of_a_tunnel(self, open_: Open, service: Service, paths: Paths, port: int) -> None:
        async with open_() as opened:
            workspace, spec = opened.workspace, spec_of(service)
            await workspace.add_tunnel(spec)
            url = await opened.online(spec)
            assert url == f"http://127.0.0.1:{port}/shop/"
            assert saved(paths) == [spec]
            assert (await opened.recorded(url)).status == 200
            await workspace.stop_tunnel(spec.id)
            assert opened.status(spec).state is TunnelState.STOPPED
            assert not opened.status(spec).spec.enabled
            assert not saved(paths)[0].enabled, "it stays stopped at the next start"
            assert await visit(url) == 503
            await workspace.start_tunnel(spec.id)
            assert await opened.online(spec) == url
            assert saved(paths)[0].enabled
            await workspace.remove_tunnel(spec.id)
            assert workspace.tunnels == []
            assert saved(paths) == []
            assert opened.heard.events[-1] == TunnelRemoved(spec.id)
            assert await visit(url) == 404

    async def test_a_start_of_what_runs_disturbs_nothing(self, open_: Open, service: Service) -> None:
        async with open_() as opened:
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
            before = opened.status(spec)
            await opened.workspace.start_tunnel(spec.id)
            assert opened.status(spec) == before

    async def test_a_disabled_one_is_only_remembered(self, open_: Open, service: Service, paths: Paths) -> None:
        async with open_() as opened:
            spec = spec_of(service, enabled=False)
            assert (await opened.workspace.add_tunnel(spec)).state is TunnelState.STOPPED
            assert saved(paths) == [spec]
            await opened.workspace.start_tunnel(spec.id)
            await opened.online(spec)

    async def test_an_edit_restarts_it_with_the_same_url(self, open_: Open, service: Service, paths: Paths) -> None:
        async with Service() as other, open_() as opened:
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            url = await opened.online(spec)
            changed = edited(spec, upstream=Upstream("http", "127.0.0.1", other.port), host_header="public")
            await opened.workspace.edit_tunnel(changed)
            assert await opened.online(spec) == url
            await opened.recorded(url)
            assert service.heads == []
            assert len(other.heads) == 1
            assert saved(paths) == [changed]

    async def test_an_edit_without_a_change_restarts_nothing(self, open_: Open, service: Service) -> None:
        async with open_() as opened:
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
            count = len(opened.heard.events)
            await opened.workspace.edit_tunnel(edited(spec, name=" Shop "))
            assert len(opened.heard.events) == count

    async def test_a_new_name_gives_up_the_old_one(self, open_: Open, service: Service, paths: Paths) -> None:
        async with open_() as opened:
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            old = await opened.online(spec)
            await opened.workspace.edit_tunnel(edited(spec, name="store"))
            new = await opened.online(spec)
            assert new == old.replace("shop", "store")
            assert await visit(old) == 404
            assert [tunnel.name for tunnel in running_tunnels(paths)] == ["store"]
            NameLock(paths, "shop").release()

    async def test_a_stopped_one_can_be_renamed(self, open_: Open, service: Service, paths: Paths) -> None:
        async with open_() as opened:
            spec = spec_of(service, enabled=False)
            await opened.workspace.add_tunnel(spec)
            await opened.workspace.edit_tunnel(edited(spec, name="store", enabled=True))
            assert opened.status(spec).state is TunnelState.STOPPED
            assert saved(paths) == [edited(spec, name="store")]

    async def test_what_is_gone_is_gone(self, open_: Open) -> None:
        async with open_() as opened:
            workspace, spec = opened.workspace, spec_of(1)
            for change in (
                workspace.edit_tunnel(spec), workspace.remove_tunnel(spec.id),
                workspace.start_tunnel(spec.id), workspace.stop_tunnel(spec.id),
            ):  # fmt: skip
                with pytest.raises(HatchwayError) as caught:
                    await change
                assert caught.value.problem.code == "unknown_tunnel"
            workspace.retry_now(spec.id)

    async def test_changes_at_once_come_one_after_the_other(self, open_: Open, service: Service, paths: Paths) -> None:
        async with open_() as opened:
            workspace, spec = opened.workspace, spec_of(service)
            await workspace.add_tunnel(spec)
            await asyncio.gather(
                workspace.edit_tunnel(edited(spec, name="store")),
                workspace.stop_tunnel(spec.id),
                workspace.start_tunnel(spec.id),
                workspace.remove_tunnel(spec.id),
            )
            assert workspace.tunnels == []
            assert running_tunnels(paths) == []
            for name in ("shop", "store"):
                NameLock(paths, name).release()


class TestNames:
    async def test_a_name_is_used_once(self, open_: Open) -> None:
        async with open_() as opened:
            await opened.workspace.add_tunnel(spec_of(3000, enabled=False))
            other = spec_of(3001, "other", enabled=False)
            await opened.workspace.add_tunnel(other)
            for change in (
                opened.workspace.add_tunnel(spec_of(3002, "SHOP")),
                opened.workspace.edit_tunnel(edited(other, name="shop")),
            ):
                with pytest.raises(HatchwayError) as caught:
                    await change
                assert caught.value.problem.code == "name_in_use"
            assert [status.spec.name for status in opened.workspace.tunnels] == ["shop", "other"]

    @pytest.mark.parametrize("name", ["", "a_b", "../x", "a" * 64])
    async def test_a_bad_name_is_refused(self, open_: Open, name: str) -> None:
        async with open_() as opened:
            with pytest.raises(HatchwayError) as caught:
                await opened.workspace.add_tunnel(spec_of(3000, name))
            assert caught.value.problem.code == "bad_name"
            assert opened.workspace.tunnels == []

    async def test_a_name_that_another_process_runs_is_refused(
        self, open_: Open, service: Service, paths: Paths
    ) -> None:
        async with open_() as opened:
            mine = spec_of(service, "mine")
            await opened.workspace.add_tunnel(mine)
            url = await opened.online(mine)
            theirs = NameLock(paths, "shop")
            stopped = spec_of(service, "shop", enabled=False)
            await opened.workspace.add_tunnel(stopped)
            other = NameLock(paths, "other")
            with pytest.raises(HatchwayError) as caught:
                await opened.workspace.edit_tunnel(edited(mine, name="other"))
            assert caught.value.problem.code == "name_in_use"
            other.release()
            with pytest.raises(HatchwayError) as caught:
                await opened.workspace.start_tunnel(stopped.id)
            assert caught.value.problem.code == "name_in_use"
            assert opened.status(stopped).state is TunnelState.STOPPED
            assert opened.status(mine).state is TunnelState.ONLINE
            assert (await opened.recorded(url)).status == 200
            theirs.release()
            await opened.workspace.start_tunnel(stopped.id)
            await opened.online(stopped)


class TestRestart:
    async def test_tunnels_and_urls_survive(self, open_: Open, service: Service) -> None:
        running, stopped = spec_of(service), spec_of(3000, "stopped", enabled=False)
        async with open_() as opened:
            await opened.workspace.add_tunnel(running)
            await opened.workspace.add_tunnel(stopped)
            url = await opened.online(running)
        async with open_() as opened:
            assert [status.spec for status in opened.workspace.tunnels] == [running, stopped]
            assert await opened.online(running) == url
            assert opened.status(stopped).state is TunnelState.STOPPED
            assert (await opened.recorded(url)).status == 200

    async def test_a_one_off_tunnel_is_not_saved(self, open_: Open, service: Service, paths: Paths) -> None:
        before = paths.settings_file.read_text()
        async with open_(remember=False) as opened:
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
        assert paths.settings_file.read_text() == before

    async def test_one_that_runs_elsewhere_says_so_and_can_be_started_later(
        self, open_: Open, service: Service, paths: Paths
    ) -> None:
        spec = spec_of(service)
        async with open_() as opened:
            await opened.workspace.add_tunnel(spec)
        theirs = NameLock(paths, "shop")
        async with open_() as opened:
            status = opened.status(spec)
            assert status.state is TunnelState.FAILED
            assert status.problem is not None
            assert status.problem.code == "name_in_use"
            with pytest.raises(HatchwayError):
                await opened.workspace.edit_tunnel(edited(spec, host_header="public"))
            assert opened.status(spec).state is TunnelState.FAILED
            theirs.release()
            await opened.workspace.start_tunnel(spec.id)
            await opened.online(spec)

    async def test_the_demo_comes_back_with_its_tunnel(self, open_: Open, port: int) -> None:
        async with open_() as opened:
            upstream = await opened.workspace.start_demo()
            assert upstream == await opened.workspace.start_demo() == Upstream("http", "127.0.0.1", port + 1)
            spec = TunnelSpec("demo", upstream)
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
        async with open_() as opened:
            url = await opened.online(spec)
            assert (await opened.recorded(f"{url}api/echo")).status == 200
            await opened.workspace.stop_tunnel(spec.id)
        async with open_() as opened:
            assert opened.status(spec).state is TunnelState.STOPPED
            await opened.workspace.start_tunnel(spec.id)
            url = await opened.online(spec)
            assert (await opened.recorded(f"{url}api/echo")).status == 200, "started by hand, it needs its service too"

    async def test_a_demo_that_must_move_moves_its_tunnel(self, open_: Open, paths: Paths, port: int) -> None:
        spec = TunnelSpec("demo", Upstream("http", "127.0.0.1", port + 1))
        async with open_() as opened:
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
        async with await asyncio.start_server(hang_up_late, "127.0.0.1", port + 1), open_() as opened:
            url = await opened.online(spec)
            assert opened.status(spec).spec.upstream.port != port + 1
            assert (await opened.recorded(f"{url}api/echo")).status == 200
            await opened.workspace.set_theme("dark")
            await opened.workspace.add_tunnel(spec_of(3000, "other", enabled=False))
            assert saved(paths)[0] == spec, "only for this time"
