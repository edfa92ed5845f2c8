"""The recorder misses nothing: an app that breaks below a prefix in every known way, shown without any rewriting."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from app.doctor.visit import visit
from app.doctor.visitor import Visitor
from tests.apps.compare import differences

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """<!doctype html><title>A page</title><img src="/picture.svg"><p id="path"></p>
<script>
  document.querySelector("#path").textContent = location.pathname;
  fetch("/data").then((answer) => { if (!answer.ok) console.error("no data"); });
  new WebSocket("/socket");
  const worker = new SharedWorker("shared.js");
  worker.port.onmessage = (event) => { window.told = event.data; };
  worker.port.postMessage("x");
  if (location.pathname.startsWith("/shop")) setTimeout(() => { throw new Error("lost in /shop/"); });
</script>"""
SHARED = """onconnect = ({ ports: [port] }) => {
  port.onmessage = async () => port.postMessage((await fetch("/from-a-shared-worker")).status);
};"""


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    """The app at the root and, as a tunnel that rewrites nothing has it, below /shop."""

    async def page(request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def shared(request: Request) -> Response:
        return Response(SHARED, media_type="text/javascript")

    async def data(request: Request) -> Response:
        outside = "shop" in request.headers.get("referer", "")
        return PlainTextResponse("not here" if outside else "data", 404 if outside else 200)

    own = [Route("/page", page), Route("/shared.js", shared)]
    rest = [Route(path, data) for path in ("/data", "/picture.svg", "/from-a-shared-worker")]
    app = Starlette(routes=[Mount("/shop", routes=own), *own, *rest])
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical", ws="websockets-sansio"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server._serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        await serving


async def test_everything_that_breaks_is_named(chromium_path: str, origin: str) -> None:
    async def look(visitor: Visitor) -> dict[str, str]:
        await visitor.open("/page")
        await visitor.page.wait_for_function("window.told")
        await visitor.page.wait_for_timeout(100)
        return {"path": await visitor.page.locator("#path").inner_text(), "shown": visitor.page.url}

    direct = await visit(chromium_path, origin, look)
    tunnelled = await visit(chromium_path, f"{origin}/shop", look)

    assert direct.leaks == []
    assert {asked.url.removeprefix(origin) for asked in tunnelled.leaks} == {
        "/picture.svg", "/data", "/from-a-shared-worker", origin.replace("http", "ws") + "/socket"
    }  # fmt: skip
    found = differences(direct, tunnelled)
    assert f"without the prefix: GET {origin}/data (fetch of {origin}/shop/page)" in found
    assert "failed request: GET U/data → 404 (1×)" in found
    assert "complaint: console: no data (1×)" in found
    assert "complaint: uncaught: lost in / (1×)" in found
    assert 'seen.path: directly "/page", through the tunnel "/shop/page"' in found
    assert not [line for line in found if line.startswith("seen.shown")]


async def test_a_reload_without_the_prefix_is_no_leak(chromium_path: str, origin: str) -> None:
    async def reload(visitor: Visitor) -> None:
        await visitor.open("/shared.js")
        await visitor.page.evaluate("history.replaceState(null, '', '/page')")
        await visitor.reload()
        await visitor.page.goto(origin + "/page")

    tunnelled = await visit(chromium_path, f"{origin}/shop", reload)
    assert [asked.url for asked in tunnelled.leaks if asked.kind == "document"] == [origin + "/page"]
