"""Django's admin: redirects, a session, CSRF, pop-up windows, calendars, and forms that lead on."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.conftest import SameBothWays
from tests.apps.servers import Server, running
from tests.apps.visit import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

FOLDER = Path(__file__).with_name("django_admin")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    environment = {"DATABASE": str(tmp_path / "db.sqlite3"), "PYTHONDONTWRITEBYTECODE": "1", "DJANGO_COLORS": "nocolor"}
    command = [sys.executable, "serve.py", "{port}"]
    async with running(command, tmp_path / "log", directory=FOLDER, environment=environment) as server:
        yield server


async def test_a_day_in_the_admin(server: Server, same_both_ways: SameBothWays) -> None:
    _, tunnelled = await same_both_ways(server, _keep_the_library)
    seen = tunnelled.seen
    assert seen["asked for"] == "/admin/login/?next=/admin/library/book"
    assert seen["refused"].startswith("Please enter the correct username")
    assert seen["books"] == ["The Castle"]
    assert seen["after"] == 0
    assert seen["logged out"] == "/admin/logout/"
    assert seen["session left"] == ["csrftoken"]


async def _keep_the_library(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    seen: dict[str, Any] = {}
    await visitor.open("/admin/library/book")
    seen["asked for"] = visitor.path
    for password, result in (("wrong", ".errornote"), ("correct horse", "#changelist")):
        await page.get_by_label("Username").fill("ada")
        await page.get_by_label("Password").fill(password)
        await page.get_by_role("button", name="Log in").click()
        await page.locator(result).wait_for()
        seen.setdefault("refused", (await page.locator(".errornote, #content h1").first.inner_text()).strip())
    seen["list"] = visitor.path

    await page.get_by_role("link", name="Add book").click()
    await page.get_by_label("Title").fill("The Castle")
    async with page.expect_popup() as opened:
        await page.locator("#add_id_author").click()
    popup = await opened.value
    await popup.get_by_label("Name").fill("Franz Kafka")
    async with popup.expect_event("close"):
        await popup.get_by_role("button", name="Save").click()
    seen["author"] = await page.locator("#id_author option:checked").inner_text()
    await page.locator("#calendarlink0").click()
    seen["month"] = len(await page.locator("#calendarin0 td a").all()) > 27
    await page.locator(".calendar-cancel a").first.click()
    await page.get_by_label("Published").fill("1926-11-24")
    await page.get_by_role("button", name="Save and continue editing").click()
    seen["saved"] = await page.locator(".messagelist").inner_text()
    await page.get_by_role("link", name="History").click()
    await page.locator("#change-history").wait_for()

    await visitor.open("/admin/library/book/")
    await page.locator("#searchbar").fill("castle")
    await page.get_by_role("button", name="Search").click()
    await page.wait_for_url("**/?q=castle")
    seen["books"] = await page.locator("#result_list th.field-title").all_inner_texts()
    await (
        page.get_by_role("link", name="Published", exact=True).or_(page.get_by_role("link", name="Sort")).first.click()
    )
    await page.wait_for_url("**o=3**")
    seen["sorted"] = visitor.path

    await visitor.open("/admin/library/author/")
    await page.locator("input.action-select").first.check()
    await page.locator("select[name=action]").select_option("delete_selected")
    await page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    await page.get_by_role("button", name="Yes").click()
    await page.locator(".messagelist").wait_for()
    seen["after"] = await page.locator("#result_list tbody tr").count()
    seen["theme"] = await page.evaluate("document.documentElement.dataset.theme")
    await page.get_by_role("button", name="Toggle theme").click()
    seen["theme then"] = await page.evaluate("[document.documentElement.dataset.theme, localStorage.theme]")
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_text("Logged out").wait_for()
    seen["logged out"] = visitor.path
    seen["session left"] = sorted(cookie["name"] for cookie in await page.context.cookies(visitor.base + "/"))
    return seen
