"""FastAPI's two pages about an API: Swagger UI, which also calls the API, and ReDoc."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import SameBothWays
from tests.apps.servers import Server, running
from tests.apps.visit import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

FOLDER = Path(__file__).with_name("api_docs")


@pytest.fixture
async def server(node_modules: Path, tmp_path: Path) -> AsyncIterator[Server]:
    command = [sys.executable, "-m", "uvicorn", "--app-dir", FOLDER, "--port", "{port}", "app:app"]
    async with running(command, tmp_path / "log", environment={"NODE_MODULES": str(node_modules)}) as server:
        yield server


async def test_swagger_ui_calls_the_api(server: Server, same_both_ways: SameBothWays) -> None:
    _, tunnelled = await same_both_ways(server, _try_it_out)
    assert tunnelled.seen["found"]["status"] == "200"
    assert '"title": "The Castle"' in tunnelled.seen["found"]["body"]
    assert tunnelled.seen["missing"]["status"] == "404"
    assert tunnelled.seen["added"]["status"] == "201"


async def test_redoc_shows_the_api(server: Server, same_both_ways: SameBothWays) -> None:
    _, tunnelled = await same_both_ways(server, _read)
    assert tunnelled.seen["headings"][0].startswith("Books")
    assert tunnelled.seen["results"] != []


async def _try_it_out(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/docs")
    get = page.locator(".opblock-get")
    await get.locator(".opblock-summary-control").click()
    await get.get_by_role("button", name="Try it out").click()
    seen: dict[str, Any] = {"title": await page.title()}
    for name, number in (("found", "1"), ("missing", "2")):
        await get.get_by_placeholder("number").fill(number)
        await get.get_by_role("button", name="Execute").click()
        await page.wait_for_function(
            "n => document.querySelector('.opblock-get .request-url pre')?.textContent.endsWith('/books/' + n)"
            "&& document.querySelector('.opblock-get .live-responses-table .response-col_status')", arg=number
        )  # fmt: skip
        seen[name] = await _answer(visitor, ".opblock-get", {"1": "200", "2": "404"}[number])
    post = page.locator(".opblock-post")
    await post.locator(".opblock-summary-control").click()
    await post.get_by_role("button", name="Try it out").click()
    await post.locator("textarea").fill('{"title": "Amerika", "pages": 298}')
    await post.get_by_role("button", name="Execute").click()
    seen["added"] = await _answer(visitor, ".opblock-post", "201")
    seen["path"] = visitor.path
    return seen


async def _answer(visitor: Visitor, block: str, status: str) -> dict[str, str]:
    table = visitor.page.locator(f"{block} .live-responses-table tbody tr").first
    await table.locator(".response-col_status").get_by_text(status).wait_for()
    return {
        "status": (await table.locator(".response-col_status").inner_text()).split()[0],
        "body": await table.locator(".highlight-code pre").first.inner_text(),
    }


async def _read(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/redoc")
    await page.locator("h1", has_text="Books").wait_for()
    await page.locator("[role=menuitem]", has_text="Add").first.click()
    await page.wait_for_function("location.hash.length > 1")
    await page.get_by_placeholder("Search...").fill("book")
    await page.locator("[role=search] [role=menuitem]").first.wait_for()
    return {
        "headings": await page.locator("h1, h2").all_inner_texts(),
        "results": await page.locator("[role=search] [role=menuitem]").all_inner_texts(),
        "path": visitor.path,
    }
