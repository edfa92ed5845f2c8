"""The statement in front of workers' scripts, in the workers of a real browser (J1, J4, J15)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.document import Document
from backend_lambda.rewrite.javascript.worker import rewrite_worker

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser]

_PREFIX = "/shop"
_RUNTIME = f"{_PREFIX}/__hw/worker-0123.js"
_TELL = """
const tell = (port) => port.postMessage([self.order.join(), typeof e, typeof r, typeof tell]);
if (self.registration) self.onmessage = (event) => tell(event.source);
else if (self.onconnect === undefined) tell(self);
else self.onconnect = (event) => tell(event.ports[0]);
"""
_APP = {
    "/script.js": "'use strict'\nself.order.push(this === self && (function () { return !this })());" + _TELL,
    "/module.js": "import '/effect.js'; import { name } from './name.js'; self.order.push(name);" + _TELL,
    "/plain.js": "self.order.push('plain ' + (this === undefined));" + _TELL,
    "/dynamic.js": "import('/name.js').then(({ name }) => { self.order.push(name); tell(self) });"
    + _TELL.split("\n")[1],
    "/effect.js": "self.order.push('effect');",
    "/name.js": "export const name = 'name';",
}
_OWN = {
    "/": "<!doctype html>",
    _RUNTIME: "self[Symbol.for('hatchway')] = {}; (self.order ??= []).push('runtime');",
}
_ASK = """
async ([kind, url, type]) => {
  if (kind === "service worker") {
    const registration = await navigator.serviceWorker.register(url, { type, scope: "/shop/" });
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    const told = new Promise((done) => navigator.serviceWorker.onmessage = (event) => done(event.data));
    navigator.serviceWorker.startMessages();
    worker.postMessage("");
    return told;
  }
  const worker = kind === "worker" ? new Worker(url, { type }) : new SharedWorker(url, { type }).port;
  return new Promise((done, fail) => {
    worker.onmessage = (event) => done(event.data);
    worker.onerror = (event) => fail(new Error(event.message));
  });
}
"""


class _Handler(BaseHTTPRequestHandler):
    asked: list[str]
    site: RewriteContext

    def do_GET(self) -> None:
        self.asked.append(self.path)
        text = _OWN.get(self.path)
        if text is None:
            script = _APP.get(self.path.removeprefix(_PREFIX)) if self.path.startswith(_PREFIX + "/") else None
            if script is None:
                self.send_error(404)
                return
            is_worker = self.headers.get("Sec-Fetch-Dest", "").endswith("worker")
            text = rewrite_worker(script, Document(self.site), _RUNTIME) if is_worker else script
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "text/javascript")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *values: object) -> None:
        pass


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    """(public origin, the paths that were asked for)"""
    asked: list[str] = []
    handler = type("Handler", (_Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    origin = f"http://127.0.0.1:{server.server_port}"
    handler.site = RewriteContext("shop", _PREFIX, origin, "http://localhost:3000")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield origin, asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "script", "type", "order"),
    [
        pytest.param("worker", "script", "classic", "runtime,true", id="J15-script"),
        pytest.param("shared worker", "script", "classic", "runtime,true", id="J15-shared-script"),
        pytest.param("service worker", "script", "classic", "runtime,true", id="J15-service-worker"),
        pytest.param("worker", "module", "module", "runtime,effect,name", id="J1-module"),
        pytest.param("shared worker", "module", "module", "runtime,effect,name", id="J1-shared-module"),
        pytest.param("service worker", "module", "module", "runtime,effect,name", id="J1-service-worker-module"),
        pytest.param("worker", "plain", "module", "runtime,plain true", id="J15-module-that-does-not-show-it"),
        pytest.param("worker", "plain", "classic", "runtime,plain false", id="J15-sloppy-script"),
        pytest.param("worker", "dynamic", "classic", "runtime,name", id="J1-dynamic-import-in-a-script"),
        pytest.param("worker", "dynamic", "module", "runtime,name", id="J1-dynamic-import-in-a-module"),
    ],
)
async def test_the_runtime_runs_first_and_imports_go_below_the_prefix(
    kind: str, script: str, type: str, order: str, served: tuple[str, list[str]], page: Page
) -> None:
    origin, asked = served
    await page.goto(origin)
    told = await page.evaluate(_ASK, [kind, f"{_PREFIX}/{script}.js", type])
    assert told == [order, "undefined", "undefined", "function"]
    assert [path for path in asked if not path.startswith(_PREFIX) and path not in ("/", "/favicon.ico")] == []
