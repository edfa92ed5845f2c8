"""Streamlit: every change of a widget goes to the server by WebSocket, and the page comes back the same way."""

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import streamlit as st

st.set_page_config(page_title="Sliders")
st.title("Sliders")
number = st.slider("Number", 0, 10, 3)
st.write(f"Twice {number} is {2 * number}")
name = st.text_input("Name")
if name:
    st.write(f"Hello, {name}")
st.line_chart([1, number, 2])
uploaded = st.file_uploader("File")
if uploaded:
    st.write(f"{uploaded.size} bytes")
st.download_button("Download", "some text", "notes.txt")
st.page_link("pages/second.py", label="To the second page")
"""
SECOND = """
import streamlit as st

st.title("The second page")
"""


async def _move_widgets(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/")
    await page.get_by_text("Twice 3 is 6").wait_for()
    await page.get_by_role("slider").focus()
    await page.keyboard.press("ArrowRight")
    await page.get_by_text("Twice 4 is 8").wait_for()
    await page.get_by_label("Name").fill("Ada")
    await page.keyboard.press("Enter")
    await page.get_by_text("Hello, Ada").wait_for()
    # More than an event of the function on AWS carries.
    await page.locator("input[type=file]").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"12345" * 1_200_000}
    )
    await page.get_by_text("6000000 bytes").wait_for()
    await (
        page.locator("[data-testid=stVegaLiteChart] canvas")
        .or_(page.locator("[data-testid=stVegaLiteChart] svg"))
        .first.wait_for()
    )
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download", exact=True).click()
    saved = await (await download.value).path()
    seen = {"title": await page.title(), "saved": saved.read_text(), "path": visitor.path}
    await page.get_by_role("link", name="To the second page").click()
    await page.get_by_role("heading", name="The second page").wait_for()
    seen["second"] = visitor.path
    await visitor.reload()
    await page.get_by_role("heading", name="The second page").wait_for()
    await visitor.back()
    await page.get_by_role("heading", name="Sliders").wait_for()
    return {**seen, "back": visitor.path}


ENTRY = Entry(
    name="streamlit",
    python=("streamlit==1.67.0",),
    script=_move_widgets,
    files={"app.py": APP, "pages/second.py": SECOND},
    command=lambda place: [
        place.program("streamlit"), "run", "app.py", "--server.port={port}", "--server.address=127.0.0.1",
        "--server.headless=true", "--browser.gatherUsageStats=false",
    ],
)  # fmt: skip
