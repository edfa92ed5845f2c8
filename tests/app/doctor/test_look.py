"""What the doctor sees of pages that behave in their own ways, reached directly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from app.doctor.look import Look, Plan, look
from app.doctor.records import Frame
from app.doctor.visit import visit
from app.doctor.visitor import Visitor
from app.domain.problems import HatchwayError

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "/": """<title>Start 12</title><h1>Hello</h1><p>visit  number 4711</p><p></p>
        <a href="/next?page=2#x">Next</a> <a href="next?page=2">Again</a> <a href="/">Here</a> <a href="#top">Top</a>
        <a href="/file" download>File</a> <a href="https://elsewhere.example/">Elsewhere</a>
        <svg><a href="/in-svg"><text>S</text></a></svg>
        <script>
          async function load() { await null; await fetch("/data"); throw new Error("late"); }
          load();
        </script>""",
    "/next": "<title>Next</title><p>next</p>",
    "/moved": "<script>location.replace('/next')</script><p>moved</p><img src='/hangs'>",
    "/waits": "<p>waits</p><img src='/hangs'>",
}


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    hanging = asyncio.Event()

    async def page(request: Request) -> Response:
        answer = HTMLResponse("<!doctype html><link rel=icon href=data:,>" + PAGES[request.url.path])
        answer.set_cookie("far", "1", domain="other.example")
        return answer

    async def hangs(request: Request) -> Response:
        async def never() -> AsyncIterator[bytes]:
            await hanging.wait()
            yield b""

        return StreamingResponse(never(), media_type="image/png")

    async def file(request: Request) -> Response:
        return Response(b"x", headers={"Content-Disposition": "attachment"})

    async def data(request: Request) -> Response:
        return Response("no", 500)

    async def closed(request: Request) -> Response:
        return HTMLResponse("<p>Blocked request.", 403)

    routes = [*(Route(path, page) for path in PAGES), Route("/hangs", hangs), Route("/file", file)]
    routes += [Route("/data", data), Route("/closed", closed)]
    config = uvicorn.Config(Starlette(routes=routes), lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server._serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        hanging.set()
        server.should_exit = server.force_exit = True
        await serving


async def see(chromium_path: str, origin: str, plan: Plan, *, seconds: float = 10) -> Visitor:
    async def script(visitor: Visitor) -> Look:
        return await look(visitor, plan)

    return await visit(chromium_path, origin, script, seconds=seconds, traced=True)


async def test_a_page_with_its_links(chromium_path: str, origin: str) -> None:
    visitor = await see(chromium_path, origin, Plan("/", wait=0.3, reload=True, follow=2))
    seen: Look = visitor.seen
    assert seen.links == ("/next?page=2",)
    first, reloaded, followed = seen.sights
    assert (first.asked, first.reached, first.status, first.title) == ("/", "/", 200, "Start …")
    assert first.headings == ("Hello",)
    assert "visit number …" in first.lines
    assert reloaded == first
    assert (followed.asked, followed.status, followed.lines) == ("/next?page=2", 200, ("next",))

    assert [failed.reason for failed in visitor.failed] == ["500", "500"]
    frames = visitor.trace.origins["GET", f"{origin}/data"]
    assert frames[0].function == "load"
    assert frames[0].url == f"{origin}/"
    assert ("far", ("InvalidDomain",)) in {(cookie.name, cookie.reasons) for cookie in visitor.trace.cookies}
    error = next(one for one in visitor.complained if one.kind == "uncaught")
    assert (error.text, error.page) == ("late", f"{origin}/")
    assert error.frames[0] == Frame(f"{origin}/", frames[0].line, "load")


async def test_a_page_that_goes_elsewhere_at_once(chromium_path: str, origin: str) -> None:
    visitor = await see(chromium_path, origin, Plan("/moved", wait=0.3))
    (sight,) = visitor.seen.sights
    assert (sight.asked, sight.reached, sight.lines) == ("/moved", "/next", ("next",))


async def test_a_page_that_is_never_loaded(chromium_path: str, origin: str) -> None:
    visitor = await see(chromium_path, origin, Plan("/waits", wait=0.3), seconds=1)
    (sight,) = visitor.seen.sights
    assert (sight.reached, sight.lines) == ("/waits", ("waits",))


async def test_a_page_that_is_refused_says_why(chromium_path: str, origin: str) -> None:
    visitor = await see(chromium_path, origin, Plan("/closed", wait=0))
    (sight,) = visitor.seen.sights
    assert (sight.status, sight.refusal) == (403, "<p>Blocked request.")


async def test_a_download_is_no_page(chromium_path: str, origin: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        await see(chromium_path, origin, Plan("/file"))
    assert caught.value.problem.code == "page_failed"
    assert "(Download is starting)" in caught.value.problem.title


async def test_nobody_there(chromium_path: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(HatchwayError) as caught:
        await see(chromium_path, origin, Plan("/x"))
    assert caught.value.problem.title == f"{origin}/x is no page that the browser can show (connection refused)"
