// Cookies by script (R15): the names, paths and attributes that the server gives to `Set-Cookie` (RH6-RH9), both ways.

const COOKIE_TAG = /^(?:host-|secure-|http-|own-)/i;
const isSecure = config.public.startsWith("https:");

/** The name under which the browser stores a cookie of the app. */
function publicName(name) {
  const lower = name.toLowerCase();
  if (name.replace(/^__Secure-/, "").startsWith(`hw.${config.tunnel}.`)) return name;
  const isRefused = (config.prefix && lower.startsWith("__host-")) || (!isSecure && /^__(?:host|secure|http)-/.test(lower));
  const isService = isServiceName(name);
  if (!isRefused && !isService) return name;
  return `${isSecure ? "__Secure-" : ""}hw.${config.tunnel}.${isRefused ? name.slice(2) : `Own-${name}`}`;
}

const isServiceName = (name) => /^(?:__Host-)?(?:__Secure-)?hw_/.test(name);

/** The app's name of a stored cookie; null for one that is not this tunnel's. */
function restoreName(name) {
  const [, label, tag] = /^(?:__Secure-)?hw\.([^.]*)\.?([^]*)$/.exec(name) ?? [];
  if (label === undefined) return isServiceName(name) ? null : name;
  if (!COOKIE_TAG.test(tag)) return name;
  if (label !== config.tunnel) return null;
  return tag.startsWith("Own-") ? tag.slice(4) : `__${tag}`;
}

function mapCookiePath(path) {
  const { prefix } = config;
  if (path === prefix || path.startsWith(`${prefix}/`)) return path;
  return path === "/" ? prefix || "/" : prefix + path;
}

function unmapCookiePath(path) {
  const { prefix } = config;
  return path === prefix ? "/" : path?.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}

function mapCookie(text) {
  const [pair, ...attributes] = String(text).split(";");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, equals).trim();
  const out = [equals < 0 ? pair : publicName(name) + pair.slice(equals)];
  for (const attribute of attributes) {
    const [key, value] = attribute.split(/=([^]*)/).map((part) => part.trim());
    const lower = key.toLowerCase();
    if (lower === "domain" || (lower === "secure" && isSecure)) continue;
    if (!isSecure && (lower === "secure" || lower === "partitioned" || (lower === "samesite" && /^none$/i.test(value)))) continue;
    out.push(lower === "path" && value?.startsWith("/") ? ` path=${mapCookiePath(value)}` : attribute);
  }
  if (isSecure) out.push(" Secure");
  return out.join(";");
}

function unmapCookies(text) {
  if (!text.includes("hw")) return text;
  const parts = text.split("; ").map((part) => {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(equals, 0));
    const original = restoreName(name);
    return { name: original, part: original === name ? part : original + part.slice(equals), isRestored: original !== name };
  });
  // A literal cookie that bears a restored name may have been planted by another page of the origin.
  const restored = new Set(parts.filter((one) => one.isRestored).map((one) => one.name));
  return parts.filter((one) => one.name !== null && (one.isRestored || !restored.has(one.name))).map((one) => one.part).join("; ");
}

onRealm((realm) => {
  wrapValue(realm.Document?.prototype, "cookie", unmapCookies, mapCookie);

  const store = realm.CookieStore?.prototype;
  const unmapItem = (item) => {
    const name = item && restoreName(item.name);
    return name ? { ...item, name, ...("path" in item && { path: unmapCookiePath(item.path) }) } : null;
  };
  const unmapItems = (items) => items.map(unmapItem).filter(Boolean);
  const mapName = (args) => {
    const [first] = args;
    if (typeof first === "object" && first) {
      // The only URL that is allowed is the document's own.
      const url = realm.document ? addressOf : mapUrl;
      args[0] = { ...first, ...("name" in first && { name: publicName(String(first.name)) }), ...("url" in first && { url: url(String(first.url), realm) }) };
    } else if (args.length) {
      args[0] = publicName(String(first));
    }
  };
  // Without a path it would be the root of all tunnels.
  const mapStored = (args) => {
    mapName(args);
    if (typeof args[0] !== "object") args.splice(0, args.length, args.length > 1 ? { name: args[0], value: String(args[1]) } : { name: args[0] });
    args[0].path = mapCookiePath(args[0].path ?? "/");
    delete args[0].domain;
  };
  wrapArguments(store, "get", mapName);
  wrapResult(store, "get", (found) => found.then(unmapItem));
  wrapArguments(store, "getAll", mapName);
  wrapResult(store, "getAll", (found) => found.then(unmapItems));
  wrapArguments(store, "set", mapStored);
  wrapArguments(store, "delete", mapStored);
  wrapValue(realm.CookieChangeEvent?.prototype, "changed", unmapItems);
  wrapValue(realm.CookieChangeEvent?.prototype, "deleted", unmapItems);
});
