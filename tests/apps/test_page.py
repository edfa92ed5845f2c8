"""A server-rendered page that uses all a browser offers: what the page itself sees must be the same by both ways."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import SameBothWays, SameEveryWay
from tests.apps.servers import Server, running
from tests.apps.visit import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLDER = Path(__file__).with_name("page")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    command = [sys.executable, "-m", "uvicorn", "--app-dir", FOLDER, "--ws", "websockets-sansio", "--port", "{port}"]
    async with running([*command, "app:app"], tmp_path / "log") as server:
        yield server


async def test_scripts_see_the_same(server: Server, same_both_ways: SameBothWays) -> None:
    _, tunnelled = await same_both_ways(server, _run_the_checks)
    failed = {name: result for name, result in tunnelled.seen.items() if str(result).startswith("failed")}
    assert failed == {}
    assert tunnelled.seen["fetchOfPath"][0] == "own/echo?x=1&x=2"
    assert tunnelled.seen["events"][1][2] == ["tick 2 of /events", "2"]
    assert tunnelled.seen["socketByPath"][1] == "talk"
    assert tunnelled.seen["serviceWorker"][3] == "by the service worker"


async def test_forms_and_links_lead_to_the_same(server: Server, same_every_way: SameEveryWay) -> None:
    _, tunnelled, _ = await same_every_way(server, _use_forms_and_links)
    assert tunnelled.seen == {
        "search": ["/thanks?q=a+b", "nothing"],
        "note": ["/thanks", "text=ä&b"],
        "by button": ["/thanks", "text=ä&b, by=formaction"],
        "upload": ["/thanks", "1 parts, True"],
        "by script": ["/thanks", "text=by script"],
        "redirects": "/thanks",
        "refreshed": "/thanks",
        "window": "/thanks",
        "location": ["/thanks?by=location", "/thanks?by=assign", "/thanks?by=pathname", "/thanks?by=opened"],
        "back": "/index.html",
    }


async def _run_the_checks(visitor: Visitor) -> dict[str, Any]:
    await visitor.open("/index.html")
    seen: dict[str, Any] = await visitor.page.evaluate("runChecks()")
    return seen


async def _use_forms_and_links(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    seen: dict[str, Any] = {}

    async def sent(name: str) -> None:
        await page.wait_for_url("**/thanks*")
        seen[name] = [visitor.path, await page.locator("#sent").inner_text()]
        await page.get_by_role("link", name="Back").click()
        await page.wait_for_url("**/index.html")

    await visitor.open("/index.html")
    await page.get_by_role("button", name="Search").click()
    await sent("search")
    await page.get_by_role("button", name="Send", exact=True).click()
    await sent("note")
    await page.get_by_role("button", name="Send elsewhere").click()
    await sent("by button")
    await page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"}
    )
    await page.get_by_role("button", name="Upload").click()
    await sent("upload")
    await page.evaluate(
        """() => {
            const form = document.createElement("form");
            form.action = "/submit"; form.method = "post";
            form.innerHTML = "<input name=text value='by script'>";
            document.body.append(form); form.submit();
        }"""
    )
    await sent("by script")
    await page.locator("#chain").click()
    await page.wait_for_url("**/thanks")
    seen["redirects"] = visitor.path
    await visitor.open("/arrived")
    await page.wait_for_url("**/thanks")
    seen["refreshed"] = visitor.path
    await visitor.open("/index.html")
    async with page.expect_popup() as opened:
        await page.locator("#window").click()
    popup = await opened.value
    await popup.wait_for_url("**/thanks")
    seen["window"] = visitor.plain(popup.url).removeprefix("U")

    seen["location"] = []
    for code in (
        "location.href = '/thanks?by=location'", "location.assign('/thanks?by=assign')",
        "history.replaceState(null, '', '?by=pathname'), location.pathname = '/thanks'",
    ):  # fmt: skip
        await visitor.open("/index.html")
        await page.evaluate(f"() => {{ {code} }}")
        await page.wait_for_url("**/thanks?*")
        seen["location"].append(visitor.path)
    await visitor.open("/index.html")
    async with page.expect_popup() as opened:
        await page.evaluate("() => void window.open('/thanks?by=opened')")
    popup = await opened.value
    await popup.wait_for_url("**/thanks?*")
    seen["location"].append(visitor.plain(popup.url).removeprefix("U"))
    await page.locator("#home").wait_for()
    await page.evaluate("() => { location.href = 'thanks' }")
    await page.wait_for_url("**/thanks")
    await visitor.back()
    seen["back"] = visitor.path
    return seen
