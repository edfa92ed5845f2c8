"""Wagtail: a site as `wagtail start` makes it, its admin, the editor of a page."""

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry


async def _edit_a_page(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/admin/")
    seen: dict[str, Any] = {"login": visitor.path}
    await page.locator("#id_username").fill("ada")
    await page.locator("#id_password").fill("correct horse")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("link", name="Pages").or_(page.get_by_role("button", name="Pages")).first.wait_for()
    seen["admin"] = visitor.path
    await visitor.open("/admin/pages/3/edit/")
    title = page.locator("#id_title")
    await title.fill("A new title")
    await page.locator("footer [data-w-dropdown-target=toggle]").last.click()
    await page.locator("button[name='action-publish']").click()
    await page.locator(".messages .success").wait_for()
    seen["published"] = (await page.locator(".messages .success").inner_text()).split("\n")[0]
    await visitor.open("/admin/images/")
    await visitor.open("/")
    return {**seen, "site": await page.title()}


ENTRY = Entry(
    name="wagtail",
    python=("wagtail==8.0.1",),
    script=_edit_a_page,
    before=lambda place: [
        [place.program("wagtail"), "start", "site1", "."],
        [place.python, "manage.py", "migrate", "-v0"],
        [place.python, "manage.py", "createsuperuser", "--noinput", "--username", "ada", "--email", "a@example.com"],
    ],
    command=lambda place: [place.python, "manage.py", "runserver", "--noreload", "127.0.0.1:{port}"],
    variables={"DJANGO_SUPERUSER_PASSWORD": "correct horse"},
)
