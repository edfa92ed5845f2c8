"""Angular, development server: the router with `<base href="/">`, a lazy route, a reload after an edit."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

WORKSPACE = {
    "version": 1,
    "cli": {"analytics": False},
    "projects": {"shop": {
        "projectType": "application", "root": "", "sourceRoot": "src",
        "architect": {
            "build": {"builder": "@angular/build:application", "options": {
                "browser": "src/main.ts", "index": "src/index.html", "tsConfig": "tsconfig.json", "outputPath": "dist",
                "styles": ["src/style.css"], "assets": [{"glob": "**/*", "input": "public"}],
                "optimization": False, "preserveSymlinks": True,
            }},
            "serve": {"builder": "@angular/build:dev-server", "options": {"buildTarget": "shop:build", "prebundle": False}},
        },
    }},
}  # fmt: skip
TYPESCRIPT = {
    "compilerOptions": {
        "target": "ES2022", "module": "preserve", "moduleResolution": "bundler", "strict": True, "skipLibCheck": True,
        "experimentalDecorators": True, "preserveSymlinks": True,
    },
    "files": ["src/main.ts"],
}  # fmt: skip
INDEX = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Shop</title><base href="/">
<link rel="icon" href="picture.svg"></head><body><app-root></app-root></body></html>
"""
MAIN = """
import { Component, inject, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { HttpClient, provideHttpClient } from "@angular/common/http";
import { ActivatedRoute, provideRouter, RouterLink, RouterOutlet } from "@angular/router";

@Component({ selector: "app-home", template: `
  <h1>The shop</h1><button (click)="count.set(count() + 1)">Count {{ count() }}</button>
  <button (click)="ask()">Ask</button><p id="told">{{ told() }}</p><img id="picture" src="picture.svg" alt="">` })
class Home {
  count = signal(0);
  told = signal("");
  private http = inject(HttpClient);
  ask() { this.http.get<{ told: string }>("/told.json").subscribe((answer) => this.told.set(answer.told)); }
}
@Component({ selector: "app-thing", template: `<h1>Thing {{ route.snapshot.params["id"] }}, {{ route.snapshot.queryParams["x"] }}</h1>` })
class Thing { route = inject(ActivatedRoute); }
@Component({ selector: "app-root", imports: [RouterLink, RouterOutlet], template: `
  <nav><a routerLink="/">Home</a> <a routerLink="/things/1" [queryParams]="{ x: 2 }">Thing</a> <a routerLink="/late">Late</a></nav><router-outlet />` })
class App {}

bootstrapApplication(App, { providers: [provideHttpClient(), provideRouter([
  { path: "", component: Home }, { path: "things/:id", component: Thing },
  { path: "late", loadComponent: () => import("./late").then((module) => module.Late) },
])] });
"""
LATE = """
import { Component } from "@angular/core";
@Component({ selector: "app-late", template: "<h1>Loaded late</h1>" })
export class Late {}
"""
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
    await page.get_by_role("button", name="Count").click()
    await page.get_by_role("button", name="Count 1").wait_for()
    await page.get_by_role("button", name="Ask").click()
    await page.wait_for_function("document.querySelector('#told').textContent")
    seen["picture"] = await page.locator("#picture").evaluate("image => image.decode().then(() => image.naturalWidth)")
    await page.get_by_role("link", name="Late").click()
    await page.get_by_role("heading", name="Loaded late").wait_for()
    seen["late"] = visitor.path
    await visitor.reload()
    await page.get_by_role("heading", name="Loaded late").wait_for()
    await visitor.back()
    await page.get_by_role("heading", name="The shop").wait_for()
    return {**seen, "back": visitor.path}


def _server(options: list[str | Path]) -> list[str | Path]:
    return [*options, "serve", "--host", "127.0.0.1", "--port", "{port}", "--live-reload"]


ENTRY = Entry(
    name="angular",
    npm={
        **{f"@angular/{part}": "^20.0.0" for part in
           ("build", "cli", "common", "compiler", "compiler-cli", "core", "platform-browser", "router")},
        "rxjs": "^7.8.0", "typescript": "~5.8.0", "zone.js": "^0.15.0", "tslib": "^2.8.0",
    },
    script=_shop,
    files={
        "package.json": '{"name": "shop", "private": true}', "angular.json": json.dumps(WORKSPACE),
        "tsconfig.json": json.dumps(TYPESCRIPT), "src/index.html": INDEX,
        "src/main.ts": 'import "zone.js";\n' + MAIN, "src/late.ts": LATE,
        "src/style.css": "h1 { color: teal }", "public/picture.svg": PICTURE, "public/told.json": '{"told": "something"}',
    },
    command=lambda place: _server(["node", place.module("@angular/cli/bin/ng.js")]),
    variables={"NG_CLI_ANALYTICS": "false", "CI": "1"},
    seconds=120,
)  # fmt: skip
