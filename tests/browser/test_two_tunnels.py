"""Two tunnels of one origin, one of them hostile: what docs/security.md promises, and the boundary that it names."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from tests.e2e.conftest import agent, relay, shared_relay  # noqa: F401 - fixtures
from tests.e2e.service import Call, Service
from tests.e2e.tunnels import Agent, Tunnel

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PAGE = "<!doctype html><html><head><title>{name}</title></head><body>A page of {name}, with words.</body></html>"
_WORKER = "self.addEventListener('fetch', (event) => event.respondWith(new Response('taken over')));"


@dataclass
class App:
    """An app behind a tunnel. cookies: what came with each request, by path."""

    name: str
    service: Service
    tunnel: Tunnel
    cookies: dict[str, str] = field(default_factory=dict)

    async def answer(self, call: Call) -> None:
        """Sign in at /log-in, wipe at /wipe, a greedy service worker at /sw.js, else a page."""
        path = urlsplit(call.target.decode()).path
        self.cookies[path] = call.header("cookie") or ""
        fields = {
            "/log-in": ["Set-Cookie: session=secret; Path=/; HttpOnly", "Set-Cookie: seen=1; Path=/"],
            "/wipe": ['Clear-Site-Data: "cookies", "storage", "cache"'],
            "/sw.js": ["Service-Worker-Allowed: /"],
        }.get(path, [])
        kind, text = ("text/javascript", _WORKER) if path == "/sw.js" else ("text/html", _PAGE.format(name=self.name))
        await call.answer(text.encode(), f"Content-Type: {kind}", *fields)


@pytest.fixture
async def apps(agent: Agent) -> AsyncIterator[tuple[App, App]]:  # noqa: F811
    async with contextlib.AsyncExitStack() as cleanup:
        both = []
        for name in ("honest", "hostile"):
            service = await cleanup.enter_async_context(Service())
            app = App(name, service, await agent.open(service.port))
            service.script = app.answer
            both.append(app)
        yield both[0], both[1]


async def _sign_in(page: Page, app: App) -> None:
    await page.goto(app.tunnel.url("/log-in"))
    await page.evaluate(
        """async () => {
            localStorage.setItem("token", "secret"); sessionStorage.setItem("draft", "secret");
            await new Promise((done) => { indexedDB.open("vault").onsuccess = done; });
            await (await caches.open("offline")).put("/x", new Response("secret"));
        }"""
    )


async def test_a_neighbour_sees_nothing_by_ordinary_means(page: Page, apps: tuple[App, App]) -> None:
    honest, hostile = apps
    await _sign_in(page, honest)
    await page.goto(hostile.tunnel.url("/"))
    seen = await page.evaluate(
        """async () => [document.cookie, (await cookieStore.getAll()).length, localStorage.length, sessionStorage.length,
            Object.keys(localStorage), localStorage.token ?? null, (await indexedDB.databases()).length,
            await caches.keys(), await caches.match("/x") ?? null,
            (await navigator.serviceWorker.getRegistrations()).length]"""
    )
    assert seen == ["", 0, 0, 0, [], None, 0, [], None, 0]
    assert hostile.cookies["/"] == ""


@pytest.mark.parametrize(
    "wipe",
    [
        pytest.param("localStorage.clear(); sessionStorage.clear()", id="R16-clear"),
        pytest.param("indexedDB.deleteDatabase('vault'); caches.delete('offline')", id="R17-delete"),
        pytest.param("await fetch('/wipe')", id="RH25-clear-site-data"),
    ],
)
async def test_a_neighbour_wipes_only_its_own(page: Page, apps: tuple[App, App], wipe: str) -> None:
    honest, hostile = apps
    await _sign_in(page, honest)
    await page.goto(hostile.tunnel.url("/"))
    await page.evaluate(f"async () => {{ {wipe} }}")
    await page.goto(honest.tunnel.url("/back"))
    kept = await page.evaluate(
        """async () => [localStorage.token, sessionStorage.draft, (await indexedDB.databases()).length,
            await (await caches.match("/x")).text()]"""
    )
    assert kept == ["secret", "secret", 1, "secret"]
    assert honest.cookies["/back"] == "session=secret; seen=1"


async def test_a_service_worker_takes_no_more_than_its_own_tunnel(page: Page, apps: tuple[App, App]) -> None:
    honest, hostile = apps
    await page.goto(hostile.tunnel.url("/"))
    scope = await page.evaluate(
        """async () => {
            const wide = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
            await navigator.serviceWorker.ready;
            return new URL(wide.scope).pathname;
        }"""
    )
    assert scope == "/"
    await page.reload()
    assert await page.inner_text("body") == "taken over"
    await page.goto(honest.tunnel.url("/"))
    assert await page.title() == "honest"
    # By the browser's own interface, past the runtime, its script may control its own tunnel and nothing else.
    refused = await page.evaluate(
        """async (script) => {
            const frame = document.createElement("iframe");
            frame.src = script.page;
            document.body.append(frame);
            await new Promise((done) => { frame.onload = done; });
            try {
                await frame.contentWindow.navigator.serviceWorker.register(script.url, { scope: script.scope });
                return "registered";
            } catch (error) { return error.name; }
        }""",
        {
            "page": hostile.tunnel.url("/?__hw_off"),
            "url": hostile.tunnel.path("/sw.js"),
            "scope": honest.tunnel.path("/"),
        },
    )
    assert refused == "SecurityError"


async def test_a_neighbours_path_is_taken_for_an_own_one(page: Page, apps: tuple[App, App]) -> None:
    honest, hostile = apps
    await _sign_in(page, honest)
    await page.goto(hostile.tunnel.url("/"))
    await page.evaluate("(path) => fetch(path, { credentials: 'include' })", honest.tunnel.path("/secret"))
    assert "/secret" not in honest.cookies
    assert hostile.cookies[honest.tunnel.path("/secret")] == ""


async def test_a_page_without_the_runtime_is_sent_back_as_well(page: Page, apps: tuple[App, App]) -> None:
    honest, hostile = apps
    await _sign_in(page, honest)
    await page.goto(hostile.tunnel.url("/?__hw_off"))
    await page.evaluate("(path) => fetch(path, { credentials: 'include' })", honest.tunnel.path("/secret"))
    assert "/secret" not in honest.cookies
    assert hostile.cookies[honest.tunnel.path("/secret")] == ""


async def test_requests_without_a_prefix_come_back_to_the_page_that_asked(page: Page, apps: tuple[App, App]) -> None:
    honest, hostile = apps
    await _sign_in(page, honest)
    await page.goto(hostile.tunnel.url("/?__hw_off"))
    await page.evaluate("() => fetch('/lost')")
    assert ("/lost" in honest.cookies, "/lost" in hostile.cookies) == (False, True)


async def test_hosts_of_their_own_are_the_boundary(page: Page, apps: tuple[App, App]) -> None:
    honest, hostile = apps
    port = honest.tunnel.relay.port
    ours, theirs = (f"http://{app.name}.localhost:{port}" for app in (honest.tunnel, hostile.tunnel))
    await page.goto(f"{ours}/log-in")
    await page.evaluate("() => localStorage.setItem('token', 'secret')")
    await page.goto(f"{theirs}/")
    seen = await page.evaluate(
        """async (other) => {
            const frame = document.createElement("iframe");
            frame.src = other; document.body.append(frame);
            await new Promise((done) => { frame.onload = done; });
            const inside = frame.contentDocument === null ? "closed" : "open";
            const answer = await fetch(other + "/secret", { credentials: "include" }).then(() => "read", () => "refused");
            return [inside, answer, localStorage.length, document.cookie];
        }""",
        ours,
    )
    assert seen == ["closed", "refused", 0, ""]
