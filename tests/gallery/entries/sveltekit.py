"""SvelteKit, development server: load functions, form actions with enhancement, client navigation."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">%sveltekit.head%</head>
<body data-sveltekit-preload-data="hover"><div style="display: contents">%sveltekit.body%</div></body></html>
"""
LAYOUT = """
<script>let { children } = $props();</script>
<nav><a href="/">Home</a> <a href="/things/1?x=2">Thing</a> <a href="/form">Form</a></nav>
{@render children()}
"""
HOME = """
<script>
  import { goto } from "$app/navigation";
  import { page } from "$app/state";
  let count = $state(0), told = $state("");
</script>
<h1>The shop</h1>
<p id="path">{page.url.pathname}</p>
<button onclick={() => count++}>Count {count}</button>
<button onclick={async () => (told = (await (await fetch("/told")).json()).told)}>Ask</button>
<button onclick={() => goto("/things/7")}>Go</button>
<p id="told">{told}</p>
"""
THING = "<script>let { data } = $props();</script><h1>Thing {data.id}, {data.x}</h1>"
LOAD = "export const load = ({ params, url }) => ({ id: params.id, x: url.searchParams.get('x') });"
FORM = """
<script>
  import { enhance } from "$app/forms";
  let { form } = $props();
</script>
<form method="post" use:enhance><input name="number" aria-label="Number"><button>Send</button></form>
<p id="result">{form?.number ?? ""}</p>
"""
ACTION = (
    "export const actions = { default: async ({ request }) => ({ number: (await request.formData()).get('number') }) };"
)
TOLD = "export const GET = ({ url }) => Response.json({ told: url.pathname });"


async def _shop(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/things/3?x=4")
    await page.get_by_role("heading", name="Thing 3, 4").wait_for()
    await page.wait_for_load_state("networkidle")
    await page.get_by_role("link", name="Home").click()
    await page.get_by_role("heading", name="The shop").wait_for()
    seen: dict[str, Any] = {"home": visitor.path, "path": await page.locator("#path").inner_text()}
    await page.get_by_role("button", name="Count").click()
    await page.get_by_role("button", name="Count 1").wait_for()
    await page.get_by_role("button", name="Ask").click()
    await page.wait_for_function("document.querySelector('#told').textContent")
    seen["told"] = await page.locator("#told").inner_text()
    await page.get_by_role("button", name="Go").click()
    await page.get_by_role("heading", name="Thing 7").wait_for()
    seen["gone"] = visitor.path
    await visitor.reload()
    await page.get_by_role("heading", name="Thing 7").wait_for()
    await page.wait_for_load_state("networkidle")
    await visitor.back()
    await page.get_by_role("heading", name="The shop").wait_for()
    await page.get_by_role("link", name="Form").click()
    await page.get_by_label("Number").fill("9")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_function("document.querySelector('#result').textContent === '9'")
    return {**seen, "form": visitor.path}


ENTRY = Entry(
    name="sveltekit",
    npm={"@sveltejs/kit": "^2.20.0", "@sveltejs/vite-plugin-svelte": "^6.0.0", "svelte": "^5.50.0", "vite": "^7.0.0"},
    script=_shop,
    files={
        "package.json": '{"name": "shop", "private": true, "type": "module"}',
        "vite.config.js": 'import { sveltekit } from "@sveltejs/kit/vite"; export default { plugins: [sveltekit()] };',
        "src/app.html": HTML, "src/routes/+layout.svelte": LAYOUT, "src/routes/+page.svelte": HOME,
        "src/routes/things/[id]/+page.svelte": THING, "src/routes/things/[id]/+page.server.js": LOAD,
        "src/routes/form/+page.svelte": FORM, "src/routes/form/+page.server.js": ACTION, "src/routes/told/+server.js": TOLD,
    },
    command=lambda place: ["node", place.module("vite/bin/vite.js"), "dev", "--host", "127.0.0.1", "--port", "{port}", "--strictPort"],
    wait=40,
)  # fmt: skip
