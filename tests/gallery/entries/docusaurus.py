"""Docusaurus, development server: React with routes, a banner that shows when the base URL is wrong."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

CONFIG = """
module.exports = {
  title: "Handbook", url: "https://example.com", baseUrl: "/", onBrokenLinks: "throw",
  presets: [["@docusaurus/preset-classic", { docs: { routeBasePath: "docs", sidebarPath: require.resolve("./sidebars.js") }, blog: false, theme: {} }]],
  themeConfig: { navbar: { title: "Handbook", logo: { src: "picture.svg" }, items: [{ type: "doc", docId: "birds", label: "Birds" }] } },
};
"""
HOME = """
import React from "react";
import Layout from "@theme/Layout";
import Link from "@docusaurus/Link";
export default function Home() {
  return <Layout title="Home"><main><h1>Welcome</h1><Link to="/docs/birds">Birds of the lake</Link></main></Layout>;
}
"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="teal"/></svg>'
)


async def _read(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/docs/birds")
    await page.get_by_role("heading", name="Birds", exact=True).wait_for()
    seen: dict[str, Any] = {"title": await page.title(), "sidebar": await page.locator(".menu__link").all_inner_texts()}
    await page.locator(".menu__link", has_text="Fish").click()
    await page.get_by_role("heading", name="Fish").wait_for()
    seen["fish"] = visitor.path
    await page.locator(".navbar__brand").click()
    await page.get_by_role("heading", name="Welcome").wait_for()
    seen["home"] = visitor.path
    await page.get_by_role("link", name="Birds of the lake").click()
    await page.get_by_role("heading", name="Birds", exact=True).wait_for()
    await visitor.reload()
    await page.get_by_role("heading", name="Birds", exact=True).wait_for()
    await visitor.back()
    await page.get_by_role("heading", name="Welcome").wait_for()
    return {**seen, "back": visitor.path, "banner": await page.locator("#__docusaurus-base-url-issue-banner").count()}


ENTRY = Entry(
    name="docusaurus",
    npm={"@docusaurus/core": "3.10.2", "@docusaurus/preset-classic": "3.10.2", "react": "^19.0.0", "react-dom": "^19.0.0"},
    script=_read,
    files={
        "package.json": '{"name": "handbook", "private": true}', "docusaurus.config.js": CONFIG,
        "sidebars.js": 'module.exports = { docs: ["birds", "fish"] };', "src/pages/index.js": HOME,
        "docs/birds.md": "# Birds\n\nSee [fish](./fish.md).\n", "docs/fish.md": "# Fish\n\nFish swim.\n",
        "static/picture.svg": PICTURE,
    },
    command=lambda place: [
        "node", place.module("@docusaurus/core/bin/docusaurus.mjs"), "start", "--host", "127.0.0.1", "--port", "{port}", "--no-open",
    ],
    variables={"DISABLE_UPDATE_NOTIFIER": "1"},
    seconds=120,
)  # fmt: skip
