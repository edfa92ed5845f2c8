"""One visit of an app, with a Chromium of its own."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.doctor import netlog
from app.doctor.chromium import ARGUMENTS
from app.doctor.devtools import Tracer
from app.doctor.visitor import Script, Visitor
from app.domain.problems import fail
from app.domain.tasks import spawn

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright


async def visit(
    chromium_path: str,
    base: str,
    script: Script,
    *,
    seconds: float = 10,
    traced: bool = False,
    verify_tls: bool = True,
) -> Visitor:
    """Let the script visit the app with a browser of its own. Its waits last at most so many seconds each.

    traced: also keep what only the DevTools protocol tells
    Raises HatchwayError `browser_failed`.
    """
    with tempfile.TemporaryDirectory(prefix="hatchway-visit-", ignore_cleanup_errors=True) as folder:
        log = Path(folder) / "network.json"
        async with _browser(chromium_path, netlog.arguments(log)) as browser:
            context = await browser.new_context(
                viewport={"width": 1280, "height": 900}, ignore_https_errors=not verify_tls
            )
            context.set_default_timeout(seconds * 1000)
            page = await context.new_page()
            visitor = Visitor(page, base)
            tracer = Tracer()
            if traced:
                context.on("page", lambda page: spawn(tracer.follow(page), name="trace of a page"))
                await tracer.follow(page)
            try:
                visitor.seen = await script(visitor)
            except Exception as error:
                leaks = [f"without the prefix: {asked}" for asked in visitor.leaks]
                told = dict.fromkeys([*leaks, *visitor.complaints, *visitor.failures])
                error.add_note("\n".join([f"during the visit of {base}:", *told]))
                raise
        visitor.trace = tracer.finish()
        visitor.add(netlog.requests(log))
    return visitor


@asynccontextmanager
async def _browser(chromium_path: str, arguments: list[str]) -> AsyncIterator[Browser]:
    from playwright.async_api import Error, async_playwright

    async with async_playwright() as playwright:
        try:
            browser = await _launched(playwright, chromium_path, [*ARGUMENTS, *arguments])
        except Error as error:
            raise fail(
                "browser_failed",
                f"{chromium_path} could not be driven ({str(error).strip().splitlines()[0]})",
                "you",
                "Name another Chromium or Chrome with HATCHWAY_CHROMIUM=/path/to/chrome.",
            ) from error
        try:
            yield browser
        finally:
            with contextlib.suppress(Error):  # Ctrl+C in the terminal has ended it already
                await browser.close()


async def _launched(playwright: Playwright, path: str, arguments: list[str]) -> Browser:
    """With the sandbox where it works: not for root, nor in many containers."""
    from playwright.async_api import Error

    is_root = sys.platform != "win32" and os.geteuid() == 0
    if not is_root:
        try:
            return await playwright.chromium.launch(executable_path=path, args=arguments, chromium_sandbox=True)
        except Error as error:
            if "sandbox" not in str(error).lower():
                raise
    return await playwright.chromium.launch(executable_path=path, args=arguments, chromium_sandbox=False)
