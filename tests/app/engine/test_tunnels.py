"""A workspace against a backend that does what the test says: what reaches it of an edit, and what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.domain.events import ExchangeRewritten
from app.domain.exchange import Rewriting
from app.domain.tunnel import TunnelSpec, TunnelState
from app.domain.upstream import Upstream
from app.engine.paths import Paths
from app.engine.workspace import open_workspace
from backend_lambda.protocol.messages import Goodbye, Leak, Report, TunnelOptions
from tests.app.agent.fake_backend import FakeBackend, Recorder, request
from tests.app.upstream.raw_server import RawServer, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
async def backend() -> AsyncIterator[FakeBackend]:
    async with FakeBackend() as running:
        yield running


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"mode": "spa"}, {"mode": "spa"}),
        ({"forwarded": "aware"}, {"forwarded": "aware"}),
        ({"rewrite_oauth": True}, {"rewrite_oauth": True}),
        ({"host_header": "public"}, {"host_header": "public"}),
    ],
    ids=lambda value: ", ".join(value),
)
async def test_an_edit_of_a_running_tunnel_reaches_the_backend(
    paths: Paths, backend: FakeBackend, changes: dict[str, object], options: dict[str, object]
) -> None:
    heard = Recorder()
    spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", 9))
    async with open_workspace(paths, remember=True, endpoint=backend.endpoint, listener=heard) as workspace:
        await workspace.add_tunnel(spec)
        first = await backend.link()
        assert (await first.greet()).options == TunnelOptions("http://127.0.0.1:9", blobs=True)
        await heard.state(TunnelState.ONLINE)
        edit = asyncio.ensure_future(workspace.edit_tunnel(replace(spec, **changes)))  # type: ignore[arg-type]
        assert await first.expect(Goodbye) == Goodbye(release=False)
        second = await backend.link()
        hello = await second.greet()
        await edit
        assert hello.options == TunnelOptions("http://127.0.0.1:9", blobs=True, **options)  # type: ignore[arg-type]
        assert hello.tunnel == "shop"
        status = await heard.state(TunnelState.ONLINE, 2)
        assert status.spec == replace(spec, **changes)  # type: ignore[arg-type]


async def test_what_the_backend_tells_is_in_the_history(paths: Paths, backend: FakeBackend) -> None:
    heard = Recorder()
    async with RawServer(answering(OK)) as server:
        spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", server.port))
        async with open_workspace(paths, remember=False, endpoint=backend.endpoint, listener=heard) as workspace:
            await workspace.add_tunnel(spec)
            link = await backend.online()
            await link.send(Leak("GET", "/style.css", "/start"))
            await link.whole(request(1, "/style.css"))
            (record,) = await heard.finished()
            await link.send(Report("r1", "css", ["L0", "L1"], {"css": 3}))
            await heard.until(lambda: any(isinstance(event, ExchangeRewritten) for event in heard.events))
            exchange = await workspace.exchange(record.id)
        async with open_workspace(paths, remember=False) as again:
            (recent,) = await again.archive.page(5)
    for stored in (exchange, recent):
        assert stored is not None
        assert stored.leak == "/start"
        assert stored.rewriting == Rewriting("css", ("L0", "L1"), {"css": 3})
