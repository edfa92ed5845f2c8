"""Next.js, development server with the app router: server components, client navigation, an action, an edit."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

LAYOUT = """
import Link from "next/link";
import "./style.css";
export const metadata = { title: "Shop" };
export default function Layout({ children }) {
  return <html lang="en"><body>
    <nav><Link href="/">Home</Link> <Link href="/things/1?x=2">Thing</Link> <Link href="/form">Form</Link></nav>
    {children}
  </body></html>;
}
"""
HOME = """
import Counter from "./Counter";
export default function Home() {
  return <main><h1>The shop</h1><Counter /></main>;
}
"""
COUNTER = """
"use client";
import Image from "next/image";
import { useState } from "react";
import { usePathname, useRouter } from "next/navigation";
import dynamic from "next/dynamic";
const Late = dynamic(() => import("./Late"), { ssr: false });
export default function Counter() {
  const [count, setCount] = useState(0);
  const [told, setTold] = useState("");
  const router = useRouter();
  return <>
    <p id="path">{usePathname()}</p>
    <Image id="picture" src="/picture.svg" alt="" width={20} height={20} unoptimized priority />
    <button onClick={() => setCount(count + 1)}>Count {count}</button>
    <button onClick={async () => setTold((await (await fetch("/api/told")).json()).told)}>Ask</button>
    <button onClick={() => router.push("/things/7")}>Go</button>
    <p id="told">{told}</p>
    <Late />
  </>;
}
"""
LATE = 'export default function Late() { return <p id="late">Loaded late</p>; }'
THING = """
export default async function Thing({ params, searchParams }) {
  return <h1>Thing {(await params).id}, {(await searchParams).x ?? "none"}</h1>;
}
"""
FORM = """
import { redirect } from "next/navigation";
async function send(data) { "use server"; redirect("/things/" + data.get("number")); }
export default function Form() {
  return <form action={send}><input name="number" aria-label="Number" /><button>Send</button></form>;
}
"""
API = "export const GET = (request) => Response.json({ told: new URL(request.url).pathname });"
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="teal"/></svg>'
)


async def _shop(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/things/3?x=4")
    await page.get_by_role("heading", name="Thing 3, 4").wait_for()
    await page.get_by_role("link", name="Home").click()
    await page.get_by_role("heading", name="The shop").wait_for()
    seen: dict[str, Any] = {"home": visitor.path}
    await page.locator("#late").wait_for()
    await page.get_by_role("button", name="Count").click()
    await page.get_by_role("button", name="Count 1").wait_for()
    seen["path"] = await page.locator("#path").inner_text()
    await page.get_by_role("button", name="Ask").click()
    await page.wait_for_function("document.querySelector('#told').textContent")
    seen["told"] = await page.locator("#told").inner_text()
    seen["picture"] = await page.locator("#picture").evaluate("image => image.decode().then(() => image.naturalWidth)")
    await page.get_by_role("button", name="Go").click()
    await page.get_by_role("heading", name="Thing 7").wait_for()
    seen["gone"] = visitor.path
    await visitor.reload()
    await page.get_by_role("heading", name="Thing 7").wait_for()
    await visitor.back()
    await page.get_by_role("heading", name="The shop").wait_for()
    await page.get_by_role("link", name="Form").click()
    await page.get_by_label("Number").fill("9")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_role("heading", name="Thing 9").wait_for()
    return {**seen, "sent": visitor.path}


ENTRY = Entry(
    name="next",
    npm={"next": "16.4.6", "react": "^19.2.0", "react-dom": "^19.2.0"},
    script=_shop,
    files={
        "package.json": '{"name": "shop", "private": true}',
        "app/layout.jsx": LAYOUT, "app/page.jsx": HOME, "app/Counter.jsx": COUNTER, "app/Late.jsx": LATE,
        "app/things/[id]/page.jsx": THING, "app/form/page.jsx": FORM, "app/api/told/route.js": API,
        "app/style.css": "body { background: url(/picture.svg) no-repeat right }", "public/picture.svg": PICTURE,
    },
    command=lambda place: ["node", place.module("next/dist/bin/next"), "dev", "--webpack", "-H", "127.0.0.1", "-p", "{port}"],
    variables={"NEXT_TELEMETRY_DISABLED": "1"},
    wait=60,
)  # fmt: skip
