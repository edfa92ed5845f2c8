// The URL rule of the conformance list (U1-U10) as scripts meet it, both ways; backend_lambda/rewrite/urlmap.py is the
// same for what the server sees.

const PLAIN_PATH = /^\/(?:[^/\\\0- ][^\\\0- ]*)?$/; // nothing in it that the URL parser would touch first
const DOTS = /\.\.|%2e/i;
const URL_PARTS = /^(?:(https?|wss?):)?([/\\]*)([^]*)$/i;
const AUTHORITY = /^([^/\\?#]*)([^?#]*)([^]*)$/;
const OTHER_SCHEME = /^(?!(?:https?|wss?):)[a-z][a-z0-9+.-]*:/i;
const TEMPLATE = /^(?:\{\{|\{%|\$\{|<%|\[\[)/; // filled in by a script, which makes a URL of it then (U9)
const PORTS = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443" };
const PROBE = "/_hw_"; // stands for the prefix where it is asked whether dot segments climb out

const pageProtocol = new URL(publicOrigin).protocol;
const socketOrigin = publicOrigin.replace("http", "ws");
const authorities = new Map(); // `//localhost:3000` with or without scheme → whether it means this app

// What means this app, as `placeOf` tells it: the local address in each scheme, the public origin in its own.
const isSecureUrl = ({ protocol }) => /[ps]s:$/.test(protocol);
const placeOf = (url, isSecure = isSecureUrl(url)) => `${isSecure} ${url.hostname}:${url.port || PORTS[url.protocol]}`;
const upstreamUrls = config.upstream.map((one) => new URL(one));
const ownPlaces = new Set(upstreamUrls.flatMap((url) => [placeOf(url, false), placeOf(url, true)]));
for (const one of [publicOrigin, config.public]) {
  const url = new URL(one);
  ownPlaces.add(placeOf(url));
  // An app that was told the public host but not the scheme writes http: for https: (U5).
  if (!url.port) ownPlaces.add(`false ${url.hostname}:80`).add(`true ${url.hostname}:443`);
}

const nativeBase = self.Node && Object.getOwnPropertyDescriptor(Node.prototype, "baseURI").get;
const workerBase = location.href; // of a worker; there `location` is told un-prefixed later

/** What relative references really resolve against: an address below the prefix, or not, as in strip mode. */
const realBase = () => (nativeBase ? nativeBase.call(document) : workerBase);

/** Whether even a path is another origin's, in a page with such a `<base>`. */
function isElsewhere(base = realBase()) {
  return /^http/.test(base) && !base.startsWith(`${publicOrigin}/`);
}

/** Whether a path lies below the prefix, by segment (U2). */
function isBelow(path) {
  const { prefix } = config;
  return path.replace(/\\/g, "/").startsWith(prefix) && (!prefix || /^[/?#\\]|^$/.test(path.slice(prefix.length)));
}

/**
 * What the browser is to get for a reference of the app; the same text if nothing changes.
 * base: against what it resolves, if not the document; absolute and below the prefix, told either way
 */
function mapUrl(url, base) {
  const text = String(url);
  if (PLAIN_PATH.test(text) && !DOTS.test(text)) {
    return isBelow(text) || isElsewhere(base) ? text : config.prefix + text;
  }
  const clean = cleaned(text);
  if (!clean || clean[0] === "#" || OTHER_SCHEME.test(clean)) return text;
  const [, scheme, slashes, rest] = URL_PARTS.exec(clean);
  if (slashes.length < 2 && isRelative(scheme)) return mapPath(text, slashes + rest, base);
  if (slashes.length === 1 && isUpstream(scheme)) return mapPath(slashes + rest, slashes + rest, base);
  const [, authority, path, tail] = AUTHORITY.exec(rest);
  return isOwn(scheme, authority) ? mapAbsolute(text, scheme, authority, path, tail) : text;
}

/** What the app reads of an address: `E P/x` is `E/x`, `P/x` is `/x`, all else as it is. */
function unmapUrl(url) {
  const start = [publicOrigin, socketOrigin].find((origin) => url.startsWith(origin))?.length ?? 0;
  if (!config.prefix || !url.startsWith(config.prefix, start) || !isBelow(url.slice(start))) return url;
  const rest = url.slice(start + config.prefix.length);
  const path = /^[/\\]/.test(rest) ? rest : `/${rest}`;
  // Alone, `//x` would name another host.
  return (start ? url.slice(0, start) : /^[/\\]{2}/.test(path) ? publicOrigin : "") + path;
}

/** As the URL parser begins: without white space around it, and without tabs and line breaks. */
function cleaned(text) {
  let [start, end] = [0, text.length];
  while (start < end && text.charCodeAt(start) <= 32) start++;
  while (start < end && text.charCodeAt(end - 1) <= 32) end--;
  return text.slice(start, end).replace(/[\t\n\r]/g, "");
}

/** `http:x` is relative in a page of that scheme. */
const isRelative = (scheme) => !scheme || `${scheme.toLowerCase()}:` === pageProtocol;

/** The app's own scheme may be another than that of its visitors. */
const isUpstream = (scheme) => upstreamUrls.some((url) => url.protocol === `${scheme.toLowerCase()}:`);

function isOwn(scheme, authority) {
  const key = `${scheme ? `${scheme}:` : pageProtocol}//${authority}`.toLowerCase();
  if (!authorities.has(key)) {
    let own = false;
    try {
      own = !key.includes("@") && ownPlaces.has(placeOf(new URL(`${key}/`)));
    } catch {
      // No URL at all.
    }
    if (authorities.size > 999) authorities.clear();
    authorities.set(key, own);
  }
  return authorities.get(key);
}

function mapPath(text, reference, base) {
  const [path] = reference.split(/[?#]/, 1);
  if (!/^[/\\]/.test(path)) return mapRelative(text, reference, base);
  const appPath = isBelow(path) ? path.slice(config.prefix.length) : path;
  const clamped = clamp(appPath || "/");
  if ((clamped === null && isBelow(path)) || isElsewhere(base)) return text;
  return config.prefix + (clamped ?? appPath) + reference.slice(path.length);
}

function mapAbsolute(text, scheme, authority, path, tail) {
  const appPath = isBelow(path) ? path.slice(config.prefix.length) : path;
  const clamped = clamp(appPath || "/");
  const isSocket = /^w/i.test(scheme);
  const origin = isSocket ? socketOrigin : publicOrigin;
  const hasOrigin = `${scheme ? `${scheme}:` : pageProtocol}//${authority}`.toLowerCase() === origin;
  if (hasOrigin && clamped === null && isBelow(path)) return text;
  const target = config.prefix + (clamped ?? (appPath || "/")) + tail;
  // What named the public origin still does; the app's own becomes a path, as the server writes it, where that suffices.
  const isPath = config.prefix && !hasOrigin && !isSocket && realBase().startsWith(`${publicOrigin}/`);
  return (isPath ? "" : origin) + target;
}

function mapRelative(text, reference, base) {
  const real = base ?? realBase();
  if (!real.startsWith(`${publicOrigin}/`) || TEMPLATE.test(reference)) return text;
  const appBase = unmapUrl(real);
  if (DOTS.test(reference)) {
    const path = reference[0] === "?" ? reference : `./${reference}`; // as of `https:data:x`, whose path is `data:x`
    const probed = new URL(path, publicOrigin + PROBE + appBase.slice(publicOrigin.length));
    // The app's root ends the climb, not the origin's (U8).
    if (!probed.pathname.startsWith(`${PROBE}/`)) return config.prefix + pathOf(new URL(path, appBase));
  }
  if (base !== undefined || appBase !== real || !config.prefix) return text;
  // Shown without its prefix, the document is no base for anything (U7, strip mode).
  const [path] = appBase.slice(publicOrigin.length).split(/[?#]/);
  return config.prefix + (reference[0] === "?" ? path : path.slice(0, path.lastIndexOf("/") + 1)) + reference;
}

const pathOf = (url) => url.pathname + url.search + url.hash;

/** The resolved path if its dot segments climb past the app's root, else null. */
function clamp(path) {
  if (!DOTS.test(path) || new URL(publicOrigin + PROBE + path).pathname.startsWith(`${PROBE}/`)) return null;
  return new URL(publicOrigin + path).pathname;
}
