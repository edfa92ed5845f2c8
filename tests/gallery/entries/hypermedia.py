"""htmx and Turbo: fragments of HTML that the server sends and scripts put into the page, streams, frames, boosted links."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import asyncio
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

HEAD = '<!doctype html><html lang="en"><head><title>%s</title>%s<link rel="stylesheet" href="/style.css"></head><body><h1>%s</h1>'
HTMX = '<script src="/lib/htmx.org/dist/htmx.min.js"></script>'
TURBO = '<script type="module" src="/lib/@hotwired/turbo/dist/turbo.es2017-esm.js"></script><meta name="turbo-root" content="/">'

async def htmx(request):
    return HTMLResponse(HEAD % ("htmx", HTMX, "With htmx") + '''
      <button hx-get="/part?n=1" hx-target="#part">Get</button> <button hx-post="/part" hx-vals='{"a": 1}' hx-target="#part">Post</button>
      <button hx-get="/part?push=1" hx-target="#part" hx-push-url="/pushed">Push</button>
      <button hx-post="/gone" hx-swap="none">Leave</button>
      <div id="part"></div><div hx-get="/part?n=load" hx-trigger="load" id="loaded"></div>
      <nav hx-boost="true"><a href="/turbo">To Turbo</a></nav>''')

async def part(request):
    return HTMLResponse(f'<p class="{request.method}">{request.method} {request.url.path}?{request.url.query} for {request.headers.get("hx-current-url", "").split("/", 3)[-1]}</p><img src="/picture.svg">')

async def gone(request):
    return HTMLResponse("", headers={"HX-Redirect": "/turbo"})

async def turbo(request):
    return HTMLResponse(HEAD % ("Turbo", TURBO, "With Turbo") + '''
      <turbo-frame id="frame" src="/frame"></turbo-frame> <a href="/other?x=1">Other</a>
      <form action="/send" method="post"><button>Stream</button></form> <div id="list"></div>''')

async def other(request):
    return HTMLResponse(HEAD % ("Other", TURBO, "Other page") + '<a href="/turbo">Back to Turbo</a>')

async def frame(request):
    n = request.query_params.get("n", "0")
    return HTMLResponse(f'<turbo-frame id="frame"><p>Frame {n}</p><a href="/frame?n={int(n) + 1}">Next</a></turbo-frame>')

async def send(request):
    return HTMLResponse('<turbo-stream action="append" target="list"><template><p>Streamed</p><img src="/picture.svg"></template></turbo-stream>',
                        media_type="text/vnd.turbo-stream.html")

app = Starlette(routes=[
    Route("/", htmx), Route("/pushed", htmx), Route("/part", part, methods=["GET", "POST"]), Route("/gone", gone, methods=["POST"]),
    Route("/turbo", turbo), Route("/other", other), Route("/frame", frame), Route("/send", send, methods=["POST"]),
    Mount("/lib", StaticFiles(directory="node_modules", follow_symlink=True)), Mount("/", StaticFiles(directory="public")),
])
"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="teal"/></svg>'
)


async def _swap(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    seen: dict[str, Any] = {}

    async def look(name: str) -> None:
        seen[name] = await page.locator("#part").inner_text()

    await visitor.open("/")
    await page.locator("#loaded p").wait_for()
    await page.get_by_role("button", name="Get").click()
    await page.locator("#part .GET").wait_for()
    await look("get")
    await page.get_by_role("button", name="Post").click()
    await page.locator("#part .POST").wait_for()
    await look("post")
    await page.get_by_role("button", name="Push").click()
    await page.locator("#part .GET").wait_for()
    await look("push")
    seen["pushed"] = visitor.path
    await visitor.reload()
    await page.locator("#loaded p").wait_for()
    await page.get_by_role("link", name="To Turbo").click()
    await page.get_by_role("heading", name="With Turbo").wait_for()
    seen["boosted"] = visitor.path
    await visitor.open("/")
    await page.get_by_role("button", name="Leave").click()
    await page.get_by_text("Frame 0").wait_for()
    seen["left"] = visitor.path
    await page.get_by_role("link", name="Next").click()
    await page.get_by_text("Frame 1").wait_for()
    await page.get_by_role("button", name="Stream").click()
    await page.get_by_text("Streamed").wait_for()
    await page.get_by_role("link", name="Other").click()
    await page.get_by_role("heading", name="Other page").wait_for()
    seen["other"] = visitor.path
    await page.get_by_role("link", name="Back to Turbo").click()
    await page.get_by_text("Frame 0").wait_for()
    await visitor.back()
    await page.get_by_role("heading", name="Other page").wait_for()
    return {**seen, "back": visitor.path}


ENTRY = Entry(
    name="htmx-turbo",
    python=("starlette==0.49.*", "uvicorn==0.38.*", "httptools"),
    npm={"htmx.org": "^2.0.0", "@hotwired/turbo": "^8.0.0"},
    script=_swap,
    files={"app.py": APP, "public/style.css": "h1 { background: url(/picture.svg) }", "public/picture.svg": PICTURE},
    command=lambda place: [place.python, "-m", "uvicorn", "--port", "{port}", "app:app"],
)
