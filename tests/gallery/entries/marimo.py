"""marimo: a notebook whose cells run as its widgets change, over a WebSocket."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    number = mo.ui.number(start=0, stop=100, value=3, label="Number")
    number
    return mo, number


@app.cell
def _(mo, number):
    mo.md(f"## Twice {number.value} is {2 * number.value}")
    return


if __name__ == "__main__":
    app.run()
"""


async def _change_a_number(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/")
    await page.get_by_role("heading", name="Twice 3 is 6").wait_for()
    field = page.locator("marimo-number input").first
    await field.fill("21")
    await field.press("Enter")
    await page.get_by_role("heading", name="Twice 21 is 42").wait_for()
    return {"title": await page.title(), "path": visitor.path}


ENTRY = Entry(
    name="marimo",
    python=("marimo==0.25.2",),
    script=_change_a_number,
    files={"app.py": APP},
    command=lambda place: [
        place.program("marimo"), "-y", "run", "app.py", "--host", "127.0.0.1", "--port", "{port}", "--headless", "--no-token",
    ],
)  # fmt: skip
