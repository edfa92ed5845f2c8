// Requests by script (R1, R2, R4): fetch, XMLHttpRequest, event streams, beacons, and whatever else takes an address.

/** As `mapUrl`, for what is requested: there also "" and `#f` name an address, the document's own. */
function mapAddress(url) {
  const text = String(url);
  return mapUrl(/^[\0- ]*(?:#|$)/.test(text) ? new URL(text, realBase()).href : text);
}
const mapAddresses = (urls) => (Array.isArray(urls) ? urls.map(mapAddress) : mapAddress(urls));

const isObject = (value) => typeof value === "object" && value !== null;

const requestUrl = Object.getOwnPropertyDescriptor(Request.prototype, "url").get;

/** Requests pass as they are: they were mapped when they were made, and a copy could not carry their body (R1). */
function mapRequest(request) {
  if (!isObject(request)) return mapAddress(request);
  try {
    requestUrl.call(request);
    return request;
  } catch {
    return mapAddress(request);
  }
}

/** The dictionary with some members mapped while the browser reads them; all others, bodies and signals too, stay. */
function mapMembers(dictionary, maps) {
  if (!isObject(dictionary)) return dictionary;
  return new Proxy(dictionary, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      return Object.hasOwn(maps, name) && value !== undefined && value !== null ? maps[name](value) : value;
    },
  });
}

const mapImages = (images) => Array.from(images, (image) => mapMembers(image, { src: mapUrl, icon: mapUrl }));
const SHOWN = { icon: mapUrl, image: mapUrl, badge: mapUrl, actions: mapImages };

// [interface, its method or "" for its constructor, what becomes of each argument]; `static` where it is one.
const TAKING = [
  ["fetch", "", mapRequest, { referrer: mapUrl }],
  ["fetchLater", "", mapRequest, { referrer: mapUrl }],
  ["Request", "", mapRequest, { referrer: mapUrl }],
  ["Response", "static redirect", mapAddress],
  ["XMLHttpRequest", "open", null, mapAddress],
  ["EventSource", "", mapAddress],
  ["WebTransport", "", (url) => new URL(mapAddress(url), realBase()).href],
  ["PresentationRequest", "", mapAddresses],
  ["Notification", "", null, SHOWN],
  ["MediaMetadata", "", { artwork: mapImages }],
  ["Navigator", "sendBeacon", mapAddress],
  ["Navigator", "registerProtocolHandler", null, mapAddress],
  ["Navigator", "unregisterProtocolHandler", null, mapAddress],
  ["Navigator", "share", { url: mapAddress }],
  ["Navigator", "canShare", { url: mapAddress }],
  ["ServiceWorkerRegistration", "showNotification", null, SHOWN],
  ["BackgroundFetchManager", "fetch", null, (requests) => [requests].flat().map(mapRequest), { icons: mapImages }],
];

// Properties that tell where something came from.
const TOLD = { Request: "url referrer", Response: "url", XMLHttpRequest: "responseURL", EventSource: "url" };

const ADDRESS_FIELD = /^((?:content-)?location)$/i;

onRealm((realm) => {
  for (const [name, method, ...maps] of TAKING) {
    const [owner, member] = !method ? [realm, name] : method.startsWith("static ") ? [realm[name], method.slice(7)]
      : [realm[name]?.prototype, method];
    wrapArguments(owner, member, (args) => {
      maps.forEach((map, index) => {
        if (map && index < args.length) args[index] = isObject(map) ? mapMembers(args[index], map) : map(args[index]);
      });
    });
  }
  for (const name in TOLD) {
    for (const property of TOLD[name].split(" ")) wrapValue(realm[name]?.prototype, property, unmapUrl);
  }

  // The server maps these fields, as browsers follow some of them; to scripts they say what the app sent.
  const unmapField = (value, name) => (value && ADDRESS_FIELD.test(name) ? unmapUrl(value) : value);
  wrapResult(realm.Headers?.prototype, "get", unmapField);
  wrapResult(realm.XMLHttpRequest?.prototype, "getResponseHeader", unmapField);
  wrapResult(realm.XMLHttpRequest?.prototype, "getAllResponseHeaders", (fields) =>
    fields.replace(/^((?:content-)?location: )(.*)$/gim, (_, name, value) => name + unmapUrl(value)));
});
