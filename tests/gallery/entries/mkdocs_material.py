"""MkDocs with Material: instant navigation, and the search in a worker."""

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

CONFIG = """
site_name: Handbook
theme:
  name: material
  font: false
  features: [navigation.instant, navigation.tabs, search.suggest, search.highlight]
  palette:
    - {scheme: default, toggle: {icon: material/weather-night, name: Dark}}
    - {scheme: slate, toggle: {icon: material/weather-sunny, name: Light}}
"""


async def _search(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/")
    await page.get_by_role("heading", name="Welcome").wait_for()
    await page.get_by_placeholder("Search").click()
    await page.get_by_placeholder("Search").press_sequentially("pelican")
    result = page.locator(".md-search-result__link").first
    await result.wait_for()
    seen: dict[str, Any] = {"results": await page.locator(".md-search-result__item h1").all_inner_texts()}
    await result.click()
    await page.wait_for_url("**/birds/**")
    await page.get_by_role("heading", name="Birds", exact=True).wait_for()
    seen["found"] = [visitor.path, await page.locator("mark").first.inner_text()]
    await page.keyboard.press("Escape")
    await page.locator(".md-tabs").get_by_role("link", name="Fish").click()
    await page.get_by_role("heading", name="Fish").wait_for()
    seen["fish"] = [visitor.path, await page.title()]
    await visitor.back()
    await page.get_by_role("heading", name="Birds", exact=True).wait_for()
    await page.locator("label[title=Dark]").click()
    seen["scheme"] = await page.locator("body").get_attribute("data-md-color-scheme")
    await visitor.reload()
    await page.get_by_role("heading", name="Birds", exact=True).wait_for()
    return {**seen, "scheme then": await page.locator("body").get_attribute("data-md-color-scheme"), "at": visitor.path}


ENTRY = Entry(
    name="mkdocs-material",
    python=("mkdocs-material==9.8.1",),
    script=_search,
    files={
        "mkdocs.yml": CONFIG,
        "docs/index.md": "# Welcome\n\nSee [birds](birds.md).\n",
        "docs/birds.md": "# Birds\n\nA pelican eats fish.\n\n## More birds\n\nThe heron waits.\n",
        "docs/fish.md": "# Fish\n\nFish swim.\n",
    },
    command=lambda place: [place.program("mkdocs"), "serve", "--dev-addr", "127.0.0.1:{port}"],
)
