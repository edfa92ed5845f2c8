"""One visit of an app in Chromium: what the script did, what the browser asked for and what it complained about."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.apps import netlog
from tests.apps.netlog import NetworkRequest

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebSocket

Script = Callable[["Visitor"], Awaitable[Any]]
"""What a visitor does with an app. Returns what there was to see; it must be the same by every way to the app."""

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]

# Two visits are never the same in these: ids, times, hashes, ports.
_CHANGING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|(?<==)[\w.%:-]+|\d{3,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the browser. kind: Playwright's resource type, or "websocket"; page: the frame that asked."""

    method: str
    url: str
    kind: str
    page: str

    def __str__(self) -> str:
        return f"{self.method} {self.url} ({self.kind} of {self.page or 'a worker'})"


class Visitor:
    """A tab of its own profile on an app, with everything recorded.

    base: the app's address without the slash at its end. Failures and complaints are told in the app's own URLs.
    """

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base.rstrip("/")
        self.seen: Any = None
        self.asked: list[Asked] = []
        self.failures: list[str] = []
        self.complaints: list[str] = []
        self.warnings: list[str] = []
        self.returns = 0
        """How often the script went back to a page by the address that the browser shows, as a reload does."""
        parts = urlsplit(self.base)
        self.prefix = parts.path
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._record(page.context)

    async def open(self, path: str = "/") -> None:
        """Open a page of the app as a new visitor does, by its full address."""
        await self.page.goto(self.base + path)

    async def reload(self) -> None:
        """The reload button."""
        self.returns += 1
        await self.page.reload()

    async def back(self) -> None:
        """The back button, which may load the page anew."""
        self.returns += 1
        await self.page.go_back()

    async def forward(self) -> None:
        """The forward button, which may load the page anew."""
        self.returns += 1
        await self.page.go_forward()

    @property
    def path(self) -> str:
        """Where the tab is, as the app has it: path, query, fragment; the address bar may show the prefix or not."""
        return self.plain(self.page.url).removeprefix("U")

    @property
    def leaks(self) -> list[Asked]:
        """Requests to the tunnel's origin but not below its prefix: they would reach another app, or none.

        A tab that shows its pages without the prefix comes back to them at the root; those loads are not leaks.
        """
        outside = [asked for asked in self.asked if self.prefix and self._is_outside(asked.url)]
        returning = [asked for asked in outside if asked.kind == "document"][: self.returns]
        return [asked for asked in outside if not any(asked is one for one in returning)]

    def plain(self, text: str) -> str:
        """The text with `U` for the app's origin, whichever way the app was reached."""
        for scheme in ("http", "ws"):
            base, origin = self.base.replace("http", scheme, 1), self.origin.replace("http", scheme, 1)
            letter = "U" if scheme == "http" else "W"
            text = re.sub(re.escape(base) + r"(?![\w.-])", letter, text)
            text = re.sub(re.escape(origin) + r"(?!\d)", letter, text)
        return text

    def comparable(self, text: str) -> str:
        """The same, also without the prefix alone and without what changes from visit to visit."""
        text = self.plain(text)
        if self.prefix:
            text = re.sub(re.escape(self.prefix) + r"(?![\w.-])", "", text)
        return _CHANGING.sub("…", text)

    def add(self, requests: list[NetworkRequest]) -> None:
        """Take in what the browser's own log knows and Playwright did not tell, such as requests of shared workers."""
        known = {(asked.method, asked.url.partition("#")[0]) for asked in self.asked}
        for request in requests:
            if (request.method, request.url) not in known and urlsplit(request.url).netloc == urlsplit(
                self.base
            ).netloc:
                kind = "document" if request.kind in ("main frame", "subframe") else "other"
                self.asked.append(Asked(request.method, request.url, kind, ""))

    def _is_outside(self, url: str) -> bool:
        parts = urlsplit(url)
        own = parts.netloc == urlsplit(self.base).netloc
        # Chromium looks for that of its own accord, whatever the page says.
        return own and parts.path != "/favicon.ico" and not (parts.path + "/").startswith(self.prefix + "/")

    def _record(self, context: BrowserContext) -> None:
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failed)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._complain(f"uncaught: {error.error.message}"))
        context.on("page", self._on_page)
        self._on_page(self.page)

    def _on_page(self, page: Page) -> None:
        page.on("websocket", self._on_websocket)

    def _on_request(self, request: Request) -> None:
        self.asked.append(Asked(request.method, request.url, request.resource_type, _page_of(request)))

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._fail(response.request, str(response.status))

    def _on_failed(self, request: Request) -> None:
        # The page left or cancelled it; when that happens is a matter of chance.
        if request.failure != "net::ERR_ABORTED":
            self._fail(request, request.failure or "failed")

    def _fail(self, request: Request, reason: str) -> None:
        self.failures.append(f"{self.comparable(f'{request.method} {request.url}')} → {reason}")

    def _on_websocket(self, websocket: WebSocket) -> None:
        self.asked.append(Asked("GET", websocket.url, "websocket", self.page.url))
        websocket.on("socketerror", lambda error: self.failures.append(self.comparable(f"{websocket.url} → {error}")))

    def _on_console(self, message: ConsoleMessage) -> None:
        where = message.location["url"] if message.text.startswith("Failed to load resource") else ""
        if message.type in ("error", "assert"):
            self._complain(f"console: {message.text} {where}".rstrip())
        elif message.type == "warning":
            self.warnings.append(self.comparable(message.text))

    def _complain(self, text: str) -> None:
        # Chromium looks for an icon of its own accord; whether it says so is a matter of chance.
        if not text.endswith(f"{self.origin}/favicon.ico"):
            self.complaints.append(self.comparable(text))


async def visit(chromium_path: str, base: str, script: Script, *, seconds: float = 10) -> Visitor:
    """Let the script visit the app with a browser of its own. Its waits last at most so many seconds each."""
    from playwright.async_api import async_playwright

    with tempfile.TemporaryDirectory(prefix="visit-") as folder:
        log = Path(folder) / "network.json"
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path, args=[*_ARGUMENTS, *netlog.arguments(log)]
            )
            context = await browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(seconds * 1000)
            visitor = Visitor(await context.new_page(), base)
            try:
                visitor.seen = await script(visitor)
            except Exception as error:
                leaks = [f"without the prefix: {asked}" for asked in visitor.leaks]
                told = dict.fromkeys([*leaks, *visitor.complaints, *visitor.failures])
                error.add_note("\n".join([f"during the visit of {base}:", *told]))
                raise
            finally:
                await browser.close()
        visitor.add(netlog.requests(log))
    return visitor


def _page_of(request: Request) -> str:
    from playwright.async_api import Error

    try:
        return request.frame.url
    except Error:  # of a service worker, or of a page that does not exist yet
        return ""
