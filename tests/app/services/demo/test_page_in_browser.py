"""The demo page in a real browser, below a path prefix as a tunnel gives it: every button does what it says."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from app.services.demo.asgi import demo

if TYPE_CHECKING:
    from playwright.async_api import Page

PREFIX = "/shop"


async def below_a_prefix(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Strips the prefix and answers nothing outside of it, so that a root-relative URL of the page shows."""
    if not scope["path"].startswith(f"{PREFIX}/"):
        await send({"type": "http.response.start", "status": 410, "headers": []})
        await send({"type": "http.response.body", "body": b"outside of the prefix"})
        return
    path = scope["path"].removeprefix(PREFIX)
    await demo({**scope, "path": path, "raw_path": path.encode()}, receive, send)


class Quiet(uvicorn.Server):
    @asynccontextmanager
    async def running(self, listening: socket.socket) -> AsyncIterator[None]:
        serving = asyncio.create_task(self._serve([listening]))
        yield
        self.should_exit = self.force_exit = True
        await serving


@pytest.mark.browser
async def test_every_part_of_the_page_works_below_a_prefix(page: Page) -> None:
    from playwright.async_api import expect

    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("response", lambda answer: failures.append(answer.url) if answer.status == 410 else None)
    config = uvicorn.Config(below_a_prefix, lifespan="off", log_level="error", ws="websockets-sansio")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with Quiet(config).running(listening):
            await page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}{PREFIX}/")
            await expect(page.locator("#address")).to_have_text(re.compile(r"^http://127\.0\.0\.1:\d+/shop/$"))
            await expect(page.locator("#route")).to_have_text("on this computer")
            await expect(page.locator("#headers tr.told")).to_contain_text("host")
            assert await page.locator(".picture img").evaluate("image => image.naturalWidth") == 640

            for button, status in (
                ("GET JSON", "● 200"), ("POST JSON", "● 200"), ("Redirect", "● 200"), ("Set cookies", "● 200"),
                ("Not found", "▲ 404"), ("Error 500", "■ 500"), ("Slow, 1.5 s", "● 200"),
            ):  # fmt: skip
                count = await page.locator("#log details").count()
                await page.get_by_role("button", name=button).click()
                await expect(page.locator("#log details")).to_have_count(count + 1)
                await expect(page.locator("#log .status").first).to_have_text(status)

            await page.get_by_role("button", name="Start stream").click()
            await page.get_by_role("button", name="Send", exact=True).click()
            await expect(page.locator("#socket-log .down")).to_have_text("↓ Hello from the browser")
            await expect(page.locator("#socket-state")).to_have_text("⇄ open")
            await page.get_by_role("button", name="Send 1 MiB of noise").click()
            await expect(page.locator("#upload-text")).to_have_text("● 1,048,576 bytes arrived unchanged")
            await page.locator("#file").set_input_files({"name": "ö.txt", "mimeType": "text/plain", "buffer": b"12345"})
            await expect(page.locator("#upload-text")).to_have_text("● 5 bytes arrived unchanged")
            await expect(page.locator("#events i.on")).to_have_count(8)
            await expect(page.locator("#events-text")).to_have_text(re.compile("complete$"))
            await page.close()
    assert failures == []
