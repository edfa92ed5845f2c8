"""Workers, worklets and service workers: they run, and what they request, import and read is as the app knows it."""

from __future__ import annotations

import json

import pytest

from tests.browser.runtime_checks import Outcome
from tests.browser.talking_app import run_talking

pytestmark = [pytest.mark.browser]

# What a worker sees of itself and of what it requests.
_LOOK = """
const look = async () => {
  const got = async (url) => { try { return (await (await fetch(url)).json()).path; } catch (error) { return error.name; } };
  const request = new XMLHttpRequest();
  try { request.open("GET", "/echo/xhr", false); request.send(); } catch {}
  return { href: location.href, path: location.pathname, text: String(location), origin: location.origin, name: self.name,
    absolute: await got("/echo/absolute"), relative: await got("../echo/relative"), url: new Request(new URL("/x", location.origin)).url,
    xhr: request.responseURL, enumerable: Object.keys(self).filter((key) => /hw|hatch/i.test(key)) };
};
"""
_SOCKET = """
const hear = (url) => new Promise((done) => {
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => { socket.close(); done([data, socket.url]); };
  socket.onerror = () => done("error");
});
"""

SCRIPTS = {
    "/jobs/look.js": _LOOK + "look().then(postMessage);",
    "/jobs/parts.js": 'importScripts("/jobs/part.js", "part2.js"); importScripts(); postMessage([part, part2]);',
    "/jobs/part.js": "var part = 'part';",
    "/jobs/part2.js": "var part2 = 'part2';",
    "/jobs/strict.js": '"use strict"; postMessage((function () { return this === undefined; })());',
    "/jobs/module.js": 'import { one } from "/jobs/one.js"; import { two } from "./two.js";'
    "postMessage([one, two, import.meta.url, location.href, typeof importScripts]);",
    "/jobs/one.js": "export const one = 1;",
    "/jobs/two.js": "export const two = 2;",
    "/jobs/lazy.js": 'import("/jobs/one.js").then(({ one }) => postMessage(one), (error) => postMessage(error.message));',
    "/jobs/nested.js": """
        const answer = (worker) => new Promise((done) => { worker.onmessage = (event) => done(event.data); });
        (async () => postMessage([(await answer(new Worker("/jobs/look.js"))).absolute,
          await answer(new Worker(URL.createObjectURL(new Blob(["postMessage('blob')"]))))]))();""",
    "/jobs/socket.js": _SOCKET + "hear('/ws/worker').then(postMessage);",
    "/jobs/names.js": """
        (async () => {
          const cache = await caches.open("w"); await cache.put("/cached", new Response("c"));
          const open = indexedDB.open("d", 1); await new Promise((done) => { open.onsuccess = done; });
          postMessage([(await cache.keys()).map(({ url }) => url), (await caches.match("/cached")) !== undefined,
            (await indexedDB.databases()).map(({ name }) => name), open.result.name]);
          open.result.close();
        })();""",
    "/jobs/throw.js": "onmessage = () => { throw new Error('thrown'); };",
    "/jobs/shared.js": _LOOK
    + """
        self.count ??= 0;
        onconnect = async ({ ports: [port] }) => port.postMessage({ ...(await look()), count: ++self.count });""",
    "/jobs/shared-module.js": """
        import { one } from "/jobs/one.js";
        self.onconnect = ({ ports: [port] }) => port.postMessage([one, name, location.pathname]);""",
    "/jobs/worklet.js": "import { two } from '/jobs/two.js';"
    "class Same extends AudioWorkletProcessor { process() { return false; } } registerProcessor(`same${two}`, Same);",
    "/sw.js": """
        importScripts("/jobs/part.js");
        const seen = [];
        const settings = { registration: registration.scope, location: location.href, part };
        oninstall = (event) => {
          skipWaiting();
          event.waitUntil((async () => {
            await (await caches.open("pre")).addAll(["/echo/precached", new Request("/echo/request")]);
          })());
        };
        onactivate = (event) => event.waitUntil(clients.claim());
        onfetch = (event) => {
          const { pathname } = new URL(event.request.url);
          if (pathname === "/answered") event.respondWith(new Response(`worker ${event.request.url} ${event.request.referrer}`));
          if (pathname === "/redirected") event.respondWith(Response.redirect("/answered"));
          if (pathname === "/passed") event.respondWith(fetch(event.request));
          if (pathname === "/other") event.respondWith(fetch("/echo/other"));
          if (pathname === "/echo/precached") event.respondWith(caches.match(event.request));
          if (pathname.includes("__hw")) event.respondWith(new Response("throw new Error('answered by the app')", {
            headers: { "Content-Type": "text/javascript" } }));
          seen.push(pathname);
        };
        onmessage = async ({ source }) => {
          const pages = await clients.matchAll({ includeUncontrolled: true });
          source.postMessage({ ...settings, seen, scriptURL: self.serviceWorker?.scriptURL, source: source.url,
            pages: pages.map(({ url }) => url), got: (await (await fetch("/echo/sw")).json()).path,
            keys: (await (await caches.open("pre")).keys()).map(({ url }) => url) });
        };""",
    "/app/sw.js": "oninstall = () => skipWaiting(); self.onfetch = (event) => {"
    "if (event.request.url.endsWith('/app/x')) event.respondWith(new Response(registration.scope)); };",
    "/module-sw.js": 'import { one } from "/jobs/one.js"; self.oninstall = () => skipWaiting(); self.one = one;',
}

_TOOLS = """
const answer = (worker) => new Promise((done, fail) => {
  const port = worker.port ?? worker;
  port.onmessage = ({ data }) => done(data);
  worker.onerror = (error) => fail(new Error(`worker: ${error.message}`));
});
const ask = async (...args) => { const worker = new Worker(...args), data = await answer(worker); worker.terminate(); return data; };
const blob = (parts, type = "text/javascript") => URL.createObjectURL(new Blob([parts].flat(), { type }));
const LOOK = LOOK_TEXT;
const looked = (path, more) => ({ href: E + path, path, text: E + path, origin: E, name: "", absolute: "/echo/absolute",
  relative: "/echo/relative", url: E + "/x", xhr: E + "/echo/xhr", enumerable: [], ...more });
""".replace("LOOK_TEXT", json.dumps(_LOOK))

CHECKS = {
    "R5-worker-sees-the-apps-addresses": """
        same(await ask("/jobs/look.js"), looked("/jobs/look.js"));
        same(await ask(U + "/jobs/look.js", { name: "n" }), looked("/jobs/look.js", { name: "n" }));
        same((await ask(new URL("/jobs/look.js?q", E))).href, E + "/jobs/look.js?q");
        same((await ask("../jobs/look.js")).path, "/jobs/look.js");""",
    "R5-worker-stays-what-it-is": """
        class Own extends Worker {}
        const worker = new Own("/jobs/throw.js"); worker.postMessage(1);
        const { message, filename } = await event(worker, "error"); worker.terminate();
        same([worker instanceof Worker, worker instanceof Own, Worker.prototype.constructor === Worker, /thrown/.test(message)],
          [true, true, true, true]);
        const caught = (act) => { try { act(); } catch (error) { return error.name; } };
        same([caught(() => new Worker()), caught(() => Worker("/w.js")), caught(() => new Worker("https://other.example/w.js"))],
          ["TypeError", "TypeError", "SecurityError"]);""",
    "R5-workers-start-workers": """
        same(await ask("/jobs/nested.js"), ["/echo/absolute", "blob"]);""",
    "R3-sockets-of-workers": """
        same(await ask("/jobs/socket.js"), ["/ws/worker ", E.replace("http", "ws") + "/ws/worker"]);""",
    "R17-storage-of-workers": """
        same(await ask("/jobs/names.js"), [[E + "/cached"], true, ["d"], "d"]);
        same([await caches.has("w"), (await indexedDB.databases()).map(({ name }) => name).includes("d")], [true, true]);""",
    "J15-directives-of-workers-stay": """
        same(await ask("/jobs/strict.js"), true);""",
    "J4-importScripts": """
        same(await ask("/jobs/parts.js"), ["part", "part2"]);
        same(await ask(blob([`importScripts(${show(E)} + "/jobs/part.js", ${show(U)} + "/jobs/part2.js"); postMessage(part + part2);`])),
          "partpart2");
        const failing = `try { importScripts("/none"); } catch (error) { postMessage(error.name); }`;
        same(await ask(blob(failing)), "SyntaxError");""",
    "J1-imports-of-module-workers": """
        same(await ask("/jobs/module.js", { type: "module" }),
          [1, 2, E + P + "/jobs/module.js", E + "/jobs/module.js", "function"]);""",
    "J3-workers-beside-a-module": """
        const { url, worker } = await import("/jobs/starter.js");
        same([url, (await answer(worker)).path], [E + P + "/jobs/starter.js", "/jobs/look.js"]);""",
    "J5-blob-workers": """
        const url = blob(LOOK + "look().then(postMessage)");
        const worker = new Worker(url, { name: "b" }); URL.revokeObjectURL(url);
        const { absolute, origin, name, url: made } = await answer(worker);
        same([origin, name], [E, "b"]);
        const fetching = (where) => blob(`fetch(${show(where)}).then((response) => response.json()).then(({ path }) => postMessage(path))`);
        same([await ask(fetching(E + "/echo/public")), await ask(fetching(U + "/echo/own"))], ["/echo/public", "/echo/own"]);
        same(await ask(fetching(E + "/echo/untyped").replace(/$/, "#f")), "/echo/untyped");""",
    "J5-blob-workers-of-every-make": """
        const text = (where) => `fetch(${show(E + where)}).then((r) => r.json()).then(({ path }) => postMessage(path))`;
        const bytes = new TextEncoder().encode(text("/echo/bytes"));
        same(await ask(URL.createObjectURL(new Blob([bytes]))), "/echo/bytes");
        same(await ask(URL.createObjectURL(new File([text("/echo/file")], "f.js"))), "/echo/file");
        same(await ask(URL.createObjectURL(new Blob([new Blob([text("/echo/blob")])]))), "/echo/blob");
        same(await ask(URL.createObjectURL(await (await fetch("data:text/javascript," + encodeURIComponent(text("/echo/response")))).blob())),
          "/echo/response");
        const url = blob(text("/echo/twice")); same([await ask(url), await ask(url)], ["/echo/twice", "/echo/twice"]);
        URL.revokeObjectURL(url);
        same(await ask(url).then(() => "ran", () => "gone"), "gone");
        const frame = put("iframe"), foreign = new frame.contentWindow.Blob([text("/echo/foreign")]);
        same(await ask(frame.contentWindow.URL.createObjectURL(foreign)), "/echo/foreign"); frame.remove();""",
    "J5-blob-workers-keep-their-mode": """
        const check = "postMessage((function () { return this === undefined; })())";
        same([await ask(blob(check)), await ask(blob(["/* c */ // d\\n 'use strict';\\n", check]))], [false, true]);
        same(await ask(blob("let a = 1; function f() { return a; } postMessage(typeof f + typeof self.f)")), "functionfunction");""",
    "J5-blob-module-workers": """
        const importing = (where) => blob(`import { one } from "${where}"; postMessage([one, import.meta.url.slice(0, 5)]);`);
        same(await ask(importing(E + P + "/jobs/one.js"), { type: "module" }), [1, "blob:"]);
        same(await ask(importing(E + "/jobs/one.js"), { type: "module" }), [1, "blob:"]);
        same(await ask(importing(U + "/jobs/one.js"), { type: "module" }), [1, "blob:"]);
        same(await ask(blob(`const { one } = await import("${E}/jobs/one.js"); postMessage(one);`), { type: "module" }), 1);
        same(await ask(blob(`URL.revokeObjectURL(import.meta.url); const r = await fetch("${E}/echo/module"); postMessage((await r.json()).path)`),
          { type: "module" }), "/echo/module");""",
    "J5-data-workers": """
        const text = (where) => `fetch("${where}").then((r) => r.json()).then(({ path }) => postMessage(path), (e) => postMessage(e.name))`;
        const run = "postMessage([typeof fetch, location.protocol, self.origin, '%41'])";
        same(await ask("data:text/javascript," + encodeURIComponent(run)), ["function", "data:", "null", "%41"]);
        same(await ask("data:text/javascript;charset=utf-8;base64," + btoa(run)), ["function", "data:", "null", "%41"]);
        same(await ask("data:,postMessage(1)"), 1);
        const strict = "'use strict'; postMessage((function () { return this === undefined; })())";
        same([await ask("data:," + strict), await ask("data:;base64," + btoa(strict)), await ask("data:," + encodeURIComponent(strict))],
          [true, true, true]);
        const url = `data:,postMessage(new Request(${show(U + "/x")}).url)`;
        same(await ask(url), E + "/x");
        same(await ask(`data:text/javascript,export {}; postMessage(new Request(${show(U + "/m")}).url)`, { type: "module" }), E + "/m");""",
    "R5-SharedWorker": """
        const first = await answer(new SharedWorker("/jobs/shared.js", "n"));
        same(first, looked("/jobs/shared.js", { name: "n", count: 1 }));
        const again = async (...args) => { const { name, count } = await answer(new SharedWorker(...args)); return [name, count]; };
        same([await again("/jobs/shared.js", { name: "n" }), await again(U + "/jobs/shared.js", "m"), await again("/jobs/shared.js"),
          await again("/jobs/shared.js", { name: "" })], [["n", 2], ["m", 1], ["", 1], ["", 2]]);
        same(await answer(new SharedWorker("/jobs/shared-module.js", { type: "module", name: "x" })), [1, "x", "/jobs/shared-module.js"]);
        const url = blob("self.count ??= 0; onconnect = ({ ports: [port] }) => port.postMessage([name, ++count])");
        same([await answer(new SharedWorker(url, "b")), await answer(new SharedWorker(url, "b"))], [["b", 1], ["b", 2]]);""",
    "R5-worklets": """
        const context = new OfflineAudioContext(1, 128, 44100);
        await context.audioWorklet.addModule("/jobs/worklet.js");
        same(new AudioWorkletNode(context, "same2") instanceof AudioNode, true);
        await CSS.paintWorklet?.addModule(U + "/jobs/two.js");""",
    "J2-dynamic-imports-of-workers": """
        same(await ask("/jobs/lazy.js"), 1);""",
    "R6-service-worker": """
        const registration = await navigator.serviceWorker.register("/sw.js");
        same([registration.scope, (await navigator.serviceWorker.ready).scope], [E + "/", E + "/"]);
        if (!navigator.serviceWorker.controller) await event(navigator.serviceWorker, "controllerchange");
        same([registration.active.scriptURL, navigator.serviceWorker.controller.scriptURL], [E + "/sw.js", E + "/sw.js"]);
        const text = async (url) => (await fetch(url)).text();
        same(await text("/answered"), `worker ${E}/answered ${E}/a/b`);
        same([await text("/redirected"), JSON.parse(await text("/other")).path, JSON.parse(await text("/echo/precached")).path],
          [`worker ${E}/answered ${E}/a/b`, "/echo/other", "/echo/precached"]);
        same((await text("/passed")).includes("id=served"), true);
        navigator.serviceWorker.controller.postMessage(1);
        const { data } = await event(navigator.serviceWorker, "message");
        same([data.registration, data.location, data.part, data.scriptURL, data.source, data.pages.includes(E + "/a/b"), data.got],
          [E + "/", E + "/sw.js", "part", E + "/sw.js", E + "/a/b", true, "/echo/sw"]);
        same(data.keys, [E + "/echo/precached", E + "/echo/request"]);
        same([data.seen.includes("/answered"), data.seen.some((path) => path.startsWith(P))], [true, false]);""",
    "R6-own-files-are-not-the-apps-to-answer": """
        const frame = put("iframe", { src: "/framed" }); await event(frame, "load");
        same((await (await frame.contentWindow.fetch("/echo/framed")).json()).path, "/echo/framed");
        const maps = frame.contentDocument.querySelectorAll("[type=importmap]");
        same([frame.contentDocument.scripts.length, frame.contentDocument.URL], [maps.length, E + "/framed"]);
        frame.remove();""",
    "R6-registrations": """
        const { serviceWorker } = navigator;
        const narrow = await serviceWorker.register("/app/sw.js", { scope: "/app/", updateViaCache: "none" });
        same([narrow.scope, narrow.updateViaCache], [E + "/app/", "none"]);
        const own = await serviceWorker.register(U + "/app/sw.js", { scope: U + "/app/deep/" });
        while (!own.active) await later(20);
        same([own.scope, (await serviceWorker.getRegistration("/app/deep/x")).scope, (await serviceWorker.getRegistration("/")).scope,
          (await serviceWorker.getRegistration()).scope, (await serviceWorker.getRegistration(U + "/app/y")).scope],
          [E + "/app/deep/", E + "/app/deep/", E + "/", E + "/", E + "/app/"]);
        same((await serviceWorker.getRegistrations()).map(({ scope }) => scope).sort(), [E + "/", E + "/app/", E + "/app/deep/"]);
        same(await serviceWorker.register("/app/sw.js", { scope: "/" }).catch((error) => error.name), "SecurityError");
        same(await own.unregister(), true);""",
    "R6-module-service-worker": """
        const registration = await navigator.serviceWorker.register("/module-sw.js", { type: "module", scope: "/module/" });
        same([registration.scope, registration.installing?.scriptURL ?? registration.active?.scriptURL],
          [E + "/module/", E + "/module-sw.js"]);
        await registration.unregister();""",
    "R6-other-tunnels-stay-unseen": """
        // Markup that is data leads where no reference of the app can: into a page of another tunnel.
        const page = `<iframe xmlns="http://www.w3.org/1999/xhtml" src="${E}${OTHER}/framed"/>`;
        const frame = add(document.adoptNode(new DOMParser().parseFromString(page, "text/xml").documentElement));
        await event(frame, "load");
        const there = frame.contentWindow.navigator.serviceWorker, here = navigator.serviceWorker;
        const registration = await there.register("/app/sw.js");
        same([registration.scope, (await there.getRegistrations()).length], [E + "/app/", 1]);
        const scopes = (await here.getRegistrations()).map(({ scope }) => scope);
        same([scopes.includes(E + "/"), scopes.some((scope) => scope.includes(OTHER))], [true, false]);
        here.controller.postMessage(1);
        const { pages } = (await event(here, "message")).data;
        same([pages.includes(E + "/a/b"), pages.some((url) => url.includes("framed"))], [true, false]);
        for (const one of [...(await here.getRegistrations()), registration]) await one.unregister();
        same((await here.getRegistrations()).length, 0); frame.remove();""",
}
CHECKS = {name: _TOOLS + body for name, body in CHECKS.items()}
SCRIPTS["/jobs/starter.js"] = (
    "export const { url } = import.meta;"
    'export const worker = new Worker(new URL("/jobs/look.js", import.meta.url), { type: "classic" });'
)


# Over plain http to another computer browsers keep quiet about what a script is for, and lack some interfaces.
PLAIN_CHECKS = {name: CHECKS[name] for name in (
    "R5-worker-sees-the-apps-addresses", "R5-workers-start-workers", "R5-SharedWorker", "R3-sockets-of-workers",
    "J5-blob-workers", "J5-data-workers", "J4-importScripts",
)}  # fmt: skip
PLAIN_CHECKS["R5-marks-of-workers-stay-unseen"] = (
    _TOOLS
    + """
  const { href, path, text } = await ask("/jobs/look.js?a=1#f");
  same([isSecureContext, href, path, text], [false, E + "/jobs/look.js?a=1#f", "/jobs/look.js", E + "/jobs/look.js?a=1#f"]);"""
)


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run_talking(chromium_path, CHECKS, SCRIPTS)


@pytest.fixture(scope="module")
def plain_outcome(chromium_path: str) -> Outcome:
    return run_talking(chromium_path, PLAIN_CHECKS, SCRIPTS, host="other-computer.test")


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_workers_run(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


def test_nothing_leaks(outcome: Outcome) -> None:
    assert [path for path in outcome.leaks if not path.startswith("/other/")] == []


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in PLAIN_CHECKS])
def test_workers_run_on_another_computer(plain_outcome: Outcome, name: str) -> None:
    assert plain_outcome.failures[name] == ""


def test_nothing_leaks_on_another_computer(plain_outcome: Outcome) -> None:
    assert plain_outcome.leaks == []
