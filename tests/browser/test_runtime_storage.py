"""What an origin keeps for its pages: each tunnel has a part of its own, under the names that its app gave."""

from __future__ import annotations

import pytest

from tests.browser.runtime_checks import Outcome, run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# A page of the same origin without the runtime shows what the browser has, and stands for another tunnel's page.
_TOOLS = """
const frame = async (src) => { const element = put("iframe", { src }); await event(element, "load"); return element.contentWindow; };
const native = await frame("/raw?__hw_off");
// Storage events come through another process: one of an earlier check (a clear) may still be on its way.
const stored = (wanted) => new Promise((done) => addEventListener("storage", function heard(found) {
  if (wanted(found)) { removeEventListener("storage", heard); done(found); }
}));
const names = (list) => list.map(({ name }) => name).sort();
"""

CHECKS = {
    "R15-cookie-of-the-whole-app": """
        document.cookie = "a=1; path=/"; document.cookie = "b=x=y; Path=/a; Max-Age=60";
        same(document.cookie.split("; ").sort(), ["a=1", "b=x=y"]);
        const kept = await native.cookieStore.getAll();
        same(kept.map(({ name, path }) => [name, path]).filter(([name]) => name === "a"), [["a", P]]);
        document.cookie = "a=; path=/; max-age=0"; document.cookie = "b=; path=/a; max-age=0"; same(document.cookie, "");""",
    "R15-cookie-of-a-part": """
        document.cookie = "narrow=1; path=/elsewhere"; same(document.cookie, "");
        const inside = await frame("/elsewhere/x"); same(inside.document.cookie, "narrow=1");
        inside.document.cookie = "narrow=; path=/elsewhere; max-age=0"; same(inside.document.cookie, "");""",
    "R15-cookie-of-a-prefixed-path": """
        document.cookie = `p=1; path=${P}/a`; same(document.cookie, "p=1"); document.cookie = `p=; path=${P}/a; max-age=0`;
        same(document.cookie, "");""",
    "R15-cookie-of-another-domain": """
        document.cookie = "d=1; path=/; domain=localhost"; document.cookie = "e=1; path=/; domain=.example.com";
        same(document.cookie.split("; ").sort(), ["d=1", "e=1"]);
        for (const name of ["d", "e"]) document.cookie = `${name}=; path=/; max-age=0`;""",
    "R15-names-that-browsers-tie-to-the-root": """
        document.cookie = "__Host-s=1; path=/; secure"; document.cookie = "__Secure-t=2; path=/; secure";
        same(document.cookie.split("; ").sort(), ["__Host-s=1", "__Secure-t=2"]);
        same(native.document.cookie.includes("__Host-"), false);
        for (const name of ["__Host-s", "__Secure-t"]) document.cookie = `${name}=; path=/; secure; max-age=0`;
        same(document.cookie, "");""",
    "R15-secure-attributes-where-nothing-is": """
        document.cookie = "s=1; path=/; secure; samesite=none; partitioned"; same(document.cookie, "s=1");
        document.cookie = "s=; path=/; max-age=0";""",
    "R15-cookies-of-the-service-are-unseen": """
        native.document.cookie = "hw_session=1; path=/"; native.document.cookie = "other=1; path=/";
        document.cookie = "own=1; path=/"; same(document.cookie.includes("hw_"), false);
        same(names(await cookieStore.getAll()).some((name) => name.startsWith("hw_")), false);
        document.cookie = "hw_mine=1; path=/"; same(document.cookie.includes("hw_mine=1"), true);
        same(native.document.cookie.includes("; hw_mine=1"), false);
        for (const name of ["hw_session", "other"]) native.document.cookie = `${name}=; path=/; max-age=0`;
        for (const name of ["own", "hw_mine"]) document.cookie = `${name}=; path=/; max-age=0`;
        same([document.cookie, native.document.cookie], ["", ""]);""",
    "R15-cookie-without-a-name": """
        document.cookie = "justvalue"; same(document.cookie, "justvalue"); document.cookie = "justvalue; max-age=0";
        same(document.cookie, "");""",
    "R15-cookieStore": """
        await cookieStore.set("c", "1"); await cookieStore.set({ name: "d", value: "2", path: "/a/" });
        await cookieStore.set({ name: "__Host-h", value: "3" });
        same(names(await cookieStore.getAll()), ["__Host-h", "c", "d"]);
        const { name, value, path } = await cookieStore.get("c"); same([name, value, path], ["c", "1", "/"]);
        same([(await cookieStore.get({ name: "__Host-h" })).value, (await cookieStore.get({ url: document.URL, name: "d" })).path,
          await cookieStore.get("none")], ["3", "/a/", null]);
        same((await native.cookieStore.get("c")).path, P + "/");
        await cookieStore.delete("c"); await cookieStore.delete({ name: "d", path: "/a/" }); await cookieStore.delete("__Host-h");
        same([await cookieStore.getAll(), document.cookie], [[], ""]);""",
    "R15-cookieStore-tells-changes": """
        const changed = event(cookieStore, "change"); document.cookie = "__Host-w=1; path=/; secure";
        same(names((await changed).changed), ["__Host-w"]);
        const deleted = event(cookieStore, "change"); document.cookie = "__Host-w=; path=/; max-age=0; secure";
        same(names((await deleted).deleted), ["__Host-w"]);""",
    "R16-items": """
        for (const storage of [localStorage, sessionStorage]) {
          storage.clear(); storage.setItem("a", 1); storage.b = "2"; storage["c d"] = "3"; storage[4] = "four";
          same([storage.getItem("a"), storage.a, storage.b, storage.getItem("c d"), storage[4], storage.getItem("none"), storage.none],
            ["1", "1", "2", "3", "four", null, undefined]);
          same([storage.length, Object.keys(storage).sort(), JSON.parse(JSON.stringify(storage)).b],
            [4, ["4", "a", "b", "c d"], "2"]);
          const listed = []; for (let at = 0; at < storage.length; at++) listed.push(storage.key(at));
          same([listed.sort(), storage.key(4), storage.key(-1)], [["4", "a", "b", "c d"], null, null]);
          same(["a" in storage, "none" in storage, "getItem" in storage, Object.hasOwn(storage, "a"), Object.hasOwn(storage, "none")],
            [true, false, true, true, false]);
          same([delete storage.a, storage.getItem("a"), storage.removeItem("b"), storage.b], [true, null, undefined, undefined]);
          same([Object.entries(storage).sort(), { ...storage }], [[["4", "four"], ["c d", "3"]], { 4: "four", "c d": "3" }]);
          storage.clear(); same([storage.length, Object.keys(storage)], [0, []]);
        }""",
    "R16-names-of-methods-as-keys": """
        for (const key of ["length", "key", "getItem", "clear", "constructor", "__proto__", ""]) {
          localStorage.setItem(key, "x" + key); same(localStorage.getItem(key), "x" + key);
        }
        same([localStorage.length, typeof localStorage.key, typeof localStorage.getItem, localStorage.constructor === Storage],
          [7, "function", "function", true]);
        localStorage.clear(); same(localStorage.length, 0);""",
    "R16-looks-native": """
        same([localStorage instanceof Storage, String(localStorage), Object.getPrototypeOf(localStorage) === Storage.prototype,
          localStorage === window.localStorage, localStorage === sessionStorage, Storage.prototype.getItem.call(localStorage, "none")],
          [true, "[object Storage]", true, true, false, null]);
        const caught = (act) => { try { act(); } catch (error) { return error.name; } };
        same([caught(() => localStorage.getItem()), caught(() => localStorage.setItem("a")), caught(() => localStorage.key()),
          caught(() => Storage.prototype.getItem.call({}, "a")), caught(() => new Storage())],
          ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError"]);
        same(String(Storage.prototype.setItem), "function setItem() { [native code] }");""",
    "R16-apps-that-replace-methods": """
        const { setItem } = Storage.prototype; const seen = [];
        Storage.prototype.setItem = function (...args) { seen.push(args); return setItem.apply(this, args); };
        localStorage.setItem("watched", "1"); Storage.prototype.setItem = setItem;
        same([seen, localStorage.watched], [[["watched", "1"]], "1"]); localStorage.clear();""",
    "R16-other-tunnels-items-are-unseen": """
        native.localStorage.setItem("/other:a", "theirs"); native.localStorage.setItem("bare", "theirs");
        localStorage.setItem("a", "ours");
        same([localStorage.a, localStorage.bare, localStorage.length, Object.keys(localStorage)], ["ours", undefined, 1, ["a"]]);
        same(native.localStorage.getItem(P + ":a"), "ours");
        localStorage.clear(); same([native.localStorage.getItem("/other:a"), native.localStorage.bare], ["theirs", "theirs"]);
        native.localStorage.clear();""",
    "R16-storage-event": """
        const there = await frame("/there"); const change = stored(({ key }) => key === "told");
        there.localStorage.setItem("told", "1");
        const { key, newValue, oldValue, storageArea, url, isTrusted } = await change;
        same([key, newValue, oldValue, storageArea === localStorage, url, isTrusted], ["told", "1", null, true, E + "/there", true]);
        const seen = []; window.onstorage = ({ key }) => seen.push(key);
        native.localStorage.setItem("/other:b", "1"); native.localStorage.setItem("bare", "1"); there.localStorage.removeItem("told");
        await stored(({ key, newValue }) => key === "told" && newValue === null); window.onstorage = null;
        same(seen.filter((key) => key !== null), ["told"]); native.localStorage.clear();""",
    "R16-storage-event-of-scripts": """
        const made = new StorageEvent("storage", { key: P + ":k", storageArea: localStorage, url: "/x" });
        same([made.key, made.storageArea === localStorage, made instanceof StorageEvent], [P + ":k", true, true]);
        const seen = stored((found) => found === made); window.dispatchEvent(made); await seen;""",
    "R17-databases": """
        await settle(native.indexedDB.open("theirs"));
        const request = indexedDB.open("notes", 3), upgrade = event(request, "upgradeneeded");
        const { oldVersion, newVersion } = await upgrade; request.result.createObjectStore("s");
        const database = await settle(request);
        same([oldVersion, newVersion, database.name, database.version], [0, 3, "notes", 3]);
        same([await indexedDB.databases(), names(await native.indexedDB.databases())],
          [[{ name: "notes", version: 3 }], [P + ":notes", "theirs"].sort()]);
        database.close(); await settle(indexedDB.deleteDatabase("notes")); await settle(indexedDB.deleteDatabase("theirs"));
        same(names(await native.indexedDB.databases()), ["theirs"]);""",
    "R17-caches": """
        const theirs = await native.caches.open("theirs"); await theirs.put("/x", new Response("theirs"));
        const cache = await caches.open("pages"), second = await caches.open("second");
        await cache.add("/storage/one.css"); await cache.addAll(["/storage/two.css", new Request("/storage/three.css")]);
        await cache.put(U + "/storage/made", new Response("made")); await second.put("/only", new Response("second"));
        same([await caches.keys(), await caches.has("pages"), await caches.has("theirs"), (await native.caches.keys()).sort()],
          [["pages", "second"], true, false, [P + ":pages", P + ":second", "theirs"].sort()]);
        const text = async (found) => (await found)?.text();
        same([await text(cache.match("/storage/made")), await text(caches.match("/only")), await text(caches.match("/x")) ?? null,
          await text(caches.match("/only", { cacheName: "pages" })) ?? null, await text(caches.match("/only", { cacheName: "second" }))],
          ["made", "second", null, null, "second"]);
        same([(await cache.keys()).map(({ url }) => url.replace(E, "")), (await cache.matchAll()).length, (await cache.match("/storage/one.css")).url],
          [["/storage/one.css", "/storage/two.css", "/storage/three.css", "/storage/made"], 4, E + "/storage/one.css"]);
        same([await cache.delete("/storage/made"), await cache.delete("/storage/made"), await caches.delete("pages"),
          await caches.delete("theirs"), await caches.delete("second"), await native.caches.keys()],
          [true, false, true, false, true, ["theirs"]]);""",
    "R17-channels": """
        const there = await frame("/there"), heard = [];
        const channel = new BroadcastChannel("c"), same_ = new there.BroadcastChannel("c"), theirs = new native.BroadcastChannel("c");
        for (const one of [same_, theirs]) one.onmessage = ({ data, target }) => heard.push([data, target.name]);
        channel.postMessage(1); const answer = event(same_, "message"); await answer; await later(50);
        same([heard, channel.name, channel instanceof BroadcastChannel, new native.BroadcastChannel(P + ":c").name],
          [[[1, "c"]], "c", true, P + ":c"]);
        for (const one of [channel, same_, theirs]) one.close();""",
    "R17-locks": """
        let release; const held = navigator.locks.request("l", { mode: "shared" }, (lock) => (same([lock.name, lock.mode], ["l", "shared"]),
          new Promise((done) => { release = done; })));
        let theirs = "not asked"; await later(10);
        await native.navigator.locks.request("l", { ifAvailable: true }, (lock) => { theirs = lock?.name; });
        const state = await navigator.locks.query();
        same([theirs, names(state.held), names((await native.navigator.locks.query()).held)], ["l", ["l"], [P + ":l"]]);
        release("done"); same(await held, "done");""",
    "R17-files": """
        const root = await navigator.storage.getDirectory();
        const file = await root.getFileHandle("f.txt", { create: true }); const writer = await file.createWritable();
        await writer.write("text"); await writer.close();
        const listed = []; for await (const name of root.keys()) listed.push(name);
        same([root.name, root.kind, file.name, listed, await (await file.getFile()).text(), await root.resolve(file),
          await root.isSameEntry(await navigator.storage.getDirectory())], ["", "directory", "f.txt", ["f.txt"], "text", ["f.txt"], true]);
        const all = []; for await (const name of (await native.navigator.storage.getDirectory()).keys()) all.push(name);
        same(all, [`hw.${P.slice(1)}`]);
        await root.removeEntry("f.txt"); same((await navigator.storage.estimate()).quota > 0, true);""",
}
CHECKS = {name: _TOOLS + body for name, body in CHECKS.items()}


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run(chromium_path, CHECKS)


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_app_finds_what_it_kept(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


def test_all_is_asked_below_the_prefix(outcome: Outcome) -> None:
    assert outcome.leaks == []
    assert [name for name in ("one", "two", "three") if f"/storage/{name}.css" not in outcome.asked] == []
    assert outcome.complaints == []
