// Service workers (R6): registered below the prefix, and told of scopes, pages and requests as the app knows them.
// Other tunnels of the origin have theirs, which are none of the app's business.

const TOLD_TO_SERVICE_WORKERS = { ServiceWorkerRegistration: "scope", ServiceWorker: "scriptURL", Client: "url" };

/** Whether an address is one of this tunnel's; those of other origins and blobs are nobody's. */
const isOwnAddress = (url) => !url.startsWith(`${publicOrigin}/`) || isBelow(url.slice(publicOrigin.length));

onRealm((realm) => {
  const proto = (name) => realm[name]?.prototype;
  const getter = (name, property) => proto(name) && Object.getOwnPropertyDescriptor(proto(name), property).get;
  const scopeOf = getter("ServiceWorkerRegistration", "scope");
  const urlOf = getter("Client", "url");
  const requestOf = getter("FetchEvent", "request");

  const container = proto("ServiceWorkerContainer");
  wrapArgument(container, "register", 0, mapScript);
  wrapArgument(container, "register", 1, (options) => mapMembers(options, { scope: mapAddress }));
  wrapArguments(container, "getRegistration", (args) => { args[0] = mapAddress(args[0] ?? ""); });
  wrapResult(container, "getRegistrations", (found) =>
    found.then((registrations) => registrations.filter((one) => isOwnAddress(scopeOf.call(one)))));

  for (const name in TOLD_TO_SERVICE_WORKERS) wrapValue(proto(name), TOLD_TO_SERVICE_WORKERS[name], unmapUrl);
  wrapResult(proto("Clients"), "matchAll", (found) =>
    found.then((clients) => clients.filter((one) => isOwnAddress(urlOf.call(one)))));
  wrapArgument(proto("Clients"), "openWindow", 0, mapAddress);
  wrapArgument(proto("WindowClient"), "navigate", 0, mapAddress);

  // What the runtime is made of is not the app's to answer.
  wrap(proto("FetchEvent"), "respondWith", (native) => function (answer) {
    const url = requestUrl.call(requestOf.call(this));
    const isOurs = url.startsWith(`${publicOrigin}${config.prefix}/__hw/`) || /\/__hw\/sockets\/\w+$/.test(url);
    if (!isOurs) return native.apply(this, arguments);
    Promise.resolve(answer).catch(() => {});
  });
});
