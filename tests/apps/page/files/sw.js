self.addEventListener("install", (event) => event.waitUntil(
  caches.open("v1").then((cache) => cache.addAll(["/picture.svg?precached", "/more.css"])).then(() => skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.pathname === "/from-the-service-worker") event.respondWith(new Response("by the service worker"));
});
