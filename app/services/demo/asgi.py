"""The demo as an ASGI application without a framework: a page, an API to play with, a WebSocket echo."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files

from app.services.demo.exchange import BadParameter, Body, Exchange, Headers, Message, Receive, Send
from app.services.demo.picture import sunset

_PAGE = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_REDIRECTS = {301, 302, 303, 307, 308}


async def demo(scope: Message, receive: Receive, send: Send) -> None:
    """ASGI entry point: HTTP and WebSocket scopes, no lifespan."""
    if scope["type"] == "websocket":
        await _websocket(scope, receive, send)
        return
    exchange = Exchange(scope, receive, send)
    path: str = scope["path"]
    try:
        body = await exchange.read()
        if path in _PAGE or path == "/image.png":
            await _asset(exchange, path)
        elif (endpoint := _API.get(path)) is not None:
            await endpoint(exchange, body)
        else:
            await exchange.json(404, {"error": f"nothing here at {exchange.raw_path}"})
    except BadParameter as error:
        await exchange.json(400, {"error": str(error)})
    except ConnectionResetError:
        return


async def _asset(exchange: Exchange, path: str) -> None:
    if exchange.method not in ("GET", "HEAD"):
        await exchange.json(405, {"error": f"{exchange.method} is not allowed here"}, [("allow", "GET, HEAD")])
        return
    data, content_type = (sunset(640, 240), "image/png") if path == "/image.png" else _file(*_PAGE[path])
    await exchange.respond(200, content_type, data, [("cache-control", "no-cache")])


@cache
def _file(name: str, content_type: str) -> tuple[bytes, str]:
    return files("app.services.demo").joinpath("page", name).read_bytes(), content_type


async def _echo(exchange: Exchange, body: Body) -> None:
    await exchange.json(
        200,
        {
            "method": exchange.method,
            "path": exchange.raw_path,
            "query": exchange.raw_query,
            "headers": exchange.headers,
            "body": {"length": body.length, "sha256": body.sha256, "text": body.text},
        },
    )


async def _fail(exchange: Exchange, _body: Body) -> None:
    status = exchange.number("status", 500, range(400, 600))
    await exchange.json(status, {"error": "This failed on purpose.", "status": status})


async def _slow(exchange: Exchange, _body: Body) -> None:
    milliseconds = exchange.number("ms", 1500, range(60_001))
    if not await exchange.leaves_within(milliseconds / 1000):
        await exchange.json(200, {"waited_ms": milliseconds})


async def _redirect(exchange: Exchange, _body: Body) -> None:
    status = exchange.number("status", 302, range(300, 309))
    if status not in _REDIRECTS:
        raise BadParameter("status must be 301, 302, 303, 307 or 308")
    # Relative, so that it stays below whatever prefix the page was opened with.
    await exchange.json(status, {"see": "echo?from=redirect"}, [("location", "echo?from=redirect")])


async def _events(exchange: Exchange, _body: Body) -> None:
    count = exchange.number("count", 5, range(1, 1001))
    seconds = exchange.number("ms", 500, range(60_001)) / 1000
    await exchange.start(200, [("content-type", "text/event-stream"), ("cache-control", "no-store")])
    for number in range(1, count + 1):
        await exchange.more(f"id: {number}\ndata: {json.dumps({'number': number, 'of': count})}\n\n".encode())
        if number < count and await exchange.leaves_within(seconds):
            return
    await exchange.end(b"event: done\ndata: {}\n\n")


async def _cookie(exchange: Exchange, _body: Body) -> None:
    received = exchange.header("cookie")
    cookies: Headers = [
        ("set-cookie", "demo_flavour=oatmeal; Path=/; Max-Age=3600; SameSite=Lax"),
        ("set-cookie", "demo_secret=crumbs; Path=/api; HttpOnly; SameSite=Strict"),
    ]
    await exchange.json(200, {"received": received, "set": ["demo_flavour", "demo_secret"]}, cookies)


async def _upload(exchange: Exchange, body: Body) -> None:
    if exchange.method not in ("POST", "PUT"):
        await exchange.json(405, {"error": "send the file with POST or PUT"}, [("allow", "POST, PUT")])
        return
    name, content_type = exchange.header("x-file-name"), exchange.header("content-type")
    await exchange.json(201, {"name": name, "type": content_type, "length": body.length, "sha256": body.sha256})


_API: dict[str, Callable[[Exchange, Body], Awaitable[None]]] = {
    "/api/echo": _echo,
    "/api/fail": _fail,
    "/api/slow": _slow,
    "/api/redirect": _redirect,
    "/api/events": _events,
    "/api/cookie": _cookie,
    "/api/upload": _upload,
}


async def _websocket(scope: Message, receive: Receive, send: Send) -> None:
    await receive()  # websocket.connect
    if scope["path"] != "/ws":
        await send({"type": "websocket.close", "code": 1000})  # before accept: the handshake gets a 403
        return
    await send({"type": "websocket.accept", "subprotocol": next(iter(scope.get("subprotocols", ())), None)})
    while (message := await receive())["type"] == "websocket.receive":
        text, data = message.get("text"), message.get("bytes")
        await send(
            {"type": "websocket.send", "text": text} if text is not None else {"type": "websocket.send", "bytes": data}
        )
