"""A visitor of an app in a browser: what it did, what the browser asked for and what it complained about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from app.doctor.address import Address
from app.doctor.devtools import frames_of_stack, is_ours
from app.doctor.netlog import NetworkRequest
from app.doctor.records import Answer, Asked, Complaint, Failed, Frame, Trace

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError, WebSocket

Script = Callable[["Visitor"], Awaitable[Any]]
"""What a visitor does with an app. Returns what there was to see; it must be the same by every way to the app."""

_QUIET_SECONDS = 0.5


class Visitor:
    """A tab of its own profile on an app, with everything recorded.

    base: the app's address without the slash at its end. failures and complaints are told in the app's own URLs; failed
    and complained are the same as they were.
    """

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.address = Address(base.rstrip("/"))
        self.seen: Any = None
        self.asked: list[Asked] = []
        self.answers: dict[tuple[str, str], Answer] = {}
        """The last answer to each (method, URL)."""
        self.failed: list[Failed] = []
        self.complained: list[Complaint] = []
        self.warnings: list[str] = []
        self.trace = Trace()
        self.returns = 0
        """How often the script went back to a page by the address that the browser shows, as a reload does."""
        self._active_at = time.monotonic()
        self._record(page.context)

    @property
    def base(self) -> str:
        return self.address.base

    @property
    def prefix(self) -> str:
        return self.address.prefix

    @property
    def origin(self) -> str:
        return self.address.origin

    async def open(self, path: str = "/") -> Response | None:
        """Open a page of the app as a new visitor does, by its full address."""
        return await self.page.goto(self.base + path)

    async def reload(self) -> Response | None:
        """The reload button."""
        self.returns += 1
        return await self.page.reload()

    async def back(self) -> None:
        """The back button, which may load the page anew."""
        self.returns += 1
        await self.page.go_back()

    async def forward(self) -> None:
        """The forward button, which may load the page anew."""
        self.returns += 1
        await self.page.go_forward()

    async def settle(self, seconds: float, longest: float) -> None:
        """Watch the page for so many seconds, and then until it asks for nothing any more; at most `longest` in all."""
        end = time.monotonic() + longest
        await asyncio.sleep(seconds)
        while (rest := min(end, self._active_at + _QUIET_SECONDS) - time.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(rest)  # silence is no event

    @property
    def path(self) -> str:
        """Where the tab is, as the app has it: path, query, fragment; the address bar may show the prefix or not."""
        return self.plain(self.page.url).removeprefix("U")

    @property
    def leaks(self) -> list[Asked]:
        """Requests to the tunnel's origin but not below its prefix: they would reach another app, or none.

        A tab that shows its pages without the prefix comes back to them at the root; those loads are not leaks.
        """
        outside = [asked for asked in self.asked if self.address.is_outside(asked.url)]
        returning = [asked for asked in outside if asked.kind == "document"][: self.returns]
        return [asked for asked in outside if not any(asked is one for one in returning)]

    @property
    def failures(self) -> list[str]:
        """What failed, comparable with another visit."""
        return [
            self.comparable(f"{failed.asked.url} → {failed.reason}")
            if failed.asked.kind == "websocket"
            else f"{self.comparable(f'{failed.asked.method} {failed.asked.url}')} → {failed.reason}"
            for failed in self.failed
        ]

    @property
    def complaints(self) -> list[str]:
        """What was complained about, comparable with another visit."""
        return [self.comparable(f"{one.kind}: {one.text} {one.about}".rstrip()) for one in self.complained]

    def plain(self, text: str) -> str:
        """The text with `U` for the app's origin, whichever way the app was reached."""
        return self.address.plain(text)

    def comparable(self, text: str) -> str:
        """The same, also without the prefix alone and without what changes from visit to visit."""
        return self.address.comparable(text)

    def add(self, requests: list[NetworkRequest]) -> None:
        """Take in what the browser's own log knows and Playwright did not tell, such as requests of shared workers."""
        known = {(asked.method, asked.url.partition("#")[0]) for asked in self.asked}
        for request in requests:
            if (request.method, request.url) not in known and self.address.is_own(request.url):
                kind = "document" if request.kind in ("main frame", "subframe") else "other"
                self.asked.append(Asked(request.method, request.url, kind, ""))

    def _record(self, context: BrowserContext) -> None:
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("requestfinished", self._on_activity)
        context.on("requestfailed", self._on_failed)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("page", self._on_page)
        self._on_page(self.page)

    def _on_page(self, page: Page) -> None:
        page.on("websocket", self._on_websocket)

    def _on_activity(self, _: Request | None = None) -> None:
        self._active_at = time.monotonic()

    def _on_request(self, request: Request) -> None:
        self._on_activity()
        self.asked.append(_asked(request))

    def _on_response(self, response: Response) -> None:
        self._on_activity()
        request, headers = response.request, response.headers
        layers = headers.get("x-hatchway-rewrite", "")
        self.answers[request.method, request.url] = Answer(
            response.status,
            tuple(name.strip() for name in layers.split(",") if name.strip()),
            "x-hatchway-recovered" in headers,
            headers.get("x-hatchway-error", ""),
        )
        if response.status >= 400:
            self.failed.append(Failed(_asked(request), str(response.status)))

    def _on_failed(self, request: Request) -> None:
        self._on_activity()
        # The page left or cancelled it; when that happens is a matter of chance.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(Failed(_asked(request), request.failure or "failed"))

    def _on_websocket(self, websocket: WebSocket) -> None:
        self._on_activity()
        asked = Asked("GET", websocket.url, "websocket", self.page.url)
        self.asked.append(asked)
        websocket.on("socketerror", lambda error: self.failed.append(Failed(asked, error)))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "warning":
            self.warnings.append(self.comparable(message.text))
        if message.type not in ("error", "assert"):
            return
        url = message.location["url"]
        is_about = message.text.startswith("Failed to load resource")
        # Chromium looks for an icon of its own accord; whether it says so is a matter of chance.
        if is_about and url in (f"{self.origin}/favicon.ico", f"{self.base}/favicon.ico"):
            return
        frames = () if is_about or not url or is_ours(url) else (Frame(url, message.location["lineNumber"] + 1),)
        self.complained.append(Complaint("console", message.text, _url(message.page), frames, url if is_about else ""))

    def _on_error(self, error: WebError) -> None:
        frames = frames_of_stack(error.error.stack or "")
        self.complained.append(Complaint("uncaught", error.error.message, _url(error.page), frames))


def _url(page: Page | None) -> str:
    """Workers have none."""
    return "" if page is None else page.url


def _asked(request: Request) -> Asked:
    return Asked(request.method, request.url, request.resource_type, _page_of(request))


def _page_of(request: Request) -> str:
    from playwright.async_api import Error

    try:
        return request.frame.url
    except Error:  # of a service worker, or of a page that does not exist yet
        return ""
