"""Walks through a tunnelled app: what scripts and visitors do in turn, where it leads, what the app is asked."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, Request, async_playwright

from app.domain.tasks import spawn
from backend_lambda.protocol.messages import Mode
from tests.browser.runtime_checks import PAGE, tools, tunnelled

START = "/a/b"
_BUTTONS: dict[str, Callable[[Page], Awaitable[object]]] = {
    "reload": Page.reload,
    "back": Page.go_back,
    "forward": Page.go_forward,
}


@dataclass(frozen=True, slots=True)
class Step:
    """do: the body of an async function that runs in the page; or one of the browser's buttons `reload`, `back` and
    `forward`; or `click: selector`; or `popup: body`, which goes on in the window that it opens
    at: what the address bar shows then, with P for the prefix
    asked: what the app is asked by it: method and target, and the body in parentheses
    stays: the page stays, although the app is asked for its address
    """

    do: str
    at: str
    asked: tuple[str, ...] = ()
    stays: bool = False

    @property
    def loads_page(self) -> bool:
        """Whether the last thing it asks for is the page that it reaches."""
        path = self.at.removeprefix("P").partition("#")[0]
        return not self.stays and bool(self.asked) and self.asked[-1].split(" ")[1] == path


@dataclass(frozen=True, slots=True)
class Walk:
    """steps: from the page `START` on
    then: the body of an async function that checks the last page
    told: what the pages wrote on the console
    leaks: paths of requests outside the prefix, which are brought back by the relay
    init: what runs before everything else in each page
    """

    steps: tuple[Step, ...]
    then: str = ""
    told: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    init: str = ""


def step(do: str, at: str, *asked: str) -> Walk:
    """A walk of one step."""
    return Walk((Step(do, at, asked),))


def run(
    chromium_path: str, walks: Mapping[str, Walk], *, mode: Mode = "app", pages: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Go each walk in a profile of its own; returns why it failed, "" if it did not.

    pages: path → what the app has there, instead of `PAGE`
    """
    return asyncio.run(_run(chromium_path, walks, mode, pages or {}))


async def _run(chromium_path: str, walks: Mapping[str, Walk], mode: Mode, pages: Mapping[str, str]) -> dict[str, str]:
    app = _App(pages)
    server = await asyncio.start_server(lambda *pair: spawn(app.answer(*pair), name="answer"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    failures = dict.fromkeys(walks, "")
    few = asyncio.Semaphore(3)

    async with tunnelled(port, mode) as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )

        async def go(name: str, walk: Walk) -> None:
            async with few:
                context = await browser.new_context(extra_http_headers={"X-Walk": name})
                context.set_default_timeout(10_000)
                try:
                    await _Walker(context, base, tools(base, f"http://127.0.0.1:{port}"), app.asked[name]).go(walk)
                except Exception as error:
                    failures[name] = f"{type(error).__name__}: {error}"
                finally:
                    await context.close()

        await asyncio.gather(*(go(name, walk) for name, walk in walks.items()))
        await browser.close()
    server.close()
    return failures


class _Walker:
    """One walk. asked: what the app has been asked for it, which grows as the walk goes on."""

    def __init__(self, context: BrowserContext, base: str, tools: str, asked: list[str]) -> None:
        self._context = context
        self._base = base
        self._tools = tools
        self._asked = asked
        self._told: list[str] = []
        self._leaks: list[str] = []
        self._loads = 0
        parts = urlsplit(base)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._prefix = parts.path
        context.on("page", lambda page: page.on("domcontentloaded", self._on_loaded))
        context.on("dialog", lambda dialog: spawn(dialog.dismiss(), name="dialog"))
        context.on("request", self._on_request)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._told.append(f"uncaught: {error.error.message}"))

    async def go(self, walk: Walk) -> None:
        """Raises AssertionError, or what the page or Playwright raises, where the walk goes another way."""
        if walk.init:
            await self._context.add_init_script(walk.init)
        page = await self._context.new_page()
        await page.goto(self._base + START)
        self._asked.clear()
        expected: list[str] = []
        for one in walk.steps:
            expected += one.asked
            loads = self._loads + one.loads_page
            reached = await self._do(page, one.do)
            await self._arrive(reached, one, expected, loads if reached is page else 0)
            page = reached
        if walk.then:
            await page.evaluate(f"async () => {{ {self._tools} {walk.then} }}")
        await page.wait_for_timeout(100)  # for what must not happen
        for what, got, wanted in (
            ("asked", self._asked, expected),
            ("told", self._told, list(walk.told)),
            ("leaks", self._leaks, list(walk.leaks)),
        ):
            if got != wanted:
                raise AssertionError(f"{what}: {got}, wanted {wanted}")

    async def _do(self, page: Page, do: str) -> Page:
        if do in _BUTTONS:
            await _BUTTONS[do](page)
        elif do.startswith("click: "):
            await page.locator(do.removeprefix("click: ")).click()
        elif do.startswith("popup: "):
            async with self._context.expect_page() as opened:
                await self._evaluate(page, do.removeprefix("popup: "))
            return await opened.value
        else:
            await self._evaluate(page, do)
        return page

    async def _evaluate(self, page: Page, body: str) -> None:
        """The page may be gone before the body has ended, which is no fault of either."""
        kept = "window.walked = walk().catch((error) => console.log(`failed: ${error.message}`));"
        await page.evaluate(f"() => {{ {self._tools} const walk = async () => {{ {body} }}; {kept} }}")

    async def _arrive(self, page: Page, one: Step, expected: list[str], loads: int) -> None:
        for _ in range(500):
            if self._shown(page) == one.at and self._asked == expected and self._loads >= loads:
                try:
                    await page.wait_for_load_state()
                    await page.evaluate("() => window.walked")
                    return
                except Error:
                    pass  # the page went on
            await asyncio.sleep(0.01)
        raise AssertionError(f"at {self._shown(page)} instead of {one.at}: {self._asked}, {self._told}, {self._leaks}")

    def _shown(self, page: Page) -> str:
        path = page.url.removeprefix(self._origin)
        return re.sub(rf"^{re.escape(self._prefix)}(?![^/?#])", "P", path)

    def _on_loaded(self, _: Page) -> None:
        self._loads += 1

    def _on_request(self, request: Request) -> None:
        if request.url.startswith(self._origin) and not request.url.startswith(
            (f"{self._base}/", f"{self._origin}/favicon")
        ):
            self._leaks.append(request.url.removeprefix(self._origin))

    def _on_console(self, message: ConsoleMessage) -> None:
        if "favicon.ico" not in str(message.location):
            self._told.append(message.text.replace(self._base, "EP").replace(self._origin, "E"))


class _App:
    """Answers every path with its page, or the usual one, and knows what it was asked in which walk."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        self._pages = pages
        self.asked: defaultdict[str, list[str]] = defaultdict(list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                method, target, _ = head.split(" ", 2)
                fields = dict(re.findall(r"(?m)^([\w-]+): *(.*?)\r$", head.lower()))
                sent = (await reader.readexactly(int(fields.get("content-length", 0)))).decode("latin-1")
                walk = dict(re.findall(r"(?mi)^(x-walk): *(.*?)\r$", head))
                if walk and not target.startswith("/favicon"):
                    self.asked[next(iter(walk.values()))].append(f"{method} {target}" + (f" ({sent})" if sent else ""))
                body = self._pages.get(urlsplit(target).path, PAGE).encode()
                answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
                writer.write(f"{answer}Cache-Control: no-store\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
