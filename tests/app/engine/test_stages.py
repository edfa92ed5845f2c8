"""All four stages of real exchanges: visitor, relay process, agent, service and back."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from app.domain.events import ExchangeRewritten
from app.domain.exchange import Exchange
from app.domain.stage import Stage
from app.domain.tunnel import TunnelSpec
from app.domain.upstream import Upstream
from app.engine.paths import Paths
from app.engine.workspace import LiveWorkspace, open_workspace
from tests.app.engine.live import Listener, Opened

PAGE = b'<!doctype html><html><head></head><body><a href="/x">x</a>' + b"<p>Words.</p>" * 20_000 + b"</body></html>"
NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept-Encoding": "gzip"}


@pytest.fixture
async def service() -> AsyncIterator[int]:
    """Its port. `/page` is a large packed page, `/moved` a redirect, the rest JSON."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
        head, body = b"200 OK\r\nContent-Type: application/json", b'{"a": "/x"}'
        if target == b"/page":
            head, body = b"200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip", gzip.compress(PAGE, 1)
        elif target == b"/moved":
            head, body = b"302 Found\r\nLocation: /x", b""
        writer.write(b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (head, len(body), body))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def stages(workspace: LiveWorkspace, exchange: Exchange) -> Sequence[Stage]:
    """Of the recorded exchange."""
    recorded = await workspace.exchange(exchange.id)
    assert recorded is not None
    return await workspace.stages(recorded)


async def test_what_was_rewritten_is_made_again_and_proved(paths: Paths, service: int) -> None:
    heard = Listener()
    async with open_workspace(paths, remember=True, listener=heard) as workspace:
        opened = Opened(workspace, heard)
        spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", service))
        await workspace.add_tunnel(spec)
        url = await opened.online(spec)
        async with httpx.AsyncClient(trust_env=False) as visitor:
            answer = await visitor.get(f"{url}page", headers=NAVIGATION)
        await heard.until(lambda: any(isinstance(event, ExchangeRewritten) for event in heard.events))
        (exchange,) = opened.finished
        asked, sent, raw, delivered = await stages(workspace, exchange)
        assert (asked.line, sent.line, raw.line) == ("GET /shop/page", "GET /page", "200 OK")
        assert dict(asked.headers)["Host"] == answer.request.headers["Host"]
        assert dict(sent.headers)["Host"] == f"127.0.0.1:{service}"
        assert gzip.decompress(raw.body or b"") == PAGE
        assert (delivered.body, delivered.note, delivered.proved) == (answer.content, "", True)
        assert b'href="/shop/x"' in answer.content
        assert dict(delivered.headers)["X-Hatchway-Rewrite"] == answer.headers["X-Hatchway-Rewrite"]
        assert exchange.options == spec.rewrite_options
        assert exchange.relay_ns is not None
        assert abs(exchange.started_ns - exchange.relay_ns) < 60e9


async def test_the_head_alone_may_change_and_the_rest_is_the_same(paths: Paths, service: int) -> None:
    heard = Listener()
    async with open_workspace(paths, remember=True, listener=heard) as workspace:
        opened = Opened(workspace, heard)
        spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", service))
        await workspace.add_tunnel(spec)
        url = await opened.online(spec)
        moved = await opened.recorded(f"{url}moved")
        await heard.until(lambda: any(isinstance(event, ExchangeRewritten) for event in heard.events))
        *_, raw, delivered = await stages(workspace, moved)
        assert (dict(raw.headers)["Location"], dict(delivered.headers)["Location"]) == ("/x", "/shop/x")
        *_, raw, delivered = await stages(workspace, await opened.recorded(f"{url}data"))
        assert (raw.line, raw.headers, raw.body) == (delivered.line, delivered.headers, delivered.body)


async def test_a_replay_has_no_visitor(paths: Paths, service: int) -> None:
    heard = Listener()
    async with open_workspace(paths, remember=True, listener=heard) as workspace:
        opened = Opened(workspace, heard)
        spec = TunnelSpec("shop", Upstream("http", "127.0.0.1", service))
        await workspace.add_tunnel(spec)
        original = await opened.recorded(f"{await opened.online(spec)}data")
        asked, sent, raw, delivered = await stages(workspace, await workspace.replay(original.id))
        assert [stage.known for stage in (asked, sent, raw, delivered)] == [False, True, True, False]
        assert "no visitor" in asked.note
