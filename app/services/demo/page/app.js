// The demo page: every button sends a real request. All URLs are relative, so the page works below any prefix.
"use strict";

const $ = (id) => document.getElementById(id);
const SHAPES = { 1: "◌", 2: "●", 3: "➜", 4: "▲", 5: "■", 0: "✕" };

const REQUESTS = {
  get: () => ["GET", "api/echo?greeting=hello"],
  post: () => ["POST", "api/echo", { amount: 100, item: "tide table", at: new Date().toISOString() }],
  slow: () => ["GET", "api/slow?ms=1500"],
  redirect: () => ["GET", "api/redirect"],
  cookie: () => ["GET", "api/cookie"],
  missing: () => ["GET", "api/no-such-thing"],
  fail: () => ["POST", "api/fail?status=500", { please: "fail" }],
};

function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function prepend(list, item, keep) {
  for (const empty of list.querySelectorAll(".empty")) empty.remove();
  list.prepend(item);
  while (list.children.length > keep) list.lastElementChild.remove();
}

async function sendRequest(method, url, value) {
  const started = performance.now();
  const options = { method, cache: "no-store" };
  if (value !== undefined) {
    options.body = JSON.stringify(value);
    options.headers = { "content-type": "application/json" };
  }
  let status = 0, text, label = method + " /" + url;
  try {
    const response = await fetch(url, options);
    status = response.status;
    text = await response.text();
    if (response.redirected) label += " ➜ redirected";
  } catch (error) {
    text = String(error);
  }
  logAnswer(label, status, performance.now() - started, text);
}

function logAnswer(label, status, milliseconds, text) {
  const kind = Math.floor(status / 100);
  const details = element("details");
  const summary = element("summary");
  summary.append(
    element("span", "status s" + kind, SHAPES[kind] + " " + (status || "failed")),
    element("span", "what", label),
    element("span", "time", Math.round(milliseconds) + " ms"),
  );
  details.append(summary, element("pre", "", text.slice(0, 4000)));
  const item = element("li");
  item.append(details);
  prepend($("log"), item, 30);
}

async function showHeaders() {
  const body = $("headers");
  try {
    const seen = await (await fetch("api/echo", { cache: "no-store" })).json();
    body.replaceChildren(...[["", seen.method + " " + seen.path], ...seen.headers].map(([name, value]) => {
      const told = name === "host" || name.startsWith("x-forwarded") || name === "forwarded" || name.startsWith("x-hatchway");
      const row = element("tr", told ? "told" : "");
      row.append(element("td", "", name || "request"), element("td", "", value));
      return row;
    }));
  } catch (error) {
    const row = element("tr");
    row.append(element("td", "s0", "✕ failed"), element("td", "", String(error)));
    body.replaceChildren(row);
  }
}

function startEvents() {
  const ticks = [...$("events").children];
  for (const tick of ticks) tick.className = "";
  const button = $("events-start");
  button.disabled = true;
  const started = performance.now();
  const source = new EventSource(`api/events?count=${ticks.length}&ms=400`);
  const stop = (text) => { source.close(); button.disabled = false; $("events-text").textContent = text; };
  source.onmessage = (event) => {
    const { number, of } = JSON.parse(event.data);
    if (ticks[number - 1]) ticks[number - 1].className = "on";
    const after = `${number} of ${of} after ${Math.round(performance.now() - started)} ms`;
    $("events-text").textContent = after;
    $("events").setAttribute("aria-label", after);
  };
  source.addEventListener("done", () => stop($("events-text").textContent + ", complete"));
  source.onerror = () => stop("✕ The stream broke off");
}

let socket = null;

function socketState(text) {
  $("socket-state").textContent = text;
  $("socket-state").classList.toggle("open", text.startsWith("⇄"));
}

function sendFrame(event) {
  event.preventDefault();
  const text = $("socket-input").value;
  if (!socket || socket.readyState > WebSocket.OPEN) {
    const url = new URL("ws", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.search = url.hash = "";
    socket = new WebSocket(url);
    socketState("connecting");
    socket.onopen = () => socketState("⇄ open");
    socket.onclose = (close) => socketState("closed " + close.code);
    socket.onmessage = (message) => prepend($("socket-log"), element("li", "down", "↓ " + message.data), 50);
  }
  const say = () => { socket.send(text); prepend($("socket-log"), element("li", "up", "↑ " + text), 50); };
  if (socket.readyState === WebSocket.OPEN) say();
  else socket.addEventListener("open", say, { once: true });
}

async function sha256(data) {
  // Browsers offer this in secure contexts only: https, or this very computer.
  if (!globalThis.crypto || !crypto.subtle) return null;
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function upload(name, blob) {
  const output = $("upload-text");
  output.className = "muted";
  output.textContent = `Sending ${name} …`;
  try {
    const ours = await sha256(await blob.arrayBuffer());
    const headers = { "x-file-name": encodeURIComponent(name), "content-type": blob.type || "application/octet-stream" };
    const response = await fetch("api/upload", { method: "POST", body: blob, headers });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error || response.status);
    const same = ours === null ? answer.length === blob.size : ours === answer.sha256;
    output.className = same ? "s2" : "s5";
    output.textContent = same ? `● ${answer.length.toLocaleString()} bytes arrived unchanged` : "■ What arrived is not what was sent";
  } catch (error) {
    output.className = "s0";
    output.textContent = "✕ " + error;
  }
}

function sample() {
  const data = new Uint8Array(1024 * 1024);
  for (let at = 0; at < data.length; at += 65536) crypto.getRandomValues(data.subarray(at, at + 65536));
  return new Blob([data]);
}

function wire() {
  $("address").textContent = location.origin + location.pathname;
  const local = /^(localhost|127\.|\[::1\])|\.localhost$/.test(location.hostname);
  $("route").textContent = local ? "on this computer" : location.protocol === "https:" ? "over the internet, encrypted" : "over the network";
  for (const button of document.querySelectorAll("[data-request]")) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      await sendRequest(...REQUESTS[button.dataset.request]());
      button.disabled = false;
    });
  }
  $("refresh").addEventListener("click", showHeaders);
  $("events-start").addEventListener("click", startEvents);
  $("socket-form").addEventListener("submit", sendFrame);
  $("file").addEventListener("change", () => { const file = $("file").files[0]; if (file) upload(file.name, file); });
  $("upload-sample").addEventListener("click", () => upload("noise.bin", sample()));
  const drop = $("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const file = event.dataTransfer.files[0];
    if (file) upload(file.name, file);
  });
  showHeaders();
}

wire();
