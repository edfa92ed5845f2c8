"""Vue with vue-router on webpack's development server, as Vue CLI and Create React App set it up."""

# ruff: noqa: E501 - the sources of the app

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

CONFIG = """
const path = require("path");
module.exports = {
  mode: "development", entry: "./src/main.js", devtool: "eval-cheap-module-source-map",
  output: { path: path.resolve("dist"), publicPath: "/", filename: "js/[name].js", chunkFilename: "js/[name].js", assetModuleFilename: "img/[hash][ext]" },
  resolve: { alias: { vue: "vue/dist/vue.esm-bundler.js" }, symlinks: true },
  module: { rules: [{ test: /\\.svg$/, type: "asset/resource" }, { test: /\\.css$/, use: ["style-loader", "css-loader"] }] },
  plugins: [new (require("html-webpack-plugin"))({ templateContent: '<!doctype html><html lang="en"><head><title>Shop</title></head><body><div id="app"></div></body></html>' })],
  devServer: { host: "127.0.0.1", historyApiFallback: true, hot: true, static: "./public" },
};
"""
MAIN = """
import { createApp } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import picture from "./picture.svg";
import "./style.css";
const Home = { template: `<h1>The shop</h1><button @click="count++">Count {{ count }}</button><button @click="ask">Ask</button>
  <p id="told">{{ told }}</p><img id="picture" :src="picture" alt="">`, data: () => ({ count: 0, told: "", picture }),
  methods: { async ask() { this.told = (await (await fetch("/told.json")).json()).told; } } };
const Thing = { template: "<h1>Thing {{ $route.params.id }}, {{ $route.query.x }}</h1>" };
const router = createRouter({ history: createWebHistory("/"), routes: [
  { path: "/", component: Home }, { path: "/things/:id", component: Thing }, { path: "/late", component: () => import("./late.js") } ] });
createApp({ template: `<nav><router-link to="/">Home</router-link> <router-link to="/things/1?x=2">Thing</router-link>
  <router-link to="/late">Late</router-link></nav><router-view />` }).use(router).mount("#app");
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


ENTRY = Entry(
    name="vue-webpack",
    npm={
        "vue": "^3.5.0", "vue-router": "^4.5.0", "webpack": "^5.100.0", "webpack-cli": "^6.0.0", "webpack-dev-server": "^5.2.0",
        "html-webpack-plugin": "^5.6.0", "css-loader": "^7.0.0", "style-loader": "^4.0.0",
    },
    script=_shop,
    files={
        "webpack.config.js": CONFIG, "src/main.js": MAIN, "src/picture.svg": PICTURE, "public/told.json": '{"told": "something"}',
        "src/late.js": 'export default { template: "<h1>Loaded late</h1>" };',
        "src/style.css": 'h1 { background: url("./picture.svg") no-repeat right }',
    },
    command=lambda place: ["node", place.module("webpack-cli/bin/cli.js"), "serve", "--port", "{port}"],
)  # fmt: skip
