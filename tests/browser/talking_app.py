"""An app that tells what it was asked, for checks of what scripts request: echo, redirects, streams, sockets, workers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from app.domain.tasks import spawn
from app.relay.application import RelayConfig
from tests.browser.runtime_checks import PAGE, Outcome, visit
from tests.e2e.tunnels import Agent, relay_here

TOKEN = "a-token-of-good-length"

# (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
_WASM = bytes.fromhex("0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b")


def run_talking(
    chromium_path: str, checks: Mapping[str, str], scripts: Mapping[str, str], *, host: str | None = None
) -> Outcome:
    """Run each check in one page of the app behind a real relay; OTHER is the prefix of a second tunnel to it.

    scripts: path → JavaScript that is served there
    host: as which other computer the relay is visited; browsers trust such an origin less than one of their own computer
    """
    return asyncio.run(_run(chromium_path, checks, scripts, host))


async def _run(chromium_path: str, checks: Mapping[str, str], scripts: Mapping[str, str], host: str | None) -> Outcome:
    public_url = f"http://{host}" if host else None
    relay_config = RelayConfig(public_url=public_url, tokens=(("me", TOKEN),))
    async with serving(talking_app(scripts)) as port, relay_here(relay_config) as relay:
        agent = Agent(relay, TOKEN)
        try:
            tunnel, other = await agent.open(port), await agent.open(port, "other")
            checks = {name: f"const OTHER = {json.dumps(other.path(''))};{body}" for name, body in checks.items()}
            base = public_url + tunnel.path("") if public_url else tunnel.url("")
            arguments = [f"--host-resolver-rules=MAP {host}:80 127.0.0.1:{relay.port}"] if host else []
            return await visit(chromium_path, base, f"http://127.0.0.1:{port}", checks, arguments=arguments)
        finally:
            await agent.aclose()


@contextlib.asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """The port on which the app is served."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical", ws="websockets-sansio"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = spawn(server._serve([listening]), name="app")  # leaves the signals to the tests
        yield listening.getsockname()[1]
        server.should_exit = server.force_exit = True
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
