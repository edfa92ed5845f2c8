"""NiceGUI: Vue and Quasar modules by an import map of its own, everything else over socket.io."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import sys
from nicegui import ui

@ui.page("/")
def home():
    ui.label("Welcome").classes("text-h4")
    name = ui.input("Name")
    greeting = ui.label()
    ui.button("Greet", on_click=lambda: greeting.set_text(f"Hello, {name.value}"))
    ui.link("Second", "/second/2")
    ui.button("Go", on_click=lambda: ui.navigate.to("/second/3"))
    ui.echart({"xAxis": {"type": "category"}, "yAxis": {}, "series": [{"type": "bar", "data": [1, 2]}]}).classes("chart")
    ui.markdown("**bold**")

@ui.page("/second/{number}")
def second(number: int):
    ui.label(f"Second {number}")

ui.run(host="127.0.0.1", port=int(sys.argv[1]), title="Gui", show=False, reload=False)
"""


async def _click(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/")
    await page.get_by_text("Welcome").wait_for()
    await page.get_by_label("Name").fill("Ada")
    await page.get_by_role("button", name="Greet").click()
    await page.get_by_text("Hello, Ada").wait_for()
    await page.locator(".chart canvas, .chart svg").first.wait_for()
    await page.get_by_role("link", name="Second").click()
    await page.get_by_text("Second 2").wait_for()
    seen = {"second": visitor.path, "title": await page.title()}
    await visitor.back()
    await page.get_by_role("button", name="Go").click()
    await page.get_by_text("Second 3").wait_for()
    await visitor.reload()
    await page.get_by_text("Second 3").wait_for()
    return {**seen, "third": visitor.path}


ENTRY = Entry(
    name="nicegui",
    python=("nicegui==3.18.0",),
    script=_click,
    files={"app.py": APP},
    command=lambda place: [place.python, "app.py", "{port}"],
)
