from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace as edited

import pytest

from app.domain.events import ExchangeStarted
from app.domain.exchange import ExchangeState
from app.domain.problems import HatchwayError
from app.domain.replay import EditedRequest
from app.domain.upstream import Upstream
from tests.app.engine.live import Open, Opened, Service, hang_up_late, spec_of


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
        recent = await workspace.archive.page(10)
        assert [exchange.target for exchange in recent] == ["/c", "/a?b"]
        assert recent[1].request_body.kept == 0
        assert [exchange.id for exchange in await workspace.archive.page(1, before=recent[0].id)] == [posted.id]
        assert await workspace.archive.page(10, tunnel_id="another") == []
        whole = await workspace.exchange(posted.id)
        assert whole is not None
        assert whole.request_body.data == whole.response_body.data == b"body"
        last = await workspace.archive.last()
        assert last is not None
        assert last.target == "/c"
        assert await workspace.archive.clear() == [posted.id, last.id]
        assert await workspace.archive.page(10) == []
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
            assert (await opened.workspace.archive.page(1))[0] is started.exchange
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
