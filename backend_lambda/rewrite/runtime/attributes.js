// Attributes that hold references (R11, R12): the DOM holds what the browser must request, the app reads what it wrote.

// attribute: its kind and the elements on which it counts; the server's tables say the same of parsed pages.
const ATTRIBUTES = Object.create(null);
for (const [kind, names, elements] of [
  ["url", "href", "a area base link image use feImage textPath mpath pattern linearGradient radialGradient filter"],
  ["url", "xlink:href"],
  ["url", "src", "audio embed frame iframe img input script source track video"],
  ["url", "action", "form"],
  ["url", "formaction", "button input"],
  ["url", "data codebase", "object applet"],
  ["url", "poster", "video"],
  ["url", "cite", "blockquote del ins q"],
  ["url", "background", "body table tbody td tfoot th thead tr"],
  ["url", "longdesc lowsrc dynsrc", "frame iframe img"],
  ["url", "manifest", "html"],
  ["list", "ping", "a area"],
  ["list", "archive", "object applet"],
  ["srcset", "srcset", "img source"],
  ["srcset", "imagesrcset", "link"],
  ["css", "style fill stroke filter mask clip-path cursor marker marker-start marker-mid marker-end"],
  ["refresh", "content", "meta"],
  ["page", "srcdoc", "iframe"],
  ["integrity", "integrity", "link"],
]) {
  const on = elements && new Set(`${elements} ${elements.toLowerCase()}`.split(" "));
  for (const name of names.split(" ")) ATTRIBUTES[name] = { kind, on };
}

const REFRESH = /^([\s\d.]*[\s;,]\s*(?:url\s*=\s*)?(["']?))([^]+?)(\2\s*)$/i;
const SRCSET = /([\s,]*)([^\s,]\S*[^\s,]|[^\s,])((?:\s+(?:[^,(]|\([^)]*\))*)?(?:,|\s*$))/g;

const SELECTOR = new RegExp(`\\[\\s*(${Object.keys(ATTRIBUTES).join("|")})\\s*(\\^?=)\\s*(?:"([^"\\\\]*)"|'([^'\\\\]*)')\\s*([is]?)\\s*\\]`, "gi");

const mapSrcset = (text, map) => text.replace(SRCSET, (_, lead, url, rest) => lead + map(url) + rest);
const onWords = (text, map) => text.replace(/\S+/g, (word) => map(word));
const onRefresh = (text, map) => text.replace(REFRESH, (_, lead, quote, url, end) => lead + map(url) + end);

// kind: [towards the browser, towards the app]. Kinds that are not mapped at this place have no entry.
const KINDS = {
  url: [mapUrl, unmapUrl],
  list: [(text) => onWords(text, mapUrl), (text) => onWords(text, unmapUrl)],
  srcset: [(text) => mapSrcset(text, mapUrl), (text) => mapSrcset(text, unmapUrl)],
  css: [mapCss, unmapCss],
  refresh: [(text) => onRefresh(text, mapUrl), (text) => onRefresh(text, unmapUrl)],
  page: [(text) => mapPage(text), (text) => unmapPage(text)],
  // The sheet's bytes are not those that the hash was made of (H13).
  integrity: [() => "", (text) => text],
};

const written = new WeakMap(); // element → {attribute: [as the app wrote it, as the browser has it]}

// The native ones; workers have none.
const { getAttribute, setAttribute, removeAttribute } = self.Element?.prototype ?? {};

/** Gives the browser a reference that the app is not to know of; returns what takes it back. */
function overrule(element, name, value) {
  const raw = getAttribute.call(element, name);
  const known = written.get(element);
  written.set(element, { ...known, [name]: [raw && unmapAttribute(element, name, "url", raw), value] });
  setAttribute.call(element, name, value);
  return () => {
    if (known) written.set(element, known);
    else written.delete(element);
    if (raw === null) removeAttribute.call(element, name);
    else setAttribute.call(element, name, raw);
  };
}

/** The kind of an attribute, undefined for the many that hold no reference. */
function kindOf(element, name) {
  let rule = ATTRIBUTES[name];
  if (rule === undefined && (rule = ATTRIBUTES[String(name).toLowerCase()]) === undefined) return;
  const { kind, on } = rule;
  if (on && !on.has(element.localName)) return name === "href" && /svg|MathML/.test(element.namespaceURI) ? kind : undefined;
  if (kind === "refresh" && !/^refresh$/i.test(element.httpEquiv)) return;
  if (kind === "integrity" && !isOwnSheet(element)) return;
  return kind;
}

const isOwnSheet = (link) => link.href.startsWith(`${publicOrigin}/`);

/** What the browser gets for a value of the app; what the app wrote is remembered. */
function mapAttribute(element, name, kind, value) {
  const raw = String(value);
  const mapped = KINDS[kind][0](raw);
  if (mapped !== raw || raw.includes(config.prefix)) remember(element, name.toLowerCase(), raw, mapped);
  if (kind === "url" && element.localName === "link") fitIntegrity(element, mapped);
  return mapped === raw ? value : trusted(value, mapped);
}

function remember(element, name, raw, mapped) {
  if (!written.has(element)) written.set(element, Object.create(null));
  written.get(element)[name] = [raw, mapped];
}

/** The integrity of a link that is about to get that address, in whichever order the app gives both; an empty one counts as none. */
function fitIntegrity(link, address) {
  const integrity = getAttribute.call(link, "integrity");
  const isElsewhere = /^\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(address) && !address.startsWith(`${publicOrigin}/`);
  if (integrity && !isElsewhere) {
    remember(link, "integrity", integrity, "");
    setAttribute.call(link, "integrity", "");
  } else if (integrity === "" && isElsewhere) {
    setAttribute.call(link, "integrity", unmapAttribute(link, "integrity", "integrity", ""));
  }
}

function unmapAttribute(element, name, kind, value) {
  const known = written.get(element)?.[name.toLowerCase()];
  return known && known[1] === value ? known[0] : KINDS[kind][1](value);
}

let policy;
/** Trusted Types: what the app's policy made stays trusted, through a policy of ours where the page allows one. */
function trusted(original, mapped) {
  if (typeof original !== "object" || !original) return mapped;
  const types = self.trustedTypes;
  const method = types?.isHTML(original) ? "createHTML" : types?.isScriptURL(original) ? "createScriptURL" : "";
  if (!method) return mapped;
  try {
    const same = (text) => text;
    policy ??= types.createPolicy("hatchway", { createHTML: same, createScriptURL: same });
    return policy[method](mapped);
  } catch {
    return original;
  }
}

/** Selectors that ask for what the app wrote find what the browser has. */
function mapSelector(selector) {
  return selector.replace(SELECTOR, (whole, name, equals, double, single, flag) => {
    const value = double ?? single;
    const mapped = mapUrl(value);
    return mapped === value ? whole : `:is(${whole},[${name}${equals}"${mapped}"${flag}])`;
  });
}

onRealm((realm) => {
  const element = realm.Element?.prototype;
  const attr = realm.Attr?.prototype;
  if (!element) return;

  wrap(element, "setAttribute", (native) => function (name, value) {
    const kind = arguments.length > 1 ? kindOf(this, name) : undefined;
    if (kind === undefined) return native.apply(this, arguments);
    native.call(this, name, mapAttribute(this, name, kind, value));
  });
  const qualified = (namespace, name) => (namespace && /xlink$/.test(namespace) ? `xlink:${String(name).replace(/^.*:/, "")}`
    : namespace ? "" : String(name));
  wrapArguments(element, "setAttributeNS", function (args) {
    const name = qualified(args[0], args[1]);
    const kind = kindOf(this, name);
    if (kind !== undefined && args.length > 2) args[2] = mapAttribute(this, name, kind, args[2]);
  });
  wrap(element, "getAttribute", (native) => function (name) {
    const value = native.apply(this, arguments);
    if (value === null || value.length === 1) return value;
    const kind = kindOf(this, name);
    return kind === undefined ? value : unmapAttribute(this, String(name), kind, value);
  });
  wrapResult(element, "getAttributeNS", function (value, namespace, name) {
    const full = qualified(namespace, name);
    const kind = value === null ? undefined : kindOf(this, full);
    return kind === undefined ? value : unmapAttribute(this, full, kind, value);
  });

  const native = Object.getOwnPropertyDescriptor(attr, "value");
  const kindOfAttr = (node) => node.ownerElement && kindOf(node.ownerElement, node.name);
  for (const property of ["value", "nodeValue", "textContent"]) {
    if (property !== "value") change(attr, property, undefined, native);
    wrapValue(attr, property, function (value) {
      const kind = kindOfAttr(this);
      return kind ? unmapAttribute(this.ownerElement, this.name, kind, value) : value;
    }, function (value) {
      const kind = kindOfAttr(this);
      return kind ? mapAttribute(this.ownerElement, this.name, kind, value) : value;
    });
  }
  // An attribute node learns its kind when it gets its element.
  for (const [owner, methods] of [[element, "setAttributeNode setAttributeNodeNS"],
    [realm.NamedNodeMap.prototype, "setNamedItem setNamedItemNS"]]) {
    for (const method of methods.split(" ")) {
      wrapResult(owner, method, (previous, node) => {
        const kind = kindOfAttr(node);
        const raw = native.get.call(node);
        // One that was taken from another element has been mapped.
        if (kind && KINDS[kind][0](raw) !== raw) native.set.call(node, mapAttribute(node.ownerElement, node.name, kind, raw));
        return previous;
      });
    }
  }

  for (const owner of [element, realm.Document.prototype, realm.DocumentFragment.prototype]) {
    for (const method of ["querySelector", "querySelectorAll", "matches", "closest"]) {
      wrap(owner, method, (native) => function (selector) {
        const isPlain = typeof selector !== "string" || !selector.includes("[") || !selector.includes("/");
        return isPlain ? native.apply(this, arguments) : native.call(this, mapSelector(selector));
      });
    }
  }
});
