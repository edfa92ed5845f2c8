"""An app that tells what it was asked, for checks of what scripts request: echo, redirects, streams, sockets, workers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.domain.tasks import spawn
from tests.browser.runtime_checks import PAGE, Outcome, visit
from tests.e2e.tunnels import Agent, start_relay

# (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
_WASM = bytes.fromhex(
    "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b"
)  # fmt: skip


class _Quiet(uvicorn.Server):
    """Leaves the signals to the tests."""

    def install_signal_handlers(self) -> None: ...


def run_talking(chromium_path: str, checks: Mapping[str, str], scripts: Mapping[str, str]) -> Outcome:
    """Run each check in one page of the app behind a real relay; OTHER is the prefix of a second tunnel to it.

    scripts: path → JavaScript that is served there
    """
    return asyncio.run(_run(chromium_path, checks, scripts))


async def _run(chromium_path: str, checks: Mapping[str, str], scripts: Mapping[str, str]) -> Outcome:
    config = uvicorn.Config(talking_app(scripts), lifespan="off", log_level="critical", ws="websockets-sansio", port=0)
    server = _Quiet(config)
    running = spawn(server.serve(), name="app")
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    relay = await start_relay()
    agent = Agent(relay)
    try:
        tunnel, other = await agent.open(port), await agent.open(port)
        checks = {name: f"const OTHER = {json.dumps(other.path(''))};{body}" for name, body in checks.items()}
        return await visit(chromium_path, tunnel.url(""), f"http://127.0.0.1:{port}", checks)
    finally:
        await agent.aclose()
        assert relay.process is not None
        await relay.process.stop()
        server.should_exit = True
        await running


def talking_app(scripts: Mapping[str, str]) -> Starlette:
    """The app alone. `/asked` lists what `/echo` was asked so far."""
    asked: list[str] = []

    async def echo(request: Request) -> Response:
        """What arrived, as JSON; addresses without the app's origin."""
        asked.append(f"{request.method} {request.url.path}")
        origin = str(request.base_url)[:-1]
        return JSONResponse(
            {
                "method": request.method,
                "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
                "referer": request.headers.get("referer", "").removeprefix(origin),
                "body": (await request.body()).decode("utf-8", "replace"),
            },
            headers={"Cache-Control": "no-store"},
        )

    async def script(request: Request) -> Response:
        text = scripts.get(request.url.path)
        if text is None:
            return HTMLResponse(PAGE)
        return Response(text, media_type="text/javascript", headers={"Cache-Control": "no-store"})

    return Starlette(
        routes=[
            Route("/echo", echo, methods=["GET", "POST", "PUT"]),
            Route("/echo/{rest:path}", echo, methods=["GET", "POST", "PUT"]),
            Route("/asked", lambda _: JSONResponse(asked, headers={"Cache-Control": "no-store"})),
            Route("/redirect", lambda _: RedirectResponse("/echo/redirected", 302)),
            Route("/created", lambda _: Response(status_code=201, headers={"Location": "/items/5", "X-Path": "/x"})),
            Route("/add.wasm", lambda _: Response(_WASM, media_type="application/wasm")),
            Route("/jsonp", jsonp),
            Route("/events", events),
            WebSocketRoute("/ws", talk),
            WebSocketRoute("/ws/{rest:path}", talk),
            Route("/{rest:path}", script),
        ]
    )


async def jsonp(request: Request) -> Response:
    call = f"{request.query_params['callback']}({json.dumps(request.url.path)})"
    return Response(call, media_type="text/javascript")


async def events(request: Request) -> Response:
    async def stream() -> AsyncIterator[str]:
        yield f"data: {request.url.path}\n\n"
        yield "event: done\ndata: {}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


async def talk(websocket: WebSocket) -> None:
    """Says where it was reached and in which language, then repeats what it hears."""
    protocols = websocket.scope["subprotocols"]
    await websocket.accept(subprotocol=protocols[0] if protocols else None)
    await websocket.send_text(f"{websocket.url.path} {','.join(protocols)}")
    async for text in websocket.iter_text():
        await websocket.send_text(text)
