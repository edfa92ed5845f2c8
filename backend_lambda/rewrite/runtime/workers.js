// Workers and worklets (R5, J3-J5). The server puts the runtime in front of the scripts that it delivers to workers;
// those that the page makes itself, as blob: or data:, get it here. Workers are told their address without the prefix.

const blobs = new Map(); // address → {blob, classic, module: addresses of it with the runtime in front, once made}
const parts = new WeakMap(); // blob that may be a script → the strings it was made of

const MARK_OF_WORKERS = "__hw_worker"; // in the query, see backend_lambda/rewrite/facts.py
const STRICT = /^(?:\s|\/\/.*\n|\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\/)*(["'])use strict\1/;
const OWN_IMPORT = /(\b(?:import|from)[\s(]*)(["'`])((?:https?:)?\/\/[^"'`\s\\]+)\2/g;

// Service workers have neither.
const nativeCreate = URL.createObjectURL;
const nativeRevoke = URL.revokeObjectURL;

const absolute = (url) => new URL(url, publicOrigin).href;
/** Addresses of scripts may be Trusted Types. */
const mapScript = (url) => trusted(url, mapAddress(url));

/** What comes in front of a script: the runtime, in the script's own mode and without a line of its own. */
function prologueFor(text, isModule) {
  const source = JSON.stringify(absolute(config.worker));
  if (isModule) return `import ${source};`;
  return `${STRICT.test(text) ? '"use strict";' : ""}try{importScripts(${source})}catch{}`;
}

/** The address of a worker's script, for `new Worker` and the like. */
function workerUrl(url, isModule) {
  const text = String(url);
  if (/^blob:/i.test(text)) return trusted(url, blobWorker(text, isModule));
  if (/^data:/i.test(text)) return trusted(url, dataWorker(text, isModule));
  const mapped = mapAddress(text);
  return trusted(url, self.isSecureContext ? mapped : markWorker(mapped));
}

/** Over plain http to another computer browsers do not say what a script is for, so its address has to. */
function markWorker(url) {
  const marked = new URL(url, realBase());
  if (unmapUrl(marked.href) === marked.href) return url; // not this tunnel's
  marked.search += (marked.search ? "&" : "?") + MARK_OF_WORKERS;
  return marked.href;
}

const unmarkWorker = (text) => text.replace(new RegExp(`[?&]${MARK_OF_WORKERS}(?=#|$)`), "");

function blobWorker(url, isModule) {
  const [address, fragment] = url.split(/(?=#)/);
  const type = isModule ? "module" : "classic";
  const known = blobs.get(address);
  if (known?.[type]) return known[type] + (fragment ?? "");
  const text = parts.get(known?.blob)?.join("");
  const mapped = text?.replace(OWN_IMPORT, (_, before, quote, url) => before + quote + absolute(mapUrl(url)) + quote);
  const name = JSON.stringify(address);
  const script = mapped ?? known?.blob ?? (isModule ? `import ${name}` : `importScripts(${name})`);
  const prologue = prologueFor(text ?? "", isModule);
  const made = nativeCreate(new Blob([prologue, script], { type: known?.blob.type || "text/javascript" }));
  if (known) known[type] = made;
  return made + (fragment ?? "");
}

function dataWorker(url, isModule) {
  const [, head, body] = /^([^,]*,?)([^]*)$/.exec(url);
  const byteOf = (_, hex) => String.fromCharCode(parseInt(hex, 16));
  const bytes = body.replace(/#.*/, "").replace(/%([0-9a-f]{2})/gi, byteOf);
  if (!/;\s*base64\s*,$/i.test(head)) return head + encodeURIComponent(prologueFor(bytes, isModule)) + body;
  const text = atob(bytes);
  return head + encodeURIComponent(btoa(prologueFor(text, isModule) + text));
}

onRealm((realm) => {
  wrap(realm, "Blob", (native) => function (...args) {
    const blob = call(native, this, args, new.target);
    const [content] = args;
    const isText = Array.isArray(content) && content.every((part) => typeof part === "string");
    if (isText && /script|^$/.test(blob.type)) parts.set(blob, [...content]);
    return blob;
  });
  Object.setPrototypeOf(realm.File, realm.Blob);
  wrapResult(realm.URL, "createObjectURL", (url, object) => {
    if (object.slice) blobs.set(url, { blob: object });
    return url;
  });
  wrapArguments(realm.URL, "revokeObjectURL", ([url]) => {
    const known = blobs.get(String(url));
    blobs.delete(String(url));
    for (const made of [known?.classic, known?.module]) if (made) nativeRevoke(made);
  });

  wrapArguments(realm, "Worker", (args) => {
    if (args.length) args[0] = workerUrl(args[0], args[1]?.type === "module");
  });
  wrapArguments(realm, "SharedWorker", (args) => {
    if (!args.length) return;
    const options = isObject(args[1]) ? args[1] : { name: args[1] };
    args[0] = workerUrl(args[0], options.type === "module");
    // One name means one worker in the whole origin.
    args[1] = { ...options, name: mapName(options.name ?? "") };
  });
  for (const name of ["Worklet", "SharedStorageWorklet"]) {
    wrapArgument(realm[name]?.prototype, "addModule", 0, mapScript);
  }
  wrapArguments(realm, "importScripts", (args) => args.forEach((url, at) => { args[at] = mapScript(url); }));

  const place = realm.WorkerLocation?.prototype;
  const told = (value) => unmarkWorker(unmapUrl(value));
  for (const property of ["href", "pathname", "search"]) wrapValue(place, property, told);
  wrapResult(place, "toString", told);
  if (realm.SharedWorkerGlobalScope) wrapValue(realm, "name", unmapName);
});
