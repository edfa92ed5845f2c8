"""Jupyter Notebook 7: the tree, a notebook in a tab of its own, a cell."""

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry
from tests.gallery.notebooks import run_first_cell


async def _run_a_cell(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/tree")
    await page.get_by_text("readme.txt").wait_for()
    await page.get_by_text("New", exact=True).first.click()
    async with page.expect_popup() as opened:
        await page.locator("[data-command='notebook:create-new']").first.click()
    notebook = await opened.value
    await run_first_cell(notebook, "6 * 7", notebook.locator(".jp-OutputArea-output", has_text="42").first)
    return {"path": visitor.path, "notebook": visitor.plain(notebook.url), "title": await notebook.title()}


ENTRY = Entry(
    name="notebook",
    python=("notebook==7.6.5", "ipykernel"),
    script=_run_a_cell,
    files={"work/readme.txt": "A folder for notebooks."},
    command=lambda place: [
        place.program("jupyter-notebook"), "--no-browser", "--ip=127.0.0.1", "--port={port}", "--allow-root",
        "--IdentityProvider.token=", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={place.folder}/work",
    ],
)  # fmt: skip
