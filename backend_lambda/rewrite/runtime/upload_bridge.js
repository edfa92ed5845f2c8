// Uploads that the front door does not take (R1, R10): the page puts the body into the store, and sends a note instead that
// says where it lies (backend_lambda/core/page_uploads.py). Where that fails the upload goes the usual way, whose answer says
// why not.

const { Response } = self;

const MOST_UPLOAD = 4_500_000; // bytes, MAX_EVENT_BODY in backend_lambda/protocol/limits.py
const OF_A_PART = 300; // bytes of a multipart body around each value, roughly

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/** Bytes of a body, roughly where it is cheap to say; 0 for what is never large or says nothing of it, as streams. */
function sizeOf(body) {
  if (typeof body === "string") return body.length * 3 > MOST_UPLOAD ? new Blob([body]).size : body.length;
  switch (tagOf(body)) {
    case "Blob": case "File": return body.size;
    case "FormData": return sum(Array.from(body, ([, value]) => OF_A_PART + sizeOf(value)));
    case "URLSearchParams": return String(body).length;
    default: return body?.byteLength ?? 0;
  }
}
const isLarge = (body) => isObject(body) || typeof body === "string" ? sizeOf(body) > MOST_UPLOAD : false;

/** The path below which a page may ask for room, if the address is one of this tunnel. */
function uploadPath(address) {
  const { origin, pathname } = new URL(address);
  return origin === publicOrigin && isBelow(pathname) ? pathname.replace(/\/$/, "") : undefined;
}

/** {id, url}, or nothing where there is no room: a deployment without a store, an agent of old, more than it takes. */
async function askForRoom(path, size, signal) {
  const options = { method: "PUT", credentials: "same-origin", cache: "no-store", redirect: "error", referrerPolicy: "same-origin", signal };
  const answer = await fetch(`${publicOrigin}${path}/__hw/uploads/${size}`, options);
  return answer.ok ? answer.json() : undefined;
}

const noteFor = (room, size, how, type) => `__hw_upload=${room.id}.${size}&${how}=${encodeURIComponent(type ?? "")}`;
/** Without a type of its own, so that it does not hide what the app has named. */
const noteBody = (...args) => new Blob([noteFor(...args)]);
// A type would be signed, and the store does not need it.
const plain = (blob) => blob.slice(0, blob.size, "");

async function serialized(body) {
  const response = new Response(body);
  return [await response.blob(), response.headers.get("content-type")];
}

onRealm((realm) => {
  if (!config.sockets) return;

  // fetch: the request is made as the app wants it, so it holds the body's bytes and type; bodies of requests that the app
  // made are remembered, since asking would read them.
  const large = new WeakSet();
  const isLargeRequest = (input, init) =>
    (init?.body !== undefined && init.body !== null ? isLarge(init.body) : isObject(input) && large.has(input));
  wrap(realm, "Request", (native) => function (...args) {
    const isOne = attempt(() => isLargeRequest(...args));
    const request = call(native, this, args, new.target);
    if (isOne) large.add(request);
    return request;
  });
  wrapResult(realm.Request?.prototype, "clone", function (copy) {
    if (large.has(this)) large.add(copy);
    return copy;
  });
  wrap(realm, "fetch", (native) => function (...args) {
    if (!attempt(() => isLargeRequest(...args))) return native.apply(this, args);
    const caller = this;
    return (async () => {
      const request = new realm.Request(...args);
      const path = attempt(() => uploadPath(requestUrl.call(request)));
      if (path === undefined || request.keepalive) return native.call(caller, request);
      const body = await request.blob();
      const again = (content) => native.call(caller, new realm.Request(request, { body: content }));
      let room;
      try {
        room = await askForRoom(path, body.size, request.signal);
        if (room) {
          const stored = await fetch(room.url, { method: "PUT", body: plain(body), credentials: "omit", signal: request.signal });
          if (!stored.ok) room = undefined;
        }
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason ?? error;
        room = undefined;
      }
      return again(room ? noteBody(room, body.size, "default", "") : plain(body));
    })();
  });
});
