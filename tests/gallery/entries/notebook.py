"""Jupyter Notebook 7: the tree, a notebook in a tab of its own, a cell."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, TimeoutError

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry


async def _run(notebook: Page, code: str, answer: str, tries: int = 6) -> None:
    """Run the first cell until it answers: what is typed before it is restored is lost with its cell."""
    cell = notebook.locator(".jp-CodeCell .cm-content").first
    await cell.fill(code)
    await cell.press("Shift+Enter")
    try:
        await notebook.locator(".jp-OutputArea-output", has_text=answer).first.wait_for(timeout=5000)
    except TimeoutError:
        if tries == 1:
            raise
        await _run(notebook, code, answer, tries - 1)


async def _run_a_cell(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/tree")
    await page.get_by_text("readme.txt").wait_for()
    await page.get_by_text("New", exact=True).first.click()
    async with page.expect_popup() as opened:
        await page.locator("[data-command='notebook:create-new']").first.click()
    notebook = await opened.value
    await notebook.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    await _run(notebook, "6 * 7", "42")
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
