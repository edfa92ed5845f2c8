"""An app with planted faults, for the doctor: `faulty_app.py PORT`; prints its port. PORT may be 0."""

from __future__ import annotations

import asyncio
import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

CLEAN = """<!doctype html><title>Clean</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css">
<h1>Clean</h1><p id="said"></p><a href="/faults">Faults</a>
<script>fetch("/api/users").then((answer) => answer.json())
  .then((users) => { document.querySelector("#said").textContent = users.join(", "); });</script>"""

FAULTS = """<!doctype html><title>Faults</title><link rel="icon" href="data:,"><h1>Faults</h1>
<img src="/nowhere.png" alt="">
<script src="/app.js"></script>"""

SCRIPT = """console.error("says so in any case");
if (location.pathname.split("/").length > 2) console.error("only below a prefix");
const frame = document.createElement("iframe");
const inner = `fetch("${location.origin}/api/users").catch(() => {})`;
frame.src = "data:text/html," + encodeURIComponent(`<script>${inner}</` + "script>");
document.body.append(frame);
"""

ROUTED = """<!doctype html><title>Routed</title><link rel="icon" href="data:,"><p>A page with some text</p>
<main></main><script>document.querySelector("main").innerHTML =
  location.pathname === "/routed" ? "<h2>The list</h2>" : "<h2>No such page</h2>";</script>"""


async def page(request: Request) -> Response:
    return HTMLResponse({"/": CLEAN, "/faults": FAULTS, "/routed": ROUTED}[request.url.path])


async def script(request: Request) -> Response:
    return Response(SCRIPT, media_type="text/javascript")


async def style(request: Request) -> Response:
    return Response("body { color: rgb(1, 2, 3) }", media_type="text/css")


async def users(request: Request) -> Response:
    return JSONResponse(["Ada", "Grace"])


async def cookie(request: Request) -> Response:
    answer = HTMLResponse('<!doctype html><link rel="icon" href="data:,"><p>A cookie</p>')
    answer.headers.append("Set-Cookie", "session=1; Path=/; Domain=other.example")
    return answer


async def other(request: Request) -> Response:
    """A page that asks another local service, and this one by its address."""
    port = request.query_params["port"]
    own = f"http://localhost:{request.url.port}"
    return HTMLResponse(
        f"""<!doctype html><link rel="icon" href="data:,"><p>Two services</p><script>
        fetch("http://localhost:{port}/data").catch(() => {{}});
        new Worker("data:text/javascript,fetch('{own}/api/users').catch(() => 0)");</script>"""
    )


async def main(port: int) -> None:
    routes = [
        *(Route(path, page) for path in ("/", "/faults", "/routed")),
        Route("/app.js", script),
        Route("/style.css", style),
        Route("/api/users", users),
        Route("/cookie", cookie),
        Route("/other", other),
        Route("/data", lambda request: PlainTextResponse("data", headers={"Access-Control-Allow-Origin": "*"})),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), lifespan="off", log_level="critical"))
    with socket.create_server(("127.0.0.1", port)) as listening:
        print(listening.getsockname()[1], flush=True)
        await server.serve([listening])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
