"""WebSockets of a page on AWS, where they take another way than the page: to the page they are what they are elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import json
from http import HTTPStatus
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.app.upstream.conftest import certificate  # noqa: F401 - fixture
from tests.aws.backend import Backend
from tests.aws.tls_front import with_tls
from tests.browser.runtime_checks import PAGE, Outcome, visit
from tests.e2e.service import Sockets

pytestmark = [pytest.mark.browser]

_TOOLS = """
const W = E.replace("http", "ws"), O = U.replace("http", "ws");
const opened = async (...args) => { const socket = new WebSocket(...args); socket.binaryType = "arraybuffer";
  await event(socket, "open"); return socket; };
const next = async (socket) => (await event(socket, "message")).data;
const caught = (act) => { try { act(); } catch (error) { return error.name; } };
const seen = async (socket) => { const { code, reason, wasClean } = await event(socket, "close"); return [code, reason, wasClean]; };
"""

CHECKS = {
    "R3-addresses-and-cookies": """
        document.cookie = "mine=1; path=/"; document.cookie = "deep=1; path=/tell/a%2Fb"; document.cookie = "no=1; path=/other";
        const hear = async (...args) => { const socket = await opened(...args), told = JSON.parse(await next(socket));
          socket.close(); return [told.path, told.cookie, told.origin === U, socket.protocol, socket.url]; };
        same(await hear("/tell"), ["/tell", "mine=1", true, "", W + "/tell"]);
        same(await hear(O + "/tell?token=1", "vite-hmr"), ["/tell?token=1", "mine=1", true, "vite-hmr", W + "/tell?token=1"]);
        same(await hear(W + P + "/tell/a%2Fb", ["one", "vite-hmr"]),
          ["/tell/a%2Fb", "deep=1; mine=1", true, "vite-hmr", W + "/tell/a%2Fb"]);
        same(await hear(new URL("/tell", W)), ["/tell", "mine=1", true, "", W + "/tell"]);""",
    "R3-messages": """
        const socket = await opened("/echo"), big = "ü".repeat(50_000), heard = [];
        const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index);
        const done = new Promise((resolve) => { socket.onmessage = ({ data, origin, target }) => {
          heard.push(typeof data === "string" ? data : new Uint8Array(data));
          same([origin, target === socket], [W, true]); if (heard.length === 8) resolve(); }; });
        for (const one of ["text", "", big, bytes.buffer, bytes.subarray(5, 8), new Blob(["blob"]), new DataView(bytes.buffer, 1, 2), 7]) {
          socket.send(one);
        }
        await done; const text = (one) => new TextDecoder().decode(one);
        same([heard[0], heard[1], heard[2] === big, heard[3].length, [...heard[4]], text(heard[5]), [...heard[6]], heard[7]],
          ["text", "", true, 70_000, [5, 6, 7], "blob", [1, 2], "7"]);
        socket.binaryType = "blob"; socket.send(new Uint8Array([1, 2])); const blob = await next(socket);
        same([blob instanceof Blob, [...new Uint8Array(await blob.arrayBuffer())], socket.bufferedAmount], [true, [1, 2], 0]);
        socket.close();""",
    "R3-many-messages-come-one-by-one": """
        const socket = await opened("/many"); const got = [];
        // Whoever waits for one message after another misses none.
        for (let number = 0; number < 40; number++) got.push(await next(socket));
        same(got, Array.from({ length: 40 }, (_, number) => String(number))); socket.close();""",
    "R3-it-is-a-WebSocket": """
        class Own extends WebSocket { constructor(...args) { super(...args); this.own = true; } }
        const socket = new Own("/echo"); same([socket.readyState, caught(() => socket.send("early"))], [0, "InvalidStateError"]);
        await event(socket, "open");
        same([socket instanceof WebSocket, socket.own, socket.readyState, socket.extensions, WebSocket.prototype.constructor === WebSocket],
          [true, true, 1, "", true]);
        same([caught(() => socket.close(1001)), caught(() => socket.close(1000, "x".repeat(124))), caught(() => socket.send()),
          caught(() => new WebSocket("/echo", ["a", "a"])), caught(() => WebSocket("/echo")), caught(() => new WebSocket("http://["))],
          ["InvalidAccessError", "SyntaxError", "TypeError", "SyntaxError", "TypeError", "SyntaxError"]);
        same([`${WebSocket}`, `${WebSocket.prototype.send}`.replace(/\\s+/g, " "), WebSocket.length, "WebSocketStream" in window],
          ["function WebSocket() { [native code] }", "function send() { [native code] }", 1, false]);
        const closed = seen(socket); socket.close(4001, "bye"); same(socket.readyState, 2);
        same([await closed, socket.readyState], [[4001, "bye", true], 3]); socket.send("late"); socket.close();
        same(socket.readyState, 3);""",
    "R3-what-the-gateway-throws-away-is-said-again": """
        const socket = await opened("/lossy"), heard = []; same(await next(socket), "ready");
        const all = new Promise((done) => { socket.onmessage = ({ data }) => { if (heard.push(data) === 6) done(); }; });
        for (const one of "abcdef") socket.send(one);
        await all; same(heard, [..."abcdef"]); socket.close();""",
    "R3-workers": """
        const text = `onmessage = ({ data }) => { const socket = new WebSocket(data); socket.onmessage = (event) => postMessage(event.data);
          socket.onopen = () => socket.send("from a worker"); }`;
        const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
        const answer = event(worker, "message"); worker.postMessage(O + "/echo"); same((await answer).data, "from a worker");""",
    "R3-closes-and-refusals": """
        const left = await opened("/leave"), heard = next(left); same([await heard, await seen(left)], ["last", [4002, "enough", true]]);
        const plain = await opened("/echo"), closed = seen(plain); plain.close(); same(await closed, [1005, "", true]);
        const broken = await opened("/vanish"); same((await seen(broken)).toSpliced(1, 1), [1014, false]);
        const refused = new WebSocket("/refuse"), failed = event(refused, "error");
        same([(await seen(refused)).slice(0, 1), (await failed).type, refused.readyState], [[1006], "error", 3]);
        const given = new WebSocket("/echo"), up = seen(given); given.close(); same((await up)[0], 1006);""",
}

CHECKS = {name: _TOOLS + body for name, body in CHECKS.items()}
_SCRIPT = "text/html; charset=utf-8"


async def serve(socket: ServerConnection, backend: Backend) -> None:
    """What the path says."""
    assert socket.request is not None
    path, headers = socket.request.path, socket.request.headers
    with contextlib.suppress(ConnectionClosed):
        if path.startswith("/tell"):
            await socket.send(
                json.dumps({"path": path, "cookie": headers.get("Cookie"), "origin": headers.get("Origin")})
            )
        elif path == "/many":
            for number in range(40):
                await socket.send(str(number))
        elif path == "/lossy":
            for row in backend.cloud.table.items():
                if row["sk"] == {"S": "v"}:  # the page's own messages; the agent has a rule of its own
                    backend.cloud.inject("message-429", times=2, match=row["pk"]["S"].removeprefix("v#"))
            await socket.send("ready")
        elif path == "/leave":
            await socket.send("last")
            await socket.close(4002, "enough")
        elif path == "/vanish":
            socket.transport.abort()
        async for message in socket:
            await socket.send(message)


def page_or_refusal(socket: ServerConnection, request: Request) -> Response | None:
    """The same service answers the page's own requests."""
    if "Sec-WebSocket-Protocol" not in request.headers:
        socket.protocol.available_subprotocols = None  # the library would insist on one
    if request.headers.get("Upgrade"):
        return Response(HTTPStatus.FORBIDDEN, "no", Headers()) if request.path == "/refuse" else None
    headers = Headers({"Content-Type": _SCRIPT, "Content-Length": str(len(PAGE)), "Connection": "close"})
    return Response(HTTPStatus.OK, "OK", headers, PAGE.encode())


async def run(chromium_path: str, pem: Path) -> Outcome:
    async def handler(socket: ServerConnection) -> None:
        await serve(socket, secure.backend)

    async with with_tls(pem) as secure, Sockets(handler, ["vite-hmr", "one"], page_or_refusal) as service:
        agent = secure.backend.agent()
        try:
            await agent.open(service.port, "shop")
            upstream = f"http://127.0.0.1:{service.port}"
            arguments = ["--ignore-certificate-errors"]
            return await visit(chromium_path, f"{secure.url}/shop", upstream, CHECKS, arguments=arguments)
        finally:
            await agent.aclose()


@pytest.fixture(scope="module")
def outcome(chromium_path: str, certificate: Path) -> Outcome:  # noqa: F811
    return asyncio.run(run(chromium_path, certificate))


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_pages_see_no_difference(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


def test_nothing_leaves_the_prefix(outcome: Outcome) -> None:
    assert outcome.leaks == []
