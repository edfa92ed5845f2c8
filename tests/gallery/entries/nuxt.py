"""Nuxt, development server: pages by file, server routes, client navigation."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
<template><nav><NuxtLink to="/">Home</NuxtLink> <NuxtLink to="/things/1?x=2">Thing</NuxtLink></nav><NuxtPage /></template>
"""
HOME = """
<script setup>
const count = ref(0);
const { data } = await useFetch("/api/told");
const again = ref("");
</script>
<template>
  <main><h1>The shop</h1><p id="told">{{ data.told }}</p><p id="again">{{ again }}</p>
  <button @click="count++">Count {{ count }}</button>
  <button @click="$fetch('/api/told').then((answer) => (again = answer.told))">Ask</button>
  <button @click="navigateTo('/things/7')">Go</button></main>
</template>
"""
THING = "<template><h1>Thing {{ $route.params.id }}, {{ $route.query.x }}</h1></template>"


async def _shop(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/things/3?x=4")
    await page.get_by_role("heading", name="Thing 3, 4").wait_for()
    await page.wait_for_function("window.useNuxtApp?.().isHydrating === false")
    await page.get_by_role("link", name="Home").click()
    await page.get_by_role("heading", name="The shop").wait_for()
    seen: dict[str, Any] = {"home": visitor.path, "told": await page.locator("#told").inner_text()}
    await page.get_by_role("button", name="Count").click()
    await page.get_by_role("button", name="Count 1").wait_for()
    await page.get_by_role("button", name="Ask").click()
    await page.wait_for_function("document.querySelector('#again').textContent")
    seen["again"] = await page.locator("#again").inner_text()
    await page.get_by_role("button", name="Go").click()
    await page.get_by_role("heading", name="Thing 7").wait_for()
    seen["gone"] = visitor.path
    await visitor.reload()
    await page.get_by_role("heading", name="Thing 7").wait_for()
    await page.wait_for_function("window.useNuxtApp?.().isHydrating === false")
    await visitor.back()
    await page.get_by_role("heading", name="The shop").wait_for()
    return {**seen, "back": visitor.path}


ENTRY = Entry(
    name="nuxt",
    npm={"nuxt": "4.5.2", "vue": "^3.5.0", "vue-router": "^4.5.0"},
    script=_shop,
    files={
        "package.json": '{"name": "shop", "private": true, "type": "module"}',
        "nuxt.config.ts": 'export default defineNuxtConfig({ compatibilityDate: "2026-01-01", devtools: { enabled: false }, telemetry: false });',
        "app/app.vue": APP, "app/pages/index.vue": HOME, "app/pages/things/[id].vue": THING,
        "server/api/told.ts": "export default defineEventHandler((event) => ({ told: event.path }));",
    },
    command=lambda place: ["node", place.module("nuxt/bin/nuxt.mjs"), "dev", "--host", "127.0.0.1", "--port", "{port}", "--no-fork"],
    variables={"NUXT_TELEMETRY_DISABLED": "1"},
    wait=60,
)  # fmt: skip
