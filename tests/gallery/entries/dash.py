"""Dash: callbacks by fetch, pages by path, a lazily loaded chart."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import sys
from dash import Dash, Input, Output, dcc, html

app = Dash(__name__, title="Chart", suppress_callback_exceptions=True, update_title=None)
app.layout = html.Div([
    dcc.Location(id="place"), dcc.Link("First", href="/"), html.Span(" "), dcc.Link("Second", href="/second?x=1"), html.Div(id="page"),
])

@app.callback(Output("page", "children"), Input("place", "pathname"), Input("place", "search"))
def page(pathname, search):
    if pathname == "/":
        return [html.H1("First"), dcc.Input(id="name", value="Ada"), html.P(id="hello"), dcc.Graph(id="chart", figure={"data": [{"y": [1, 3, 2]}]})]
    return html.H1(f"Page {pathname}{search or ''}")

@app.callback(Output("hello", "children"), Input("name", "value"))
def hello(name):
    return f"Hello, {name}"

app.run(host="127.0.0.1", port=int(sys.argv[1]), debug=True, use_reloader=False)
"""


async def _use_callbacks(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/second?x=1")
    await page.get_by_role("heading", name="Page /second?x=1").wait_for()
    await page.get_by_role("link", name="First").click()
    await page.get_by_text("Hello, Ada").wait_for()
    await page.locator("#name").fill("Grace")
    await page.get_by_text("Hello, Grace").wait_for()
    await page.locator("#chart .main-svg").first.wait_for()
    seen = {"first": visitor.path, "title": await page.title()}
    await page.get_by_role("link", name="Second").click()
    await page.get_by_role("heading", name="Page /second").wait_for()
    await visitor.reload()
    await page.get_by_role("heading", name="Page /second?x=1").wait_for()
    await visitor.back()
    await page.get_by_role("heading", name="First").wait_for()
    return {**seen, "back": visitor.path}


ENTRY = Entry(
    name="dash",
    python=("dash==4.4.1",),
    script=_use_callbacks,
    files={"app.py": APP},
    command=lambda place: [place.python, "app.py", "{port}"],
)
