"""Panel on Bokeh: widgets and a plot, kept in step with the server by a WebSocket."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import panel as pn
from bokeh.plotting import figure

pn.extension()
number = pn.widgets.IntSlider(name="Number", start=0, end=10, value=3)
plot = figure(width=300, height=200)
plot.line([1, 2, 3], [1, 3, 2])
pn.Column("# Sliders", number, pn.bind(lambda n: pn.pane.Markdown(f"Twice {n} is {2 * n}"), number), plot).servable(title="Sliders")
"""


async def _move(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/app")
    await page.get_by_text("Twice 3 is 6").wait_for()
    await page.locator(".noUi-handle").focus()
    await page.keyboard.press("ArrowRight")
    await page.get_by_text("Twice 4 is 8").wait_for()
    await page.locator(".bk-Figure canvas").first.wait_for()
    seen = {"title": await page.title(), "path": visitor.path}
    await visitor.open("/")
    return {**seen, "root": visitor.path}


ENTRY = Entry(
    name="panel",
    python=("panel==1.8.*",),
    script=_move,
    files={"app.py": APP},
    command=lambda place: [
        place.program("panel"), "serve", "app.py", "--address", "127.0.0.1", "--port", "{port}",
    ],
)  # fmt: skip
