"""Frames, windows and documents that scripts make; what the page is told of itself; and how little of the runtime shows."""

from __future__ import annotations

import pytest

from tests.browser.runtime_checks import Outcome, run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_TOOLS = """
const frame = async (properties) => { const made = put("iframe", properties); await event(made, "load"); return made.contentWindow; };
const said = async (target = window) => (await event(target, "message")).data;
const text = (html) => `<!doctype html><p>${html}`;
"""

CHECKS = {
    # Before there are frames, so that nobody else can be the sender.
    "R19-targets-of-messages": """
        for (const target of [U, U + "/", U + "/some/path", U.toUpperCase(), E, "*", "/"]) {
          const message = event(window, "message"); window.postMessage({ target }, target);
          const { data, origin, source } = await message; same([data.target, origin, source === window], [target, E, true]);
        }
        let message = said(); window.postMessage(1, { targetOrigin: U }); same(await message, 1);
        message = said(); postMessage(2); same(await message, 2);
        const { port1, port2 } = new MessageChannel(); message = event(window, "message");
        window.postMessage(3, U, [port1]); same((await message).ports.length, 1);
        message = event(window, "message"); window.postMessage(4, { targetOrigin: U, transfer: [port2] });
        same((await message).ports.length, 1);""",
    "R18-entries-of-an-observer": """
        const found = new Promise((done) => new PerformanceObserver((list, observer) => {
          const names = list.getEntries().map(({ name }) => name).filter((name) => name.includes("observed"));
          if (names.length) { observer.disconnect(); done([names, list.getEntriesByName(E + "/realms/observed").length]); }
        }).observe({ type: "resource" }));
        await (await fetch("/realms/observed")).text(); same(await found, [[E + "/realms/observed"], 1]);
        const entry = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("observed"));
        same([entry.toJSON().name, JSON.parse(JSON.stringify(entry)).name, entry instanceof PerformanceResourceTiming],
          [E + "/realms/observed", E + "/realms/observed", true]);""",
    "R18-entries-of-the-page": """
        const [entry] = performance.getEntriesByType("navigation"); same(entry.name, E + "/a/b");
        performance.mark(P + "/mark"); same(performance.getEntriesByName(P + "/mark").length, 1);
        same(performance.getEntriesByType("mark")[0].name, P + "/mark");""",
    "R18-current-script": """
        const loaded = make("script", { src: "/realms/current.js" });
        const seen = new Promise((done) => { window.tell = done; }); document.head.append(loaded); await event(loaded, "load");
        const inline = make("script", { text: "tell([document.currentScript.src, document.currentScript.text.length > 0])" });
        document.head.append(inline); same([await seen, loaded.src], [["", true], E + "/realms/current.js"]);""",
    "R18-origins-and-stacks-are-the-real-ones": """
        same([window.origin, self.origin, location.origin, document.domain], [E, E, E, location.hostname]);
        same(document.documentElement.baseURI, E + "/a/b"); same(new URL("x", document.baseURI).href, E + "/a/x");
        const script = make("script", { src: "/realms/stack.js" }); document.head.append(script); await event(script, "load");
        same(performance.getEntriesByName(E + "/realms/stack.js").length, 1);""",
    "R18-reports": """
        const there = await frame({ srcdoc: `<meta http-equiv=Content-Security-Policy content="img-src 'none'">` });
        const violation = new Promise((done) => there.document.addEventListener("securitypolicyviolation", done, { once: true }));
        there.document.body.append(Object.assign(there.document.createElement("img"), { src: "/realms/blocked.png" }));
        same((await violation).blockedURI, E + "/realms/blocked.png");""",
    "R18-style-sheets": """
        const link = make("link", { rel: "stylesheet", href: "/realms/sheet.css" }); document.head.append(link); await event(link, "load");
        same([link.sheet.href, document.styleSheets[document.styleSheets.length - 1].href], [E + "/realms/sheet.css", E + "/realms/sheet.css"]);""",
    "R18-context-for-apps": """
        const context = window.__TUNNEL_CONTEXT__;
        same([context.tunnelId, context.basePath, context.getBaseUrl(), Object.isFrozen(context)], [P.slice(1), P, E + P, true]);
        same(["/x?q#f", "x", "", U + "/y", E + "/z", P + "/w", "https://other.example/v"].map((path) => context.url(path)),
          [E + P + "/x?q#f", E + P + "/x", E + P + "/", E + P + "/y", E + P + "/z", E + P + "/w", "https://other.example/v"]);""",
    "R19-messages-between-windows": """
        const element = put("iframe", { src: "/realms/there" }); await event(element, "load");
        const there = element.contentWindow; let arrived = event(there, "message"); element.contentWindow.postMessage("hello", U);
        let { data, origin, source } = await arrived; same([data, origin, source === window], ["hello", E, true]);
        await later(0); arrived = event(there, "message"); there.postMessage("kept window", "*");
        same([(await arrived).source === window], [true]);
        arrived = event(there, "message"); const target = element.contentDocument && element.contentWindow || parent;
        target.postMessage("kept for a moment", U); same((await arrived).data, "kept for a moment");
        const blank = put("iframe"); arrived = event(blank.contentWindow, "message"); blank.contentWindow.postMessage("blank", U);
        same((await arrived).data, "blank");""",
    "R19-messages-to-the-window-above": """
        const run = async (code) => {
          const heard = event(window, "message");
          const there = await frame({ srcdoc: text(`<script>onmessage = ({ source }) => source.postMessage("answer", "${U}"); ${code}<\\/script>`) });
          const { data, source } = await heard; same(source === there, true); return [data, there];
        };
        same((await run(`parent.postMessage("by parent", "${U}")`))[0], "by parent");
        const [data, there] = await run(`const above = window.parent; setTimeout(() => above.postMessage("kept window", "*"), 20)`);
        same(data, "kept window"); const answer = event(window, "message"); there.frameElement.contentWindow.postMessage("?", U);
        same([(await answer).data, (await answer).source === there], ["answer", true]);
        const popup = open("/realms/opened-window", "answering"); await event(popup, "load");
        const told = event(window, "message"); popup.eval(`opener.postMessage("by opener", "${U}")`);
        same([(await told).data, (await told).source === popup], ["by opener", true]); popup.close();""",
    "R19-replaced-by-the-app": """
        const there = await frame({ src: "/realms/there" }); const seen = [];
        there.postMessage = (...args) => seen.push(args); there.postMessage(1, "*"); same(seen, [[1, "*"]]);
        same([String(window.postMessage), window.postMessage.name, window.postMessage.length],
          ["function postMessage() { [native code] }", "postMessage", 1]);""",
    "R19-other-targets-stay": """
        const lost = []; addEventListener("message", ({ data }) => lost.push(data));
        window.postMessage("lost", "https://other.example"); window.postMessage("kept", "*"); await said();
        same(lost, ["kept"]);
        const caught = (act) => { try { act(); } catch (error) { return error.name; } };
        same([caught(() => window.postMessage()), caught(() => window.postMessage(1, "no url")), caught(() => window.postMessage(() => {}, "*"))],
          ["TypeError", "SyntaxError", "DataCloneError"]);""",
    "R20-empty-frame-at-once": """
        const made = put("iframe", { name: "fresh" }), realm = made.contentWindow;
        await realm.fetch("/realms/fetch"); const request = new realm.XMLHttpRequest(); request.open("GET", "/realms/xhr"); request.send();
        await event(request, "load"); same([request.responseURL, request instanceof realm.XMLHttpRequest], [E + "/realms/xhr", true]);
        const image = new realm.Image(); image.src = "/realms/image.png"; await event(image, "load"); same(image.src, E + "/realms/image.png");
        const link = realm.document.createElement("a"); link.href = "/x"; same([link.getAttribute("href"), link.href], ["/x", E + "/x"]);
        same([realm.document.baseURI, realm.document.URL, realm.location.href, realm.localStorage.length], [E + "/a/b", "about:blank", "about:blank", 0]);
        realm.document.body.innerHTML = '<img src="/realms/inner.png">'; await event(realm.document.images[0], "load");""",
    "R20-empty-frame-by-other-ways": """
        const before = frames.length;
        put("div", { innerHTML: "<iframe name=inserted></iframe>" }); await frames[before].fetch("/realms/by-index");
        put("iframe", { name: "named" }); await window.named.fetch("/realms/by-name");
        const outer = make("div"); outer.append(make("iframe")); document.body.prepend(outer);
        await outer.firstChild.contentDocument.defaultView.fetch("/realms/by-document");
        const holder = put("div").attachShadow({ mode: "closed" }); holder.innerHTML = "<iframe></iframe>";
        await holder.firstChild.contentWindow.fetch("/realms/in-shadow");
        const nested = put("iframe").contentDocument; nested.body.append(nested.createElement("iframe"));
        await nested.defaultView.frames[0].fetch("/realms/nested");
        document.body.replaceChild(make("iframe", { id: "replaced" }), put("p")); await replaced.contentWindow.fetch("/realms/replaced");""",
    "R20-frame-with-markup-of-its-own": """
        const heard = said(); put("iframe", { srcdoc: `<img src="/realms/srcdoc.png"><script>
          fetch("/realms/srcdoc").then(() => parent.postMessage([document.baseURI, location.href, document.URL, self.origin], "*"));
          <\\/script>` });
        same(await heard, [E + "/a/b", "about:srcdoc", "about:srcdoc", E]);
        const there = await frame({ srcdoc: "<p>x" }); await there.fetch("/realms/srcdoc-from-outside");
        same([there.frameElement.srcdoc, there.frameElement.getAttribute("srcdoc"), there.document.scripts.length], ["<p>x", "<p>x", 0]);""",
    "R20-frame-of-a-blob": """
        const url = URL.createObjectURL(new Blob([text("blob")], { type: "text/html" }));
        const there = await frame({ src: url }); same([there.location.href, there.frameElement.src], [url, url]);
        await there.fetch(E + "/realms/blob"); const image = new there.Image(); image.src = E + "/realms/blob.png"; await event(image, "load");""",
    "R20-frame-of-a-script": """
        const there = await frame({ src: "javascript:'<p>made by a script'" });
        await there.fetch("/realms/by-script"); same(there.document.body.textContent, "made by a script");""",
    "R20-empty-frame-that-is-written": """
        const page = put("iframe").contentDocument; page.open(); page.write('<img src="/realms/written.png"><scr' + 'ipt>fetch("/realms/writ');
        page.write('ten")</scr' + 'ipt>'); page.close(); await later(100);
        same([page.images[0].getAttribute("src"), page.images[0].src], ["/realms/written.png", E + "/realms/written.png"]);""",
    "R20-empty-window": """
        const popup = open("", "popup"); await popup.fetch("/realms/popup"); popup.document.write('<img src="/realms/popup.png">');
        popup.document.close(); await event(popup.document.images[0], "load"); popup.close();""",
    "R20-pages-of-their-own-stay-themselves": """
        const made = make("iframe", { src: "/realms/raw?__hw_off" }); document.body.append(made); made.contentWindow.fetch;
        await event(made, "load"); const there = made.contentWindow; const link = there.document.createElement("a"); link.href = "/x";
        same([link.getAttribute("href"), link.href, there.document.URL], ["/x", E + "/x", E + P + "/realms/raw?__hw_off"]);
        same([there.document.createElement("a").outerHTML, String(there.fetch), "__TUNNEL_CONTEXT__" in there],
          ["<a></a>", "function fetch() { [native code] }", false]);""",
    "R20-objects-of-frames-are-theirs": """
        const realm = put("iframe").contentWindow;
        same([new realm.Request("/x") instanceof realm.Request, new realm.Request("/x") instanceof Request,
          realm.fetch === fetch, Object.getPrototypeOf(realm.fetch) === realm.Function.prototype],
          [true, false, false, Object.getPrototypeOf(realm.fetch) === realm.Function.prototype]);""",
    "R21-page-that-is-opened-anew": """
        const there = await frame({ src: "/realms/opened" }); const page = there.document; page.open();
        page.write('<form action="/x" method="post"></form><img src="/realms/reopened.png">'); page.close();
        await event(page.images[0], "load"); await there.fetch("/realms/after-open");
        const seen = []; there.addEventListener("storage", ({ key }) => seen.push(key));
        const native = await frame({ src: "/realms/raw?__hw_off" }); native.localStorage.setItem("bare", "1"); localStorage.setItem("own", "1");
        await event(there, "storage"); same(seen, ["own"]); native.localStorage.clear();
        const child = page.createElement("iframe"); page.body.append(child); await child.contentWindow.fetch("/realms/frame-after-open");""",
    "R21-documents-without-a-window": """
        const inert = document.implementation.createHTMLDocument("inert");
        inert.body.innerHTML = '<img src="/realms/inert.png"><a href="/x">x</a>'; await later(50);
        same([inert.body.innerHTML, inert.images[0].getAttribute("src"), inert.links[0].getAttribute("href")],
          ['<img src="/realms/inert.png"><a href="/x">x</a>', "/realms/inert.png", "/x"]);
        const image = document.adoptNode(inert.images[0]); add(image); await event(image, "load");
        const parsed = new DOMParser().parseFromString("<base href='/base/'><a href=x>x</a>", "text/html");
        same([parsed.querySelector("base").getAttribute("href"), parsed.links[0].getAttribute("href")], ["/base/", "x"]);""",
    "R21-base-element": """
        const base = make("base", { href: "/realms/base/" }); document.head.append(base);
        same([base.href, base.getAttribute("href"), document.baseURI, make("a", { href: "x" }).href],
          [E + "/realms/base/", "/realms/base/", E + "/realms/base/", E + "/realms/base/x"]);
        await fetch("of-base"); const image = make("img", { src: "of-base.png" }); await event(image, "load"); base.remove();
        same(document.baseURI, E + "/a/b");""",
    "R22-globals": """
        const native = await frame({ src: "/realms/raw?__hw_off" }); const own = (realm) => new Set(Object.getOwnPropertyNames(realm));
        const theirs = own(native), added = [...own(window)].filter((name) => !theirs.has(name) && !own(window.checked ?? {}).has(name));
        const enumerable = Object.keys(window), known = new Set(Object.keys(native));
        const ours = ["ran", "tell", "walked", "served", "replaced", "named", "fresh", "inserted", "popup"];
        same(added.filter((name) => !enumerable.includes(name)), ["__TUNNEL_CONTEXT__"]);
        same(enumerable.filter((name) => !known.has(name) && !ours.includes(name) && !/^\\d+$/.test(name) && !name.startsWith("__pw")), []);
        same(Object.getOwnPropertySymbols(window).filter((symbol) => Object.getOwnPropertyDescriptor(window, symbol).enumerable), []);
        same(document.querySelectorAll("script[data-hw]").length, 0);""",
    "R22-all-that-is-replaced-looks-native": """
        const native = await frame({ src: "/realms/raw?__hw_off" });
        const look = (value) => (typeof value === "function" ? [Function.prototype.toString.call(value), String(value), value.name, value.length,
          Object.hasOwn(value, "prototype"), Object.getOwnPropertyNames(value).sort().join()] : typeof value);
        const wrong = []; let compared = 0;
        const compare = (path, ours, theirs) => {
          for (const key of Reflect.ownKeys(theirs)) {
            const [a, b] = [ours, theirs].map((object) => Object.getOwnPropertyDescriptor(object, key));
            if (!a) { wrong.push(`${path}.${String(key)} is gone`); continue; }
            const flags = ({ enumerable, configurable, writable }) => [enumerable, configurable, writable];
            for (const side of ["value", "get", "set"]) {
              compared++;
              if (show(look(a[side])) !== show(look(b[side]))) wrong.push(`${path}.${String(key)} ${side}: ${show(look(a[side]))}`);
            }
            if (show(flags(a)) !== show(flags(b))) wrong.push(`${path}.${String(key)} ${show(a)}`);
          }
          for (const key of Reflect.ownKeys(ours)) if (!Object.hasOwn(theirs, key)) wrong.push(`${path}.${String(key)} is new`);
        };
        for (const name of Object.getOwnPropertyNames(native)) {
          if (typeof native[name] !== "function") continue;
          if (show(look(window[name])) !== show(look(native[name]))) wrong.push(`${name}: ${show(look(window[name]))}`);
          if (!native[name].prototype || !/^[A-Z]/.test(name)) continue;
          compare(name, window[name], native[name]); compare(name + ".prototype", window[name].prototype, native[name].prototype);
        }
        const inherited = /^(?:HTMLStyleElement|SVGStyleElement|Text|Attr|Navigation)\\.prototype\\.\\w+ is new$/;
        const style = /^CSSStyle(?:Declaration|Properties)\\.prototype\\.[\\w-]+ is new$/;
        same([wrong.filter((one) => !inherited.test(one) && !style.test(one)), compared > 5000], [[], true]);""",
    "R22-replaced-constructors-work": """
        class Sub extends Request { more() { return "more"; } }
        const sub = new Sub("/x"); same([sub.more(), sub instanceof Sub, sub instanceof Request, sub.url], ["more", true, true, E + "/x"]);
        class Socket extends WebSocket {} same([Socket.OPEN, WebSocket.prototype.constructor === WebSocket], [1, true]);
        const caught = (act) => { try { act(); } catch (error) { return error.name; } };
        same([caught(() => Request("/x")), caught(() => new fetch("/x")), caught(() => WebSocket("/x")), caught(() => new history.pushState())],
          ["TypeError", "TypeError", "TypeError", "TypeError"]);
        same([Reflect.construct(Request, ["/y"], Sub) instanceof Sub, Object.getPrototypeOf(Sub) === Request], [true, true]);""",
    "R24-page-without-the-runtime": """
        const off = await frame({ src: "/realms/raw?__hw_off" });
        same([off.document.getElementById("served").getAttribute("href"), off.document.URL, "__TUNNEL_CONTEXT__" in off, off.document.scripts.length],
          [P + "/served", E + P + "/realms/raw?__hw_off", false, 0]);
        const image = new off.Image(); image.src = P + "/realms/off.png"; await event(image, "load"); same(image.src, E + P + "/realms/off.png");""",
    "R22-loaded-twice": """
        const { fetch: before } = window; const [source] = performance.getEntriesByType("resource").map(({ name }) => name)
          .filter((name) => name.includes("/__hw/rt-"));
        const again = make("script", { src: source }); again.dataset.hw = JSON.stringify({ tunnel: "x", prefix: "/x", public: E, upstream: [] });
        document.head.append(again); await event(again, "load");
        same([window.fetch === before, __TUNNEL_CONTEXT__.basePath], [true, P]); again.remove();""",
}
CHECKS = {name: _TOOLS + body for name, body in CHECKS.items()}

# What beginners call their things, at the top of a classic script.
_NAMES = """<!doctype html><html><head><script>
const URL = "/api", self = {}, history = [], console = 1, parseInt = 2, queueMicrotask = 3, encodeURIComponent = 4, mapUrl = 5, config = 6;
class Node {} class Map {} class Set {} class Request {} class Blob {} class Reflect {} class Proxy {} class WeakMap {} class WeakSet {}
let changes = [], natives = {}, wrap = null; function setTimeout2() {}
</script></head><body></body></html>"""

TAKEN_NAMES = {
    "R22-names-that-apps-take": """
        await fetch(URL + "/realms/taken"); await window.fetch(new window.URL("/realms/taken-url", E));
        const image = make("img", { src: "/realms/taken.png" }); await event(image, "load"); put("div", { innerHTML: "<a href='/x'>x</a>" });
        same([document.links[0].href, document.links[0].getAttribute("href"), document.cookie], [E + "/x", "/x", ""]);
        window.history.pushState(null, "", "/taken"); same([location.pathname, document.URL], [P + "/taken", E + "/taken"]);
        localStorage.a = "1"; same(localStorage.length, 1); localStorage.clear(); document.body.style.background = "url(/realms/taken2.png)";
        const blank = put("iframe"); await blank.contentWindow.fetch("/realms/taken-frame"); await caches.open("c"); await caches.delete("c");
        const socket = new WebSocket("/socket"); same(socket.url, E.replace("http", "ws") + "/socket"); socket.close();
        await later(50);""",
}

WANTED = """observed current.js stack.js sheet.css there fetch xhr image.png inner.png by-index by-name by-document in-shadow nested
replaced srcdoc srcdoc.png srcdoc-from-outside blob blob.png by-script written.png written popup popup.png reopened.png after-open
frame-after-open inert.png base/of-base base/of-base.png"""


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run(chromium_path, CHECKS)


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_realm_belongs_to_the_app(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


@pytest.mark.parametrize("checks", [pytest.param(TAKEN_NAMES, id="R22-names-that-apps-take")])
def test_apps_may_take_the_names_of_globals(chromium_path: str, checks: dict[str, str]) -> None:
    outcome = run(chromium_path, checks, page=_NAMES)
    assert outcome.failures == dict.fromkeys(checks, "")
    assert outcome.leaks == []
    asked = ["/api/realms/taken", *(f"/realms/taken{rest}" for rest in ("-url", ".png", "2.png", "-frame"))]
    assert [path for path in asked if path not in outcome.asked] == []


def test_all_is_asked_below_the_prefix(outcome: Outcome) -> None:
    assert outcome.leaks == []
    assert [name for name in WANTED.split() if f"/realms/{name}" not in outcome.asked] == []
    assert [text for text in outcome.complaints if "Content Security Policy" not in text] == []
