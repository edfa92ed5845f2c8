"""Node-RED: the editor of flows, an import of a flow, and its deployment, after which the flow answers."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

import json
from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

FLOW = json.dumps([
    {"id": "a1", "type": "http in", "z": "", "name": "", "url": "/hello", "method": "get", "x": 150, "y": 80, "wires": [["a2"]]},
    {"id": "a2", "type": "template", "z": "", "name": "", "field": "payload", "fieldType": "msg", "syntax": "plain",
     "template": "Hello from the flow", "x": 320, "y": 80, "wires": [["a3"]]},
    {"id": "a3", "type": "http response", "z": "", "name": "", "statusCode": "", "headers": {}, "x": 480, "y": 80, "wires": []},
])  # fmt: skip
SETTINGS = "module.exports = { editorTheme: { tours: false }, telemetry: { enabled: false } };"


async def _deploy_a_flow(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/")
    await page.locator(".red-ui-palette-node").first.wait_for()
    await page.locator("#red-ui-loading-progress").wait_for(state="hidden")
    seen: dict[str, Any] = {"title": await page.title()}
    await page.keyboard.press("Control+i")
    field = page.locator("#red-ui-clipboard-dialog-import-text")
    await field.fill(FLOW)
    await page.wait_for_timeout(300)  # the dialog looks at the text when a key comes, but not while it opens
    await field.press("End")
    await field.press("Space")
    await page.locator("#red-ui-clipboard-dialog-ok").click()
    await page.mouse.move(600, 400)
    await page.mouse.click(600, 400)
    await page.locator("#red-ui-header-button-deploy").click()
    await page.get_by_text("Successfully deployed").wait_for()
    seen["nodes"] = await page.locator(".red-ui-flow-node").count()
    seen["answer"] = await page.evaluate("fetch('/hello').then((answer) => answer.text())")
    await page.locator(".red-ui-flow-node", has_text="template").dblclick()
    await page.locator("#node-dialog-ok").wait_for()
    await page.locator(".ace_content:visible, .monaco-editor:visible").first.wait_for()
    await page.locator("#node-dialog-cancel").click()
    return {**seen, "path": visitor.path.split("#")[0]}


ENTRY = Entry(
    name="node-red",
    npm={"node-red": "5.0.7"},
    script=_deploy_a_flow,
    files={"settings.js": SETTINGS},
    command=lambda place: [
        "node", place.module("node-red/red.js"), "--port", "{port}", "--userDir", place.folder, "--settings", "settings.js",
    ],
)  # fmt: skip
