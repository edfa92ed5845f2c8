"""A FastAPI service as a process: `python service.py PORT [GREETING]` prints its port and serves until it is killed."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import sys
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse

GREETING = sys.argv[2] if len(sys.argv) > 2 else "hello"

PAGE = """<!doctype html><title>A service</title><h1>It works</h1>
<script type="module">
  const answer = await fetch("api/echo?from=page", {method: "POST", body: "from the page"});
  window.fetched = await answer.json();
  const socket = new WebSocket(new URL("ws", location.href).href.replace(/^http/, "ws"));
  socket.onopen = () => socket.send("marco");
  socket.onmessage = (message) => { window.heard = message.data; socket.close(1000); };
  const numbers = [];
  const source = new EventSource("events?count=3");
  source.onmessage = (message) => {
    numbers.push(message.data);
    if (numbers.length == 3) { source.close(); window.numbers = numbers; }
  };
</script>"""

service = FastAPI()


@service.get("/")
def page() -> HTMLResponse:
    return HTMLResponse(PAGE)


@service.api_route("/api/echo", methods=["GET", "POST", "PUT"])
async def echo(request: Request) -> JSONResponse:
    body = await request.body()
    return JSONResponse(
        {
            "greeting": GREETING,
            "method": request.method,
            "query": request.url.query,
            "host": request.headers.get("host"),
            "headers": [list(pair) for pair in request.headers.items()],
            "size": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
    )


@service.get("/greeting")
def greeting() -> PlainTextResponse:
    return PlainTextResponse(GREETING)


@service.get("/status/{code}")
def status(code: int) -> Response:
    return Response(status_code=code)


@service.get("/hang")
async def hang() -> PlainTextResponse:
    await asyncio.sleep(3600)
    return PlainTextResponse("at last")


@service.get("/events")
async def events(count: int = 0) -> StreamingResponse:
    async def stream() -> AsyncIterator[bytes]:
        number = 0
        while count == 0 or number < count:
            number += 1
            yield f"data: {number}\n\n".encode()
            await asyncio.sleep(0.02)
        await asyncio.sleep(3600)

    return StreamingResponse(stream(), media_type="text/event-stream")


@service.websocket("/ws")
async def socket_echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(f"{text} polo")


def main() -> None:
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(service, log_level="critical", ws="websockets-sansio", lifespan="off")
    asyncio.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    main()
