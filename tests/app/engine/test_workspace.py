from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from dataclasses import replace as edited
from typing import Self

import httpx
import psutil
import pytest

from app.domain.events import Event, ExchangeFinished, ExchangeStarted, Notice, TunnelChanged, TunnelRemoved
from app.domain.exchange import Exchange, ExchangeState
from app.domain.problems import HatchwayError
from app.domain.replay import EditedRequest
from app.domain.settings import SavedFilter
from app.domain.tunnel import TunnelSpec, TunnelState, TunnelStatus
from app.domain.upstream import Upstream
from app.engine import settings_file
from app.engine.paths import Paths
from app.engine.running import NameLock, running_tunnels
from app.engine.workspace import LiveWorkspace, open_workspace
from app.services import listening
from tests.e2e_cli.processes import eventually


@dataclass
class Listener:
    """Everything a workspace published, and a way to wait for more of it."""

    events: list[Event] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.news.set()

    @property
    def notices(self) -> list[str]:
        return [event.problem.code for event in self.events if isinstance(event, Notice)]

    def states(self, tunnel_id: str) -> list[TunnelState]:
        changes = (event.status for event in self.events if isinstance(event, TunnelChanged))
        return [status.state for status in changes if status.spec.id == tunnel_id]

    async def until(self, condition: Callable[[], bool], seconds: float = 8) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self.news.clear()
                await self.news.wait()


@dataclass
class Opened:
    """An open workspace with its listener."""

    workspace: LiveWorkspace
    heard: Listener

    def status(self, spec: TunnelSpec) -> TunnelStatus:
        return next(status for status in self.workspace.tunnels if status.spec.id == spec.id)

    async def reaches(self, spec: TunnelSpec, state: TunnelState) -> TunnelStatus:
        await self.heard.until(lambda: self.status(spec).state is state)
        return self.status(spec)

    async def online(self, spec: TunnelSpec) -> str:
        """Wait for it; its path URL."""
        status = await self.reaches(spec, TunnelState.ONLINE)
        assert status.urls is not None
        return status.urls.path

    async def recorded(self, url: str, **options: object) -> Exchange:
        """One request of a visitor, as the workspace has it then."""
        count = len(self.finished)
        async with httpx.AsyncClient(trust_env=False) as visitor:
            await visitor.request(str(options.pop("method", "GET")), url, **options)  # type: ignore[arg-type]
        await self.heard.until(lambda: len(self.finished) > count)
        return self.finished[-1]

    @property
    def finished(self) -> list[Exchange]:
        return [event.exchange for event in self.heard.events if isinstance(event, ExchangeFinished)]


class Service:
    """Answers with the body it got; keeps the heads."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.heads.append(head)
                lengths = [line for line in head.lower().split("\r\n") if line.startswith("content-length")]
                body = await reader.readexactly(int(lengths[0].split(":")[1]) if lengths else 0)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()


async def visit(url: str) -> int:
    """The status of an answer."""
    async with httpx.AsyncClient(trust_env=False) as visitor:
        return (await visitor.get(url)).status_code


async def hang_up_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A service that never answers."""
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        await reader.read()
    writer.transport.abort()


Open = Callable[..., AbstractAsyncContextManager[Opened]]


@pytest.fixture
def open_(paths: Paths) -> Open:
    """Opens the workspace as the window does, or another one beside it."""

    @contextlib.asynccontextmanager
    async def opening(*, remember: bool = True) -> AsyncIterator[Opened]:
        heard = Listener()
        async with open_workspace(paths, remember=remember, listener=heard) as workspace:
            yield Opened(workspace, heard)

    return opening


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service() as service:
        yield service


def spec_of(service: Service | int, name: str = "shop", **options: object) -> TunnelSpec:
    port = service if isinstance(service, int) else service.port
    return edited(TunnelSpec(name, Upstream("http", "127.0.0.1", port)), **options)  # type: ignore[arg-type]


def saved(paths: Paths) -> list[TunnelSpec]:
    settings, problem = settings_file.load(paths.settings_file)
    assert problem is None
    return list(settings.tunnels)


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


class TestFiles:
    async def test_corrupt_files_are_kept_aside_and_told(self, open_: Open, paths: Paths, port: int) -> None:
        paths.settings_file.write_text(f"relay_port = {port}\ntheme = 'purple'\n")
        paths.history_file.write_bytes(b"no database " * 100)
        async with open_() as opened:
            assert sorted(opened.heard.notices) == ["history_set_aside", "settings_invalid"]
            assert opened.workspace.settings.theme == "system"
            assert await opened.workspace.recent_exchanges(10) == []
        assert len(list(paths.config.glob("settings.toml.corrupt-*"))) == 1
        assert len(list(paths.data.glob("history.db.corrupt-*"))) == 1

    async def test_settings_that_are_no_toml_mean_defaults(self, open_: Open, paths: Paths) -> None:
        paths.settings_file.write_bytes(b"\xff\x00")
        async with open_() as opened:
            assert opened.heard.notices == ["settings_invalid"]
            assert opened.workspace.tunnels == []

    async def test_a_choice_is_saved(self, open_: Open, paths: Paths) -> None:
        async with open_() as opened:
            await opened.workspace.set_theme("dark")
            assert opened.workspace.settings.theme == "dark"
            await opened.workspace.set_filters([SavedFilter("slow", "duration:>1s")])
        kept = settings_file.load(paths.settings_file)[0]
        assert kept.theme == "dark"
        assert kept.filters == (SavedFilter("slow", "duration:>1s"),)

    async def test_settings_that_cannot_be_saved_are_told_and_the_tunnel_runs(
        self, open_: Open, service: Service, paths: Paths
    ) -> None:
        async with open_() as opened:
            paths.settings_file.unlink()
            paths.config.rmdir()
            paths.config.write_text("a file where the directory was")
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
            assert opened.heard.notices == ["settings_not_saved"]

    async def test_an_unusable_key_is_explained(self, open_: Open, paths: Paths) -> None:
        paths.installation_key_file.mkdir()
        with pytest.raises(HatchwayError) as caught:
            async with open_():
                pass
        assert caught.value.problem.code == "home_unusable"

    @pytest.mark.expect_log("exchanges not recorded")
    @pytest.mark.expect_log("history session not ended")
    async def test_a_history_that_fails_is_told(self, open_: Open, service: Service, paths: Paths) -> None:
        async with open_() as opened:
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            url = await opened.online(spec)
            with sqlite3.connect(paths.history_file) as other:
                other.execute("DROP TABLE exchanges")
            other.close()
            assert (await opened.recorded(url)).status == 200
            await opened.heard.until(lambda: bool(opened.heard.notices))
            assert opened.heard.notices == ["history_failed"]
            await eventually(lambda: opened.workspace.dropped_captures == 1)


class TestExchanges:
    @pytest.fixture
    async def opened(self, open_: Open) -> AsyncIterator[Opened]:
        async with open_() as opened:
            yield opened

    @pytest.fixture
    async def url(self, opened: Opened, service: Service) -> str:
        spec = spec_of(service)
        await opened.workspace.add_tunnel(spec)
        return await opened.online(spec)

    async def test_what_comes_is_recorded(self, opened: Opened, url: str) -> None:
        workspace = opened.workspace
        posted = await opened.recorded(f"{url}a?b", method="POST", content=b"body")
        await opened.recorded(f"{url}c")
        recent = await workspace.recent_exchanges(10)
        assert [exchange.target for exchange in recent] == ["/c", "/a?b"]
        assert recent[1].request_body.kept == 0
        assert [exchange.id for exchange in await workspace.recent_exchanges(1, before=recent[0].id)] == [posted.id]
        assert await workspace.recent_exchanges(10, tunnel_id="another") == []
        whole = await workspace.exchange(posted.id)
        assert whole is not None
        assert whole.request_body.data == whole.response_body.data == b"body"
        last = await workspace.last_exchange()
        assert last is not None
        assert last.target == "/c"
        await workspace.clear_history()
        assert await workspace.recent_exchanges(10) == []
        assert await workspace.exchange(posted.id) is None

    async def test_a_running_one_is_the_live_one(self, opened: Opened) -> None:
        async with await asyncio.start_server(hang_up_late, "127.0.0.1", 0) as server:
            spec = spec_of(server.sockets[0].getsockname()[1], "hanging")
            await opened.workspace.add_tunnel(spec)
            url = await opened.online(spec)
            visitor = asyncio.ensure_future(opened.recorded(url))
            await opened.heard.until(lambda: isinstance(opened.heard.events[-1], ExchangeStarted))
            started = opened.heard.events[-1]
            assert isinstance(started, ExchangeStarted)
            assert await opened.workspace.exchange(started.exchange.id) is started.exchange
            assert (await opened.workspace.recent_exchanges(1))[0] is started.exchange
            visitor.cancel()
            await opened.heard.until(lambda: bool(opened.finished))
            kept = await opened.workspace.exchange(started.exchange.id)
            assert kept is not None
            assert kept.state is ExchangeState.CANCELLED

    async def test_replay(self, opened: Opened, url: str, service: Service) -> None:
        original = await opened.recorded(f"{url}pay", method="POST", content=b"cash", headers={"X-A": "1"})
        again = await opened.workspace.replay(original.id)
        assert (again.status, again.response_body.data, again.replay_of) == (200, b"cash", original.id)
        # The upstream gets what it got then, host and forwarding headers included; only the order may differ.
        then, now = (sorted(head.strip().split("\r\n")) for head in service.heads)
        assert [line.lower() for line in now] == [line.lower() for line in then]
        assert opened.finished[-1] is again
        kept = await opened.workspace.exchange(again.id)
        assert kept is not None
        assert kept.replay_of == original.id

    async def test_an_edited_replay(self, opened: Opened, url: str, service: Service) -> None:
        original = await opened.recorded(f"{url}pay", method="POST", content=b"cash")
        edit = EditedRequest("PUT", "/pay?by=card", (*original.request_headers, ("X-Edited", "yes")), b"a credit card")
        again = await opened.workspace.replay(original.id, edit)
        assert service.heads[-1].startswith("PUT /pay?by=card HTTP/1.1\r\n")
        assert "content-length: 13" in service.heads[-1].lower()
        assert "X-Edited: yes" in service.heads[-1]
        assert again.response_body.data == b"a credit card"

    async def test_an_edit_that_would_break_http_is_not_sent(self, opened: Opened, url: str, service: Service) -> None:
        original = await opened.recorded(url)
        count = len(service.heads)
        with pytest.raises(HatchwayError) as caught:
            await opened.workspace.replay(original.id, EditedRequest("GET", "/a b", (), b""))
        assert caught.value.problem.code == "bad_request_edit"
        assert len(service.heads) == count

    async def test_a_body_that_was_cut_is_not_replayed_but_can_be_edited(
        self, opened: Opened, service: Service
    ) -> None:
        spec = spec_of(service, "small", capture_bytes=10)
        await opened.workspace.add_tunnel(spec)
        url = await opened.online(spec)
        original = await opened.recorded(url, method="POST", content=b"x" * 11)
        for state in ("live", "from the history"):
            with pytest.raises(HatchwayError) as caught:
                await opened.workspace.replay(original.id)
            assert caught.value.problem.code == "body_not_kept", state
        edit = EditedRequest("POST", "/", original.request_headers, b"whole")
        assert (await opened.workspace.replay(original.id, edit)).status == 200

    async def test_a_replay_goes_where_the_tunnel_leads_now(self, opened: Opened, url: str) -> None:
        original = await opened.recorded(url)
        (status,) = opened.workspace.tunnels
        async with Service() as other:
            await opened.workspace.edit_tunnel(edited(status.spec, upstream=Upstream("http", "127.0.0.1", other.port)))
            assert (await opened.workspace.replay(original.id)).status == 200
            assert len(other.heads) == 1

    async def test_a_replay_without_its_tunnel_goes_where_it_went(
        self, opened: Opened, url: str, service: Service
    ) -> None:
        original = await opened.recorded(url)
        (status,) = opened.workspace.tunnels
        await opened.workspace.remove_tunnel(status.spec.id)
        again = await opened.workspace.replay(original.id)
        assert (again.status, again.upstream) == (200, f"http://127.0.0.1:{service.port}")
        assert len(service.heads) == 2

    async def test_a_replay_of_nothing(self, opened: Opened) -> None:
        with pytest.raises(HatchwayError) as caught:
            await opened.workspace.replay("0123456789ab")
        assert caught.value.problem.code == "unknown_exchange"


class TestListeners:
    async def test_one_that_raises_harms_nobody(
        self, open_: Open, service: Service, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(event: Event) -> None:
            raise RuntimeError("a face that fails")

        async with open_() as opened:
            with caplog.at_level(logging.ERROR):
                end = opened.workspace.subscribe(broken)
                later = Listener()
                opened.workspace.subscribe(later)
                spec = spec_of(service)
                await opened.workspace.add_tunnel(spec)
                url = await opened.online(spec)
                assert (await opened.recorded(url)).status == 200
                assert any(isinstance(event, ExchangeFinished) for event in later.events)
            assert "listener failed event=ExchangeStarted" in caplog.text
            end()
            end()
            caplog.clear()
            await opened.recorded(url)
            assert caplog.text == ""

    async def test_the_services_of_this_machine_without_our_own(
        self, open_: Open, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # The servers of the tests that run next to this one are none of its business: they count their visitors.
        bound_sockets = listening._bound_sockets

        def ours() -> list[listening.Bound]:
            family = {os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))}
            return [socket for socket in bound_sockets() if socket.pid in family]

        monkeypatch.setattr(listening, "_bound_sockets", ours)
        async with open_() as opened:
            spec = spec_of(service)
            await opened.workspace.add_tunnel(spec)
            await opened.online(spec)
            await opened.workspace.start_demo()
            found = {local.upstream.port for local in await opened.workspace.find_services()}
            port = opened.workspace.settings.relay_port
            assert service.port in found
            assert not found & {port, port + 1}


async def test_nothing_of_it_blocks_the_loop(open_: Open, service: Service) -> None:
    """No call may hold the loop; disk and helper processes are slow, so they must be elsewhere."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.005)
            longest = max(longest, loop.time() - before - 0.005)

    watching = asyncio.ensure_future(watch())
    async with open_() as opened:
        specs = [spec_of(service, f"t{secrets.token_hex(3)}") for _ in range(5)]
        for spec in specs:
            await opened.workspace.add_tunnel(spec)
        for spec in specs:
            await opened.online(spec)
        for spec in specs:
            await opened.workspace.stop_tunnel(spec.id)
    watching.cancel()
    assert longest < 0.5, "many frames, so that a busy machine does not matter; a wait for a lock or process would"
