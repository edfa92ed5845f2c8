"""Storybook: a manager around an iframe with the stories, which speak by messages; its path goes in a query."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

MAIN = """
export default {
  stories: ["../src/*.stories.js"], framework: "@storybook/html-vite", staticDirs: ["../public"],
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
};
"""
STORIES = """
export default { title: "Shop/Button", args: { label: "Buy" }, render: ({ label }) => {
  const button = document.createElement("button");
  button.innerHTML = `<img src="/picture.svg" alt=""> ${label}`;
  return button;
} };
export const Plain = {};
export const Loud = { args: { label: "BUY" } };
"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="teal"/></svg>'
)


async def _look(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/?path=/story/shop-button--plain")
    story = page.frame_locator("#storybook-preview-iframe")
    await story.get_by_role("button", name="Buy").wait_for()
    seen: dict[str, Any] = {
        "picture": await story.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    }
    await page.locator("#shop-button--loud").click()
    await story.get_by_role("button", name="BUY").wait_for()
    seen["loud"] = visitor.path
    await page.get_by_role("tab", name="Controls").click()
    await page.locator("#control-label").fill("Sell")
    await story.get_by_role("button", name="Sell").wait_for()
    await page.wait_for_url("**args=label:Sell**")
    await visitor.reload()
    await story.get_by_role("button", name="Sell").wait_for()
    return {**seen, "sell": visitor.path}


ENTRY = Entry(
    name="storybook",
    npm={"storybook": "^10.0.0", "@storybook/html-vite": "^10.0.0", "vite": "^7.0.0"},
    script=_look,
    files={
        "package.json": '{"name": "shop", "private": true, "type": "module"}',
        ".storybook/main.js": MAIN,
        "src/button.stories.js": STORIES,
        "public/picture.svg": PICTURE,
    },
    command=lambda place: [
        "node", place.module("storybook/dist/bin/dispatcher.js"), "dev", "--host", "127.0.0.1", "--port", "{port}", "--ci",
        "--exact-port",
    ],
    variables={"STORYBOOK_DISABLE_TELEMETRY": "1"},
)  # fmt: skip
