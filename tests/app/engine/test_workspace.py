from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sqlite3

import psutil
import pytest

from app.domain.events import Event, ExchangeFinished
from app.domain.problems import HatchwayError
from app.domain.settings import SavedFilter
from app.engine import settings_file
from app.engine.paths import Paths
from app.services import listening
from tests.app.engine.live import Listener, Open, Service, spec_of
from tests.e2e_cli.processes import eventually


class TestFiles:
    async def test_corrupt_files_are_kept_aside_and_told(self, open_: Open, paths: Paths, port: int) -> None:
        paths.settings_file.write_text(f"relay_port = {port}\ntheme = 'purple'\n")
        paths.history_file.write_bytes(b"no database " * 100)
        async with open_() as opened:
            assert sorted(opened.heard.notices) == ["history_set_aside", "settings_invalid"]
            assert opened.workspace.settings.theme == "system"
            assert await opened.workspace.archive.page(10) == []
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
            await eventually(lambda: opened.workspace.archive.dropped == 1)


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
