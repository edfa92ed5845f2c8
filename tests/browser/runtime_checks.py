"""Checks that run inside a page of a tunnelled app: many on one page, told apart by their conformance ids."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Request, async_playwright

from app.domain.tasks import spawn
from backend_lambda.protocol.messages import Mode
from tests.e2e.tunnels import Agent, start_relay

PAGE = "<!doctype html><html><head><title>a</title></head><body><a id=served href=/served>x</a></body></html>"
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
_BODIES = {
    "js": ("text/javascript", "globalThis.ran = (globalThis.ran || 0) + 1"),
    "css": ("text/css", "p { color: red }"),
    "png": ("image/svg+xml", _SVG),
    "svg": ("image/svg+xml", _SVG),
    "woff2": ("font/woff2", ""),
}

# What every check has at hand: E public origin, P prefix, U the app's own origin.
_TOOLS = """
const E = location.origin, P = %(prefix)s, U = %(upstream)s;
const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);
const add = (element) => (document.body.append(element), element);
const put = (tag, properties) => add(make(tag, properties));
const event = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
const later = (ms) => new Promise((done) => setTimeout(done, ms));
const settle = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
const show = (value) => JSON.stringify(value);
const same = (got, wanted) => { if (show(got) !== show(wanted)) throw new Error(`got ${show(got)}, wanted ${show(wanted)}`); };
const style = (change) => { const element = put("p"); change(element); return element.getAttribute("style"); };
"""


@dataclass
class Outcome:
    """What became of the checks of one page.

    failures: for each check why it failed, "" if it did not · asked: paths requested below the prefix, without it
    leaks: requests to the public origin outside the prefix · complaints: console errors and uncaught ones
    """

    failures: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def run(chromium_path: str, checks: Mapping[str, str], *, page: str = PAGE, mode: Mode = "app") -> Outcome:
    """Run each check, the body of an async function, one after another in one page of an app behind a real relay."""
    return asyncio.run(_through_a_relay(chromium_path, checks, page, mode))


def tools(base: str, upstream: str) -> str:
    """What the checks have at hand, for a tunnel at that public address."""
    return _TOOLS % {"prefix": json.dumps(urlsplit(base).path), "upstream": json.dumps(upstream)}


@asynccontextmanager
async def tunnelled(port: int, mode: Mode) -> AsyncIterator[str]:
    """The public address, without the slash at its end, of a tunnel to that port through a relay of its own."""
    relay = await start_relay()
    agent = Agent(relay)
    try:
        yield (await agent.open(port, mode=mode)).url("")
    finally:
        await agent.aclose()
        assert relay.process is not None
        await relay.process.stop()


async def _through_a_relay(chromium_path: str, checks: Mapping[str, str], page: str, mode: Mode) -> Outcome:
    server = await asyncio.start_server(lambda *pair: spawn(_answer(*pair, page), name="answer"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with tunnelled(port, mode) as base:
            return await visit(chromium_path, base, f"http://127.0.0.1:{port}", checks)
    finally:
        server.close()


async def visit(
    chromium_path: str, base: str, upstream: str, checks: Mapping[str, str], *, arguments: Sequence[str] = ()
) -> Outcome:
    """base: the public address without the slash at its end; arguments: more of them for Chromium."""
    outcome = Outcome()
    parts = urlsplit(base)

    def on_request(request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.netloc != parts.netloc or asked.path == "/favicon.ico":
            return
        if asked.path.startswith(parts.path + "/"):
            outcome.asked.append(asked.path.removeprefix(parts.path))
        else:
            outcome.leaks.append(asked.path)

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon.ico" not in str(message.location):
            outcome.complaints.append(message.text)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu", *arguments]
        )
        context = await browser.new_context()
        context.on("request", on_request)
        context.on("console", on_console)
        context.on("weberror", lambda error: outcome.complaints.append(error.error.message))
        page = await context.new_page()
        await page.goto(f"{base}/a/b")
        bodies = ",".join(f"{json.dumps(name)}: async () => {{ {body} }}" for name, body in checks.items())
        script = (
            f"async () => {{ {tools(base, upstream)} const checks = {{ {bodies} }}; const failures = {{}};"
            "for (const name in checks) { try { await Promise.race([checks[name](), "
            "later(15000).then(() => { throw new Error('no end after 15 s'); })]); failures[name] = ''; }"
            " catch (error) { failures[name] = String(error?.stack ?? error); } }"
            "await later(300); return show(failures); }"
        )
        outcome.failures = json.loads(await page.evaluate(script))
        await browser.close()
    return outcome


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, page: str) -> None:
    """An app that has something for every path: by the ending what it says, else the page."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = urlsplit(head.split(b" ")[1].decode()).path
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            kind, text = _BODIES.get(path.rpartition(".")[2], ("text/html", page))
            body = text.encode()
            fields = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nCache-Control: no-store\r\n\r\n"
            writer.write(b"HTTP/1.1 200 OK\r\n" + fields.encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
