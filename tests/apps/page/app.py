"""A page with everything that pages do with their server: forms, redirects, cookies, streams, sockets, workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket


async def echo(request: Request) -> Response:
    body = await request.body()
    return JSONResponse({
        "method": request.method,
        "path": request.url.path,
        "query": request.url.query,
        "size": len(body),
        "referer": request.headers.get("referer", "").removeprefix(str(request.base_url)),
        "origin": request.headers.get("origin", "").replace(str(request.base_url)[:-1], "own"),
        "cookies": sorted(request.cookies.items()),
    })  # fmt: skip


async def submit(request: Request) -> Response:
    """Post, redirect, get; the answer says what was sent."""
    if request.headers["content-type"].startswith("multipart/"):
        body = await request.body()
        fields = f"{body.count(b'Content-Disposition')} parts, {b'notes.txt' in body}"
    else:
        fields = ", ".join(f"{name}={value}" for name, value in parse_qsl((await request.body()).decode()))
    response = RedirectResponse(request.url_for("thanks"), 303)
    response.set_cookie("sent", quote(fields), path="/thanks")
    return response


async def thanks(request: Request) -> Response:
    sent = escape(unquote(request.cookies.get("sent", "nothing")))
    return HTMLResponse(f"<!doctype html><title>Thanks</title><p id=sent>{sent}</p><a href=/index.html>Back</a>")


async def redirect(request: Request) -> Response:
    """A chain over every kind of Location there is."""
    step = request.path_params["step"]
    port = request.url.port
    places = ["/redirect/1", f"http://127.0.0.1:{port}/redirect/2", f"//127.0.0.1:{port}/redirect/3", "4", "/arrived"]
    return RedirectResponse(places[step], (301, 302, 303, 307, 308)[step])


async def arrived(request: Request) -> Response:
    return HTMLResponse("<!doctype html><meta http-equiv=refresh content='0; url=/thanks'><title>Arrived</title>")


async def log_in(request: Request) -> Response:
    response = JSONResponse({"ok": True})
    response.set_cookie("session", "s1", path="/", httponly=True)
    response.set_cookie("seen", "yes", path="/")
    response.set_cookie("narrow", "only there", path="/echo")
    return response


async def events(request: Request) -> Response:
    async def stream() -> AsyncIterator[str]:
        for number in range(3):
            yield f"id: {number}\ndata: tick {number} of /events\n\n"
            await asyncio.sleep(0.02)
        yield "event: done\ndata: {}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


async def talk(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="talk" if "talk" in websocket.scope["subprotocols"] else None)
    async for text in websocket.iter_text():
        await websocket.send_text(f"{websocket.url.path} heard {text} with {sorted(websocket.cookies)}")


app = Starlette(
    routes=[
        Route("/echo", echo, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/echo/{rest:path}", echo, methods=["GET", "POST"]),
        Route("/submit", submit, methods=["POST"]),
        Route("/thanks", thanks, name="thanks"),
        Route("/redirect/{step:int}", redirect),
        Route("/arrived", arrived),
        Route("/log-in", log_in, methods=["POST"]),
        Route("/events", events),
        WebSocketRoute("/talk", talk),
        Mount("/", StaticFiles(directory=Path(__file__).with_name("files"), html=True)),
    ]
)
