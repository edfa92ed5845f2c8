"""A Vite dev server with React and React Router, which read the path from the address bar and speak by WebSocket."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import SameBothWays
from tests.apps.node import link_packages, node
from tests.apps.servers import Server, running
from tests.apps.visit import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

FOLDER = Path(__file__).with_name("vite")


@dataclass(frozen=True, slots=True)
class ViteApp:
    server: Server
    folder: Path

    def edit(self, path: str, old: str, new: str) -> None:
        """Save the file with other text, as an editor does."""
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


@pytest.fixture
async def vite(node_modules: Path, tmp_path: Path) -> AsyncIterator[ViteApp]:
    """The dev server on a copy of the app. Its cache is its own: the folder of packages is shared by all tests."""
    folder = tmp_path / "app"
    shutil.copytree(FOLDER, folder)
    link_packages(node_modules, folder)
    script = node_modules / "vite" / "bin" / "vite.js"
    command = [node(), script, "--host", "127.0.0.1", "--port", "{port}", "--strictPort"]
    async with running(command, tmp_path / "log", directory=folder) as server:
        yield ViteApp(server, folder)


async def test_routes_and_edits_r23(vite: ViteApp, same_both_ways: SameBothWays) -> None:
    async def walk(visitor: Visitor) -> dict[str, Any]:
        return {**await _walk_through_the_routes(visitor), **await edit(visitor, vite)}

    direct, tunnelled = await same_both_ways(vite.server, walk)
    assert tunnelled.seen["deep"] == {"heading": "Grace", "place": "/readers/2?tab=books#top"}
    assert tunnelled.seen["nowhere"] == {"heading": "No such page", "place": "/no/such/page"}
    assert tunnelled.seen["edited"] == {"heading": "Readers, second edition", "count": "Count 2", "loads": 0}
    assert any("/src/About.jsx" in asked.url for asked in tunnelled.asked)
    sockets = [[asked for asked in visitor.asked if asked.kind == "websocket"] for visitor in (direct, tunnelled)]
    assert len(sockets[0]) == len(sockets[1]) > 0


async def _walk_through_the_routes(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    seen: dict[str, Any] = {}

    async def look(name: str, heading: str) -> None:
        await page.get_by_role("heading", name=heading).wait_for()
        seen[name] = {"heading": heading, "place": await page.locator("#place").inner_text()}

    await visitor.open("/readers/2?tab=books#top")
    await look("deep", "Grace")
    await visitor.reload()
    await look("reloaded", "Grace")
    await page.get_by_role("link", name="About").click()
    await look("lazy", "About")
    seen["lazy-color"] = await page.locator("h1").evaluate("heading => getComputedStyle(heading).color")
    await page.get_by_role("link", name="Ada").click()
    await look("link", "Ada")
    await page.get_by_role("button", name="Edit").click()
    await page.wait_for_function("document.querySelector('#place').textContent.endsWith('?edit=1')")
    await look("navigate", "Ada")
    await visitor.back()
    await page.wait_for_function("!document.querySelector('#place').textContent.includes('?')")
    await look("back", "Ada")
    await visitor.back()
    await look("back-again", "About")
    await visitor.reload()
    await look("lazy-reloaded", "About")
    await visitor.back()
    await look("back-over-a-reload", "Grace")
    await visitor.forward()
    await look("forward", "About")
    await visitor.open("/no/such/page")
    await look("nowhere", "No such page")
    seen["path"] = visitor.path
    return seen


async def edit(visitor: Visitor, vite: ViteApp) -> dict[str, Any]:
    """Change a component while it is shown: it must change in place and keep its state."""
    page = visitor.page
    await visitor.open("/")
    await page.get_by_role("heading", name="first edition").wait_for()
    await page.get_by_text("The sum is 6").wait_for()
    pictures = await page.wait_for_function(
        "[...document.images].every(image => image.complete) && [...document.images].map(image => image.naturalWidth)"
    )
    await page.get_by_role("button", name="Count").click()
    await page.get_by_role("button", name="Count 1").click()
    loads: list[str] = []
    page.on("load", lambda page: loads.append(page.url))
    color = "() => getComputedStyle(document.querySelector('h1')).color"
    before = await page.evaluate(color)
    vite.edit("src/Home.jsx", "first edition", "second edition")
    await page.get_by_role("heading", name="second edition").wait_for()
    vite.edit("src/style.css", "rgb(10, 20, 30)", "rgb(70, 80, 90)")
    await page.wait_for_function(f"({color})() !== {before!r}")
    seen = {
        "pictures": await pictures.json_value(),
        "background": re.sub(r"[?&]t=\d+", "", await page.evaluate("getComputedStyle(document.body).backgroundImage")),
        "color": [before, await page.evaluate(color)],
        "edited": {
            "heading": await page.get_by_role("heading").inner_text(),
            "count": await page.get_by_role("button", name="Count").inner_text(),
            "loads": len(loads),
        },
    }
    await asyncio.sleep(0.1)  # Vite's watcher drops a change that follows another one within 50 ms
    vite.edit("src/Home.jsx", "second edition", "first edition")
    vite.edit("src/style.css", "rgb(70, 80, 90)", "rgb(10, 20, 30)")
    await page.get_by_role("heading", name="first edition").wait_for()
    await page.wait_for_function(f"({color})() === {before!r}")
    return seen
