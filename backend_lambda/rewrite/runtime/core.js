// What the other files stand on: the configuration, the realms that get the runtime, and replacing what a realm offers
// so that it still looks native (R22). The files are joined into one function: `return` here leaves the runtime.

// Classic scripts of the app may give such names a meaning of their own: `const URL = "/api"`, `class Node {}`.
const self = globalThis;
const {
  Array, Blob, Boolean, JSON, Map, Math, Node, Object, Promise, Proxy, Reflect, RegExp, Request, Set, String, Symbol, URL, WeakMap,
  WeakSet, console, encodeURIComponent, history, location, parseInt, queueMicrotask, setTimeout,
} = self;

const MARK = Symbol.for("hatchway"); // the runtime's only trace: realm[MARK] = {document, natives, undo}

// Loaded twice in one realm: the first stays, unless it came from another page's runtime, for a window that has been
// empty then and has got a page of its own since. Browsers keep the realm of such windows.
if (self[MARK]) {
  if (self[MARK].document === self.document) return;
  self[MARK].undo();
}

const loader = self.document?.currentScript;
// {tunnel, prefix, public, upstream: [origins], strip, worker, source}, see docs/rewriting.md
const config = loader ? JSON.parse(loader.dataset.hw) : self.__hw_config;
delete self.__hw_config;
// The app's page has no such element; libraries that take over a served page count them.
loader?.remove();

// Where everything is: the origin that the visitor's browser uses. Realms without an address of their own have their
// creator's origin; in sandboxed ones and data: workers it is "null".
const publicOrigin = [location.origin, self.origin, new URL(config.public).origin].find((one) => /^https?:/.test(one));

const escapeAttribute = (text) => text.replace(/&/g, "&amp;").replace(/'/g, "&#39;").replace(/</g, "&lt;");

/** Our own tag, for pages that scripts make. */
const loaderTag = !loader ? ""
  : `<script src="${publicOrigin}${config.source}" data-hw='${escapeAttribute(JSON.stringify(config))}'` +
    (loader.nonce ? ` nonce='${escapeAttribute(loader.nonce)}'` : "") + "></script>";

const visits = [];
let natives = new WeakMap(); // replacement → the native that it stands for
try {
  // Realms that reach each other know each other's, so that none looks behind them with a function of another.
  ({ natives } = (self.parent === self ? self.opener : self.parent)[MARK]);
} catch {
  // There is none, or it is another origin's.
}
let changes = []; // [object, property name, its native descriptor if there is one] of the realm that is being visited

/** Has `visit(realm)` called for the own realm and for each that gets the runtime from here. */
function onRealm(visit) {
  visits.push(visit);
}

/** Gives the runtime to a realm: the own global, or the window of a frame without an address of its own (R20). */
function installRealm(realm) {
  const { document } = realm;
  if (realm[MARK]?.document === document && realm[MARK]) return;
  realm[MARK]?.undo();
  const made = [];
  const undo = () => {
    for (const [object, name, property] of made.splice(0).reverse()) {
      if (property) Object.defineProperty(object, name, property);
      else delete object[name];
    }
  };
  Object.defineProperty(realm, MARK, { value: { document, natives, undo }, configurable: true });
  const outer = changes;
  changes = made;
  for (const visit of visits) {
    try {
      visit(realm);
    } catch (error) {
      console.warn("Hatchway:", error);
    }
  }
  changes = outer;
}

/** Replaces a method or constructor by what `replace(native)` makes; nothing happens where the realm has none. */
function wrap(object, name, replace) {
  const [owner, property] = find(object, name);
  const native = property?.value;
  if (typeof native !== "function") return;
  const replacement = replace(native);
  const value = Object.hasOwn(native, "prototype") ? asConstructor(replacement, native)
    // As natives are: without a prototype, not to be called with `new`.
    : { method(...args) { return replacement.apply(this, args); } }.method;
  change(owner, name, property, { ...property, value: disguise(value, native) });
}

/** Replaces the sides of a property that are given: `get(native)`, `set(native, value)`, with the right `this`. */
function wrapAccessor(object, name, { get, set }) {
  const [owner, property] = find(object, name);
  const changed = { ...property };
  if (get && property?.get) {
    changed.get = disguise({ method() { return get.call(this, property.get); } }.method, property.get);
  }
  if (set && property?.set) {
    changed.set = disguise({ method(value) { set.call(this, property.set, value); } }.method, property.set);
  }
  if (property?.get || property?.set) change(owner, name, property, changed);
}

/** [who owns the property, its descriptor]; some browsers keep the members of a global object on its prototypes. */
function find(object, name) {
  let owner = object;
  if (object && object === object.self) {
    while (owner && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  }
  const property = owner ? Object.getOwnPropertyDescriptor(owner, name) : undefined;
  return property?.configurable || property?.writable ? [owner, property] : [];
}

function change(object, name, property, changed) {
  changes.push([object, name, property]);
  Object.defineProperty(object, name, changed);
}

function asConstructor(replacement, native) {
  const { prototype } = native;
  Object.setPrototypeOf(replacement, Object.getPrototypeOf(native));
  Object.defineProperty(replacement, "prototype", { value: prototype, writable: false });
  const own = Object.getOwnPropertyDescriptors(native);
  for (const key of Reflect.ownKeys(own)) {
    if (!Object.hasOwn(replacement, key)) Object.defineProperty(replacement, key, own[key]);
  }
  const property = Object.getOwnPropertyDescriptor(prototype, "constructor");
  if (property?.value === native) change(prototype, "constructor", property, { ...property, value: replacement });
  return replacement;
}

function disguise(replacement, native) {
  for (const name of ["length", "name"]) {
    Object.defineProperty(replacement, name, Object.getOwnPropertyDescriptor(native, name));
  }
  natives.set(replacement, natives.get(native) ?? native);
  return replacement;
}

onRealm((realm) => {
  wrap(realm.Function.prototype, "toString", (native) => function () {
    return native.call(natives.get(this) ?? this);
  });
});
