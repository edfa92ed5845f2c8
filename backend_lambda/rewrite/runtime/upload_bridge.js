// Uploads that the front door does not take (R1, R10): the page puts the body into the store, and sends a note instead that
// says where it lies (backend_lambda/core/page_uploads.py). Where that fails the upload goes the usual way, whose answer says
// why not.

const { FormData, ProgressEvent, Response, URLSearchParams } = self;

const MOST_UPLOAD = 4_400_000; // bytes; with base64 and a head more is no event of the function
const FORM_TYPE = "application/x-www-form-urlencoded"; // scripts add a charset, forms do not

const xhrProto = self.XMLHttpRequest?.prototype;
const nativeXhr = xhrProto && { Xhr: self.XMLHttpRequest, open: xhrProto.open, send: xhrProto.send, abort: xhrProto.abort };
const nativeElements = self.HTMLFormElement && Object.getOwnPropertyDescriptor(self.HTMLFormElement.prototype, "elements").get;

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/** Bytes of a body, roughly where it is cheap to say; 0 for what is never large or says nothing of it, as streams. */
function sizeOf(body) {
  if (typeof body === "string") return body.length * 3 > MOST_UPLOAD ? new Blob([body]).size : body.length;
  switch (tagOf(body)) {
    case "Blob": case "File": return body.size;
    case "FormData": return sum(Array.from(body, ([, value]) => sizeOf(value)));
    case "URLSearchParams": return String(body).length;
    default: return body?.byteLength ?? 0;
  }
}
const isLarge = (body) => isObject(body) || typeof body === "string" ? sizeOf(body) > MOST_UPLOAD : false;

/** The path below which a page may ask for room, if the address is of this tunnel and one that takes bodies. */
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
    const self = this;
    return (async () => {
      const request = new realm.Request(...args);
      const path = attempt(() => uploadPath(requestUrl.call(request)));
      if (path === undefined || request.keepalive) return native.call(self, request);
      const body = await request.blob();
      const again = (content) => native.call(self, new realm.Request(request, { body: content }));
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

  installXhr(realm);
  installForms(realm);
});

/** One XMLHttpRequest that brings its body to the store first. */
class XhrUpload {
  constructor(xhr, path, send) {
    Object.assign(this, { xhr, path, send, isOver: false, inner: null });
  }

  async run(body) {
    try {
      const [blob, type] = await serialized(body);
      const room = await askForRoom(this.path, blob.size);
      const isThere = !this.isOver && room && (await this.put(room.url, blob));
      if (this.end()) this.send.call(this.xhr, isThere ? noteBody(room, blob.size, "default", type) : body);
    } catch {
      if (this.end()) this.tell("error");
    }
  }

  /** Whether that went well; after the app's timeout everything is over. */

  put(url, blob) {
    return new Promise((resolve) => {
      const inner = (this.inner = new nativeXhr.Xhr());
      nativeXhr.open.call(inner, "PUT", url);
      inner.timeout = this.xhr.timeout;
      inner.upload.onprogress = ({ loaded }) => {
        const event = new ProgressEvent("progress", { lengthComputable: true, loaded, total: blob.size });
        if (!this.isOver) dispatchEvent.call(this.xhr.upload, event);
      };
      inner.onloadend = () => resolve(inner.status === 200);
      inner.ontimeout = () => { if (this.end()) this.tell("timeout"); };
      nativeXhr.send.call(inner, plain(blob));
    });
  }

  /** False if it was over before. */
  end() {
    const wasOver = this.isOver;
    this.isOver = true;
    if (uploads.get(this.xhr) === this) uploads.delete(this.xhr);
    return !wasOver;
  }

  cancel() {
    if (!this.end()) return false;
    if (this.inner) nativeXhr.abort.call(this.inner);
    return true;
  }

  tell(what) {
    for (const target of [this.xhr.upload, this.xhr]) {
      dispatchEvent.call(target, new ProgressEvent(what));
      dispatchEvent.call(target, new ProgressEvent("loadend"));
    }
  }
}

const uploads = new WeakMap(); // XMLHttpRequest → what it does before it sends
const opened = new WeakMap(); // XMLHttpRequest → the path that it will ask, if it may wait

function installXhr(realm) {
  const proto = realm.XMLHttpRequest?.prototype;
  wrap(proto, "open", (native) => function (...args) {
    native.apply(this, args);
    uploads.get(this)?.cancel();
    const isAsync = args.length < 3 || Boolean(args[2]);
    const takesBody = !/^(?:get|head)$/i.test(args[0]);
    opened.set(this, isAsync && takesBody ? attempt(() => uploadPath(new URL(mapAddress(args[1]), realBase()).href)) : undefined);
  });
  wrap(proto, "send", (native) => function (...args) {
    if (uploads.has(this)) throw new DOMException("The object's state must be OPENED.", "InvalidStateError");
    const path = opened.get(this);
    if (path === undefined || this.readyState !== 1 || !attempt(() => isLarge(args[0]))) return native.apply(this, args);
    const upload = new XhrUpload(this, path, native);
    uploads.set(this, upload);
    upload.run(args[0]);
  });
  wrap(proto, "abort", (native) => function () {
    const upload = uploads.get(this);
    if (upload?.cancel()) upload.tell("abort");
    native.call(this);
  });
}

function installForms(realm) {
  const proto = realm.HTMLFormElement?.prototype;
  if (!proto) return;
  const busy = new WeakSet();
  const nativeSubmit = proto.submit;

  /** What the submission is, if it is large and goes to this tunnel. Fields of a form hide its properties. */
  const submission = (form, submitter) => {
    const own = (name) => {
      const given = submitter && getAttribute.call(submitter, `form${name}`);
      return given ?? getAttribute.call(form, name) ?? "";
    };
    if (!/^post$/i.test(own("method")) || /^text\/plain$/i.test(own("enctype"))) return undefined;
    // Making the data tells the app, so not without need. One character may become `%E2%82%AC`.
    const most = sum(Array.from(nativeElements.call(form), ({ files, value }) =>
      (files ? sum(Array.from(files, sizeOf)) : typeof value === "string" ? value.length * 9 : 0)));
    if (most <= MOST_UPLOAD) return undefined;
    const action = destinationOf(own("action").trim() || realm.location.href, realm.document.baseURI);
    const path = uploadPath(action);
    if (path === undefined) return undefined;
    const data = new FormData(form, submitter ?? undefined);
    const isMultipart = /^multipart\/form-data$/i.test(own("enctype"));
    const body = isMultipart ? data : new URLSearchParams(Array.from(data, ([name, value]) => [name, value.name ?? value]));
    return isLarge(body) ? { form, action, path, body, isMultipart, target: own("target") } : undefined;
  };

  const carry = async ({ form, action, path, body, isMultipart, target }) => {
    let note;
    try {
      const [blob, type] = await serialized(body);
      const room = await askForRoom(path, blob.size);
      if (room && (await fetch(room.url, { method: "PUT", body: plain(blob), credentials: "omit" })).ok) {
        note = new URLSearchParams(noteFor(room, blob.size, "type", isMultipart ? type : FORM_TYPE));
      }
    } catch {
      // The form itself will hear why not.
    }
    busy.delete(form);
    if (!note) {
      nativeSubmit.call(form);
      return;
    }
    const { document } = realm;
    const carrier = document.createElement("form");
    for (const [name, value] of [["method", "post"], ["action", action], ["target", target], ["hidden", ""]]) {
      if (value || name === "hidden") carrier.setAttribute(name, value);
    }
    for (const [name, value] of note) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      carrier.append(input);
    }
    document.documentElement.append(carrier);
    nativeSubmit.call(carrier);
    carrier.remove();
  };

  /** Whether the form goes another way than the browser's. */
  const takeOver = (form, submitter) => {
    if (busy.has(form)) return true;
    const found = attempt(() => submission(form, submitter));
    if (!found) return false;
    busy.add(form);
    carry(found);
    return true;
  };

  // After the listeners of the form and of the document, which may send it by script instead.
  onReopen(realm, () => realm.addEventListener("submit", (event) => {
    if (event.isTrusted && !event.defaultPrevented && takeOver(event.target, event.submitter)) event.preventDefault();
  }));
  wrap(proto, "submit", (native) => function () {
    if (!takeOver(this)) native.apply(this, arguments);
  });
}
