"""JupyterLab: open a notebook from the launcher and run a cell, whose result comes over the kernel's WebSocket."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry


async def _run_a_cell(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/lab")
    await page.locator(".jp-LauncherCard[data-category=Notebook]").first.click()
    cell = page.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").first
    await cell.wait_for()
    await page.locator(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    await cell.click()
    await page.keyboard.insert_text("from IPython.display import HTML; HTML('<b id=answer>%d</b>' % (6 * 7))")
    await page.keyboard.press("Shift+Enter")
    await page.locator("#answer").wait_for()
    seen = {"answer": await page.locator("#answer").inner_text(), "path": visitor.path, "title": await page.title()}
    await page.keyboard.press("Control+S")
    await page.locator(".jp-Dialog .jp-mod-accept").click()  # it asks for a name
    await page.locator(".jp-mod-dirty").wait_for(state="detached")
    await visitor.open("/lab/tree/Untitled.ipynb?reset")
    await page.locator(".jp-OutputArea-output b", has_text="42").wait_for()
    seen["tab"] = await page.locator(".lm-TabBar-tab.jp-mod-current .lm-TabBar-tabLabel").first.inner_text()
    await page.get_by_role("menuitem", name="Settings").click()
    await page.locator("[data-command='settingeditor:open']").click()
    await page.locator(".jp-SettingsPanel").wait_for()
    return {**seen, "files": await page.locator(".jp-DirListing-itemName").all_inner_texts()}


ENTRY = Entry(
    name="jupyterlab",
    python=("jupyterlab==4.6.6", "ipykernel"),
    script=_run_a_cell,
    command=lambda place: [
        place.program("jupyter-lab"), "--no-browser", "--ip=127.0.0.1", "--port={port}", "--allow-root",
        "--IdentityProvider.token=", "--ServerApp.port_retries=0", "--LabApp.news_url=None", f"--ServerApp.root_dir={place.folder}/work",
    ],
    files={"work/readme.txt": "A folder for notebooks."},
)  # fmt: skip
