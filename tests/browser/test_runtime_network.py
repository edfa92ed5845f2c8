"""What scripts request: fetch, XMLHttpRequest, sockets, streams and the like reach the app, and tell its own addresses."""

from __future__ import annotations

import pytest

from tests.browser.runtime_checks import Outcome
from tests.browser.talking_app import run_talking

pytestmark = [pytest.mark.browser]

# What the app was asked, from its answer.
_TOOLS = """
const got = async (response) => (await response).json();
const asked = async (request) => { while (!(await got(fetch("/asked"))).includes(request)) await later(20); };
"""

SCRIPTS = {
    "/lib/plugin.js": "define(['./part'], (part) => ({ part }));",
    "/chunks/1.js": "(self.chunks ??= []).push(document.currentScript.src);",
    "/mod/entry.js": "import { part } from '/mod/part.js'; export const url = import.meta.url; export { part };"
    "export const lazy = () => import('/mod/lazy.js'); export const at = new URL('/echo/meta', import.meta.url).href;",
    "/mod/part.js": "export const part = 'part';",
    "/mod/lazy.js": "export const lazy = 'lazy';",
}

CHECKS = {
    "R1-fetch-of-a-path": """
        same(await got(fetch("/echo/path?x=1&x=2")), { method: "GET", path: "/echo/path?x=1&x=2", referer: "/a/b", body: "" });
        same((await got(fetch("//" + location.host + "/echo/host"))).path, "/echo/host");
        same((await got(fetch(" /echo/space "))).path, "/echo/space");
        same((await got(fetch(P + "/echo/prefixed"))).path, "/echo/prefixed");
        same((await got(fetch("../echo/relative"))).path, "/echo/relative");
        same((await got(fetch("../../../../echo/climbing"))).path, "/echo/climbing");
        same((await got(fetch("/echo/../../../echo/dots"))).path, "/echo/dots");""",
    "R1-fetch-of-the-apps-own-origin": """
        same((await got(fetch(U + "/echo/own"))).path, "/echo/own");
        same((await got(fetch(U.replace("127.0.0.1", "LOCALHOST") + "/echo/alias"))).path, "/echo/alias");
        same((await got(fetch(E + "/echo/public"))).path, "/echo/public");
        same((await got(fetch(new URL("/echo/object", E)))).path, "/echo/object");
        same((await got(fetch(new URL("/echo/location", location)))).path, "/echo/location");""",
    "R1-fetch-keeps-what-it-was-given": """
        same(await got(fetch("/echo/body", { method: "POST", body: new Blob(["ab", "c"]), keepalive: true, priority: "low",
          headers: { "X-Y": "1" }, credentials: "same-origin", cache: "no-store" })),
          { method: "POST", path: "/echo/body", referer: "/a/b", body: "abc" });
        const stop = new AbortController(); stop.abort();
        same(await fetch("/echo/aborted", { signal: stop.signal }).catch((error) => error.name), "AbortError");
        same(await fetch("http://[", {}).catch((error) => error.name), "TypeError");
        same(await fetch().catch((error) => error.name), "TypeError");""",
    "R1-referrer": """
        same((await got(fetch("/echo", { referrer: "/some/page?q", referrerPolicy: "unsafe-url" }))).referer, "/some/page?q");
        same((await got(fetch(new Request("/echo", { referrer: E + "/other" })))).referer, "/other");
        same((await got(fetch("/echo", { referrer: "" }))).referer, "");
        same([new Request("/x", { referrer: "/r" }).referrer, new Request("/x").referrer], [E + "/r", "about:client"]);
        const first = new Request("/x", { referrer: "/r" });
        same((await got(fetch("/echo/copied", first))).referer, "/r");""",
    "R1-requests-are-made-once": """
        const request = new Request("/echo/request", { method: "PUT", body: "text", headers: { "Content-Type": "text/plain" } });
        same([request.url, request.clone().url, new Request(request.clone()).url], Array(3).fill(E + "/echo/request"));
        same(await got(fetch(request.clone())), { method: "PUT", path: "/echo/request", referer: "/a/b", body: "text" });
        same((await got(fetch(request, { method: "POST", body: "other" }))).body, "other");
        same((await got(fetch(new Request(request.url)))).path, "/echo/request");
        const plain = { url: "/echo/init", toString() { return this.url; } };
        same((await got(fetch(plain))).path, "/echo/init");""",
    "R1-streamed-body": """
        const stream = () => new Response("streamed").body;
        const request = new Request(U + "/echo/stream", { method: "POST", body: stream(), duplex: "half" });
        same([request.url, request.duplex, await request.text()], [E + "/echo/stream", "half", "streamed"]);""",
    "R1-requests-of-other-realms-pass": """
        const frame = put("iframe"), request = new frame.contentWindow.Request("/echo/realm", { method: "POST", body: "r" });
        same(await got(fetch(request)), { method: "POST", path: "/echo/realm", referer: "/a/b", body: "r" }); frame.remove();""",
    "R1-responses-tell-where-they-come-from": """
        const direct = await fetch("/echo/direct"), redirected = await fetch("/redirect");
        same([direct.url, direct.redirected, direct.clone().url], [E + "/echo/direct", false, E + "/echo/direct"]);
        same([redirected.url, redirected.redirected, (await redirected.json()).path],
          [E + "/echo/redirected", true, "/echo/redirected"]);
        same([new Response("").url, Response.error().url, Response.json({}).status], ["", "", 200]);""",
    "R1-fields-with-addresses": """
        const created = await fetch("/created");
        same([created.headers.get("Location"), created.headers.get("x-path"), created.headers.get("none")], ["/items/5", "/x", null]);
        const request = new XMLHttpRequest(); request.open("GET", "/created"); request.send(); await event(request, "load");
        same([request.getResponseHeader("location"), request.getResponseHeader("none"),
          /^location: (.*)\\r$/m.exec(request.getAllResponseHeaders())[1]], ["/items/5", null, "/items/5"]);""",
    "R1-interfaces-stay-what-they-are": """
        class Own extends Request { get own() { return true; } }
        const own = new Own("/echo/sub");
        same([own instanceof Request, own instanceof Own, own.own, own.url, Request.prototype.constructor === Request,
          own.constructor === Own, new Request("/x").constructor === Request], [true, true, true, E + "/echo/sub", true, true, true]);
        same((await got(fetch(own))).path, "/echo/sub");
        const caught = (act) => { try { act(); } catch (error) { return error.constructor.name; } };
        same([caught(() => Request("/x")), caught(() => new fetch("/x")), caught(() => new Request()), "prototype" in fetch],
          ["TypeError", "TypeError", "TypeError", false]);""",
    "R22-constructors-and-functions-look-native": """
        const shown = (value) => Function.prototype.toString.call(value);
        const getter = (proto, name) => Object.getOwnPropertyDescriptor(proto, name).get;
        same([fetch, Request, WebSocket, XMLHttpRequest.prototype.open, Worker, Blob, Function.prototype.toString,
          getter(Request.prototype, "url")].map((one) => shown(one).replace(/\\s+/g, " ")),
          ["fetch", "Request", "WebSocket", "open", "Worker", "Blob", "toString", "get url"]
            .map((name) => `function ${name}() { [native code] }`));
        same([fetch.name, fetch.length, Request.name, Request.length, WebSocket.length, XMLHttpRequest.prototype.open.length,
          String(fetch) === shown(fetch), `${WebSocket}` === shown(WebSocket)], ["fetch", 1, "Request", 1, 1, 2, true, true]);
        same([Object.getOwnPropertyNames(fetch), Object.getPrototypeOf(File) === Blob], [["length", "name"], true]);
        same([shown(() => 1), shown(class A {})], ["() => 1", "class A {}"]);""",
    "R22-frames-look-native-from-outside": """
        const frame = put("iframe", { src: "/framed" }), first = frame.contentWindow.fetch; await event(frame, "load");
        const there = frame.contentWindow, shown = (value) => Function.prototype.toString.call(value);
        same([shown(there.fetch), shown(there.Request), there.Function.prototype.toString.call(fetch), there.fetch === first],
          [shown(fetch), shown(Request), shown(fetch), false]);
        same([(await got(there.fetch("echo/below"))).path, there.document.URL], ["/echo/below", E + "/framed"]); frame.remove();""",
    "R19-messages-tell-their-sender": """
        const frame = put("iframe", { src: "/framed" }); await event(frame, "load");
        const arrived = event(frame.contentWindow, "message"); frame.contentWindow.postMessage("there", location.origin);
        const { data, source, origin } = await arrived; same([data, source === window, origin], ["there", true, E]);
        const back = event(window, "message"); source.postMessage("back", { targetOrigin: origin });
        same((await back).data, "back"); frame.remove();""",
    "R22-no-trace-in-the-global-object": """
        const frame = put("iframe", { src: "data:text/html," }); await later(100);
        const known = new Set(Object.getOwnPropertyNames(window));
        same([Object.keys(window).filter((key) => /hw|hatch/i.test(key)), Object.getOwnPropertySymbols(window).length <= 2,
          document.querySelectorAll("script[data-hw]").length, known.has("__hw_config")], [[], true, 0, false]);
        frame.remove();""",
    "R22-loading-twice-changes-nothing": """
        const before = [fetch, Request, document.cookie.__proto__, XMLHttpRequest.prototype.open];
        const script = make("script", { src: "/__hw/" + (await (await fetch("/a/b")).text()).match(/__hw\\/(rt-[^"']+)/)[1] });
        script.setAttribute("data-hw", "{}"); const loaded = event(script, "load"); document.head.append(script); await loaded;
        same([fetch, Request, document.cookie.__proto__, XMLHttpRequest.prototype.open].every((one, at) => one === before[at]), true);
        same((await got(fetch("/echo/twice"))).path, "/echo/twice");""",
    "R2-XMLHttpRequest": """
        const ask = async (...args) => {
          const request = new XMLHttpRequest(); request.open(...args); request.send(args[0] === "POST" ? "posted" : null);
          if (args[2] !== false) await event(request, "load");
          return [JSON.parse(request.responseText).path, request.responseURL];
        };
        same(await ask("GET", "/echo/xhr?q"), ["/echo/xhr?q", E + "/echo/xhr?q"]);
        same(await ask("POST", U + "/echo/own"), ["/echo/own", E + "/echo/own"]);
        same(await ask("GET", new URL("/echo/object", E), true), ["/echo/object", E + "/echo/object"]);
        same(await ask("GET", "/echo/sync", false), ["/echo/sync", E + "/echo/sync"]);
        same(await ask("GET", "/redirect"), ["/echo/redirected", E + "/echo/redirected"]);
        same(await ask("GET", "../echo/relative"), ["/echo/relative", E + "/echo/relative"]);
        const request = new XMLHttpRequest();
        same([request instanceof XMLHttpRequest, XMLHttpRequest.DONE, request.responseURL], [true, 4, ""]);""",
    "R3-WebSocket": """
        const hear = async (...args) => {
          const socket = new WebSocket(...args), { data } = await event(socket, "message");
          socket.close(); return [data, socket.protocol, socket.url];
        };
        const W = E.replace("http", "ws"), O = U.replace("http", "ws");
        same(await hear("/ws"), ["/ws ", "", W + "/ws"]);
        same(await hear(O + "/ws/own?token=1", "vite-hmr"), ["/ws/own vite-hmr", "vite-hmr", W + "/ws/own?token=1"]);
        same(await hear(O.replace("127.0.0.1", "localhost") + "/ws", ["one", "two"]), ["/ws one,two", "one", W + "/ws"]);
        same(await hear(W + "/ws/public"), ["/ws/public ", "", W + "/ws/public"]);
        same(await hear(W + P + "/ws/prefixed"), ["/ws/prefixed ", "", W + "/ws/prefixed"]);
        same(await hear(new URL("/ws/object", W)), ["/ws/object ", "", W + "/ws/object"]);
        same(await hear(U + "/ws/http"), ["/ws/http ", "", W + "/ws/http"]);
        same(await hear("../ws/relative"), ["/ws/relative ", "", W + "/ws/relative"]);""",
    "R3-WebSocket-stays-what-it-is": """
        class Own extends WebSocket { constructor(...args) { super(...args); this.own = true; } }
        const socket = new Own("/ws/sub"), first = await event(socket, "message");
        socket.send("echo"); const second = await event(socket, "message"); socket.close();
        same([first.data, second.data, socket instanceof WebSocket, socket.own, socket.url, WebSocket.OPEN, socket.OPEN,
          WebSocket.prototype.constructor === WebSocket, first.origin],
          ["/ws/sub ", "echo", true, true, E.replace("http", "ws") + "/ws/sub", 1, 1, true, E.replace("http", "ws")]);
        const caught = (act) => { try { act(); } catch (error) { return error.name; } };
        same([caught(() => new WebSocket("ftp://x/")), caught(() => new WebSocket("http://[")), caught(() => WebSocket("/ws")),
          caught(() => new WebSocket())], ["SyntaxError", "SyntaxError", "TypeError", "TypeError"]);
        const stream = window.WebSocketStream && new WebSocketStream("/ws/stream");
        if (stream) {
          const { readable } = await stream.opened, { value } = await readable.getReader().read(); stream.close();
          same([value, stream.url], ["/ws/stream ", E.replace("http", "ws") + "/ws/stream"]);
        }""",
    "R4-EventSource": """
        const source = new EventSource("/events"), { data } = await event(source, "message"); source.close();
        same([data, source.url, EventSource.OPEN, source instanceof EventSource], ["/events", E + "/events", 1, true]);
        const own = new EventSource(U + "/events"); same((await event(own, "message")).data, "/events"); own.close();""",
    "R4-sendBeacon": """
        same([navigator.sendBeacon("/echo/beacon", "b"), navigator.sendBeacon(U + "/echo/beacon2")], [true, true]);
        await asked("POST /echo/beacon"); await asked("POST /echo/beacon2");""",
    "R4-protocol-handlers": """
        // The browser refuses addresses of other origins, and those without %s.
        navigator.registerProtocolHandler("web+test", "/handle?u=%s"); navigator.registerProtocolHandler("web+test", U + "/handle?u=%s");
        navigator.unregisterProtocolHandler("web+test", "/handle?u=%s");
        const caught = (act) => { try { act(); } catch (error) { return error.name; } };
        same([caught(() => navigator.registerProtocolHandler("web+test", "/x")),
          caught(() => navigator.registerProtocolHandler("web+test", "https://other.example/%s"))], ["SyntaxError", "SecurityError"]);""",
    "R4-what-else-takes-an-address": """
        same([new PresentationRequest("/p") instanceof PresentationRequest,
          new PresentationRequest(["/p", U + "/q"]) instanceof PresentationRequest], [true, true]);
        const metadata = new MediaMetadata({ title: "t", artwork: [{ src: "/art.png", sizes: "1x1" }] });
        same([metadata.title, metadata.artwork[0].src], ["t", E + P + "/art.png"]);
        same([Response.redirect("/there", 302).headers.get("location"), Response.redirect("https://other.example/").status],
          [E + "/there", 302]);
        new Notification("n", { icon: "/icon.png", actions: undefined }).onerror = () => {};""",
    "R4-fetchLater": """
        if (!window.fetchLater) return;
        const { activated } = fetchLater("/echo/later", { method: "POST", body: "l", activateAfter: 0 });
        same(activated, false); await asked("POST /echo/later");""",
    "J13-scripts-that-load-scripts": """
        const load = async (src) => {
          const script = make("script", { src }), loaded = event(script, "load"); document.head.append(script); await loaded; return script;
        };
        window.answer = (path) => { window.answered = path; }; await load("/jsonp?callback=answer"); same(window.answered, "/jsonp");
        const __webpack_public_path__ = "/"; await load(__webpack_public_path__ + "chunks/1.js");
        same(self.chunks, [E + "/chunks/1.js"]);
        await load(new URL("1.js", self.chunks[0]).href); same(self.chunks, [E + "/chunks/1.js", E + "/chunks/1.js"]);
        window.define = Object.assign((needs, make) => { window.defined = needs; }, { amd: {} });
        const baseUrl = "/lib"; await load(`${baseUrl}/plugin.js`); same(window.defined, ["./part"]);""",
    "J3-addresses-made-of-import.meta.url": """
        const { url, part, lazy, at } = await import("/mod/entry.js");
        same([url, part, (await lazy()).lazy, at], [E + P + "/mod/entry.js", "part", "lazy", E + "/echo/meta"]);
        same((await got(fetch(at))).path, "/echo/meta");
        same(await import("/mod/entry.js") === await import(E + "/mod/entry.js"), true);""",
    "J14-WebAssembly": """
        const { instance } = await WebAssembly.instantiateStreaming(fetch("/add.wasm"));
        same(instance.exports.add(1, 2), 3);
        same(WebAssembly.Module.exports(await WebAssembly.compileStreaming(fetch(U + "/add.wasm")))[0].name, "add");""",
}
CHECKS = {name: _TOOLS + body for name, body in CHECKS.items()}


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run_talking(chromium_path, CHECKS, SCRIPTS)


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_scripts_reach_the_app(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


def test_all_is_asked_below_the_prefix(outcome: Outcome) -> None:
    assert outcome.leaks == []
    assert outcome.complaints == []
