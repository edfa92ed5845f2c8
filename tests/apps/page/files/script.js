// Each entry of `checks` does one thing that pages do, and returns what the page sees of it.
const json = async (...request) => (await fetch(...request)).json();
const once = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
const loaded = async (image) => (image.complete ? image.naturalWidth : (await once(image, "load"), image.naturalWidth));
const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
const own = (url) => String(url).replace(location.origin, "own");

const checks = {
  async fetchOfPath() {
    const response = await fetch("/echo?x=1&x=2", { method: "POST", body: "12345" });
    return [own(response.url), response.redirected, await response.json()];
  },
  fetchOfRequest: () => json(new Request("/echo/request", { method: "POST", body: new Blob(["123"]) })),
  fetchOfUrl: () => json(new URL("/echo/url", location.href)),
  fetchOfRelative: () => json("echo/relative"),
  async fetchOfRedirect() {
    const response = await fetch("/redirect/0");
    return [own(response.url), response.redirected, response.status];
  },
  xhr: () => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", "/echo/../echo");
    request.onload = () => resolve([own(request.responseURL), JSON.parse(request.responseText)]);
    request.onerror = reject;
    request.send("abc");
  }),
  xhrDocument: () => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", "/frame.html");
    request.responseType = "document";
    request.onload = () => resolve(request.response.title);
    request.send();
  }),
  events: () => new Promise((resolve, reject) => {
    const seen = [];
    const source = new EventSource("/events");
    source.onmessage = (event) => seen.push([event.data, event.lastEventId]);
    source.onerror = reject;
    source.addEventListener("done", () => {
      source.close();
      resolve([own(source.url), seen]);
    });
  }),
  ...Object.fromEntries(
    [
      ["socketByHost", () => new WebSocket(`ws://${location.host}/talk`)],
      ["socketByPath", () => new WebSocket("/talk", ["talk", "other"])],
      ["socketByUrl", () => new WebSocket(new URL("/talk?q=1", location.href.replace(/^http/, "ws")))],
    ].map(([name, open]) => [name, () => new Promise((resolve, reject) => {
      const socket = open();
      socket.onopen = () => socket.send("hello");
      socket.onerror = reject;
      socket.onmessage = (event) => {
        resolve([socket.url.replace(location.host, "own"), socket.protocol, event.data]);
        socket.close();
      };
    })]),
  ),
  async cookies() {
    await fetch("/log-in", { method: "POST" });
    document.cookie = "mine=1; path=/";
    document.cookie = "deep=1; path=/echo";
    const before = document.cookie.split("; ").sort();
    const sent = (await json("/echo/cookies")).cookies;
    document.cookie = "mine=; path=/; max-age=0";
    return [before, sent, document.cookie.split("; ").sort()];
  },
  async cookieStore() {
    if (!window.cookieStore) return "none";
    await cookieStore.set({ name: "stored", value: "2", path: "/" });
    const names = (await cookieStore.getAll()).map((cookie) => cookie.name).sort();
    await cookieStore.delete("stored");
    return names;
  },
  module: async () => [window.fromModule, (await (await import("/module.js")).later()).again],
  scriptElement: () => new Promise((resolve, reject) => {
    window.early = "";
    document.head.append(make("script", { src: "/early.js?again", onload: () => resolve(window.early), onerror: reject }));
  }),
  pictures: async () => [
    await loaded(make("img", { src: "/picture.svg?from=property" })),
    await loaded(Object.assign(new Image(), { srcset: "/picture.svg?from=property-srcset 1x" })),
    await loaded(document.querySelector("#picture")),
  ],
  async markup() {
    const made = document.querySelector("#made");
    made.innerHTML = '<a href="/thanks">x</a><img src="/picture.svg?from=innerHTML"><form action="/submit"></form>';
    made.insertAdjacentHTML("beforeend", '<img src="/picture.svg?from=insertAdjacentHTML">');
    await Promise.all([...made.querySelectorAll("img")].map(loaded));
    const [link, form] = [made.querySelector("a"), made.querySelector("form")];
    return [own(link.href), link.pathname, link.getAttribute("href"), own(form.action), made.innerHTML, made.outerHTML];
  },
  attributes() {
    const image = document.querySelector("#picture");
    const link = make("a", { href: "/x" });
    link.setAttribute("href", "/y?z#f");
    const values = [own(link.href), link.getAttribute("href"), link.pathname, link.host === location.host];
    link.pathname = "/changed";
    return [...values, own(link.href), own(image.src), image.getAttribute("src"), own(image.currentSrc), image.srcset];
  },
  selectors: () => [document.querySelectorAll("a[href]").length, document.querySelector("#home").matches("[href]")],
  styles() {
    const made = document.querySelector("#made");
    made.style.backgroundImage = 'url("/picture.svg?from=style-property")';
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".made { background: url(/picture.svg?from=sheet-text) }");
    document.adoptedStyleSheets = [sheet];
    made.className = "made";
    const box = getComputedStyle(document.querySelector(".box"));
    return [made.style.backgroundImage, box.borderColor, own(box.backgroundImage)];
  },
  async font() {
    try {
      await new FontFace("none", "url(/picture.svg?from=font)").load();
    } catch (error) {
      return error.name;
    }
  },
  worker: () => new Promise((resolve, reject) => {
    const worker = new Worker("/worker.js");
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = reject;
    worker.postMessage("1234");
  }),
  moduleWorker: () => new Promise((resolve, reject) => {
    const worker = new Worker("/module-worker.js", { type: "module" });
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = reject;
  }),
  sharedWorker: () => new Promise((resolve, reject) => {
    const worker = new SharedWorker("/shared-worker.js", "one");
    worker.port.onmessage = (event) => resolve(event.data);
    worker.onerror = reject;
    worker.port.postMessage("x");
  }),
  blobWorker: () => new Promise((resolve, reject) => {
    const code = `fetch(${JSON.stringify(location.origin)} + "/echo/blob").then((a) => a.json()).then((a) => postMessage(a.path))`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = reject;
  }),
  storage() {
    localStorage.clear();
    localStorage.setItem("a", "1");
    localStorage.b = "2";
    sessionStorage.setItem("c", "3");
    return [localStorage.length, Object.keys(localStorage).sort(), localStorage.a, Object.keys(sessionStorage)];
  },
  async database() {
    const open = indexedDB.open("notes", 1);
    await once(open, "success");
    const names = (await indexedDB.databases()).map((database) => database.name);
    const { name } = open.result;
    open.result.close();
    await once(indexedDB.deleteDatabase("notes"), "success");
    return [name, names];
  },
  async cache() {
    const cache = await caches.open("pages");
    await cache.add("/more.css");
    const hit = await caches.match("/more.css");
    return [await caches.keys(), own(hit.url), (await cache.keys()).map((request) => own(request.url))];
  },
  async serviceWorker() {
    const registration = await navigator.serviceWorker.register("/sw.js");
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await once(navigator.serviceWorker, "controllerchange");
    const text = await (await fetch("/from-the-service-worker")).text();
    const scopes = (await navigator.serviceWorker.getRegistrations()).map((one) => own(one.scope));
    const kept = (await (await caches.open("v1")).keys()).map((request) => own(request.url)).sort();
    const script = own(registration.active.scriptURL);
    await registration.unregister();
    await caches.delete("v1");
    return [own(registration.scope), script, scopes, text, kept];
  },
  async frame() {
    const frame = document.querySelector("#frame");
    const answer = new Promise((resolve) => addEventListener("message", (event) => {
      if (event.data.path) resolve([event.data, event.origin === location.origin]);
    }));
    frame.contentWindow.postMessage("go", location.origin);
    return [await answer, frame.contentDocument.title, own(frame.contentDocument.URL)];
  },
  async freshRealm() {
    const frame = make("iframe", {});
    document.body.append(frame);
    const answer = await (await frame.contentWindow.fetch("/echo/realm")).json();
    frame.remove();
    return answer.path;
  },
  async srcdoc() {
    while (!window.fromSrcdoc) await new Promise((resolve) => setTimeout(resolve, 10));
    return [window.fromSrcdoc, document.querySelector("#srcdoc").contentDocument.images[0].naturalWidth];
  },
  identity: () => [own(document.URL), own(document.baseURI), document.referrer, own(document.documentURI),
    own(performance.getEntriesByType("navigation")[0].name), document.querySelector("#home").getAttribute("href")],
  history() {
    history.pushState({ n: 1 }, "", "/index.html?pushed#here");
    const pushed = own(document.URL);
    history.replaceState(null, "", "?replaced");
    const replaced = own(document.URL);
    history.replaceState(null, "", "/index.html");
    return [pushed, replaced, own(document.URL)];
  },
  beacon: () => navigator.sendBeacon("/echo/beacon", "x"),
  inline: () => [window.inlineRan, window.early],
};

window.runChecks = async () => {
  const results = {};
  for (const [name, check] of Object.entries(checks)) {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("nothing after 4 s")), 4000));
    try {
      results[name] = await Promise.race([check(), late]);
    } catch (error) {
      results[name] = `failed: ${error?.message ?? error?.type ?? error}`;
    }
  }
  return results;
};
