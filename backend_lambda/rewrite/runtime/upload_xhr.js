// XMLHttpRequests with large bodies (R1), see upload_bridge.js: what is seen from outside is one request that takes its time.

const { ProgressEvent, XMLHttpRequest } = self;
const { open: nativeXhrOpen, send: nativeXhrSend, abort: nativeXhrAbort } = XMLHttpRequest?.prototype ?? {};
const uploads = new WeakMap(); // XMLHttpRequest → what it does before it sends
const opened = new WeakMap(); // XMLHttpRequest → the path that it will ask, if it may wait

/** One XMLHttpRequest that brings its body to the store first. */
class XhrUpload {
  constructor(xhr, path, send) {
    Object.assign(this, { xhr, path, send, isOver: false, inner: null });
  }

  async run(body) {
    let note;
    try {
      const [blob, type] = await serialized(body);
      const room = await askForRoom(this.path, blob.size);
      if (!this.isOver && room && (await this.put(room.url, blob))) note = noteBody(room, blob.size, "default", type);
    } catch {
      // The request itself will hear why not.
    }
    if (this.end()) this.send.call(this.xhr, note ?? body);
  }

  /** Whether that went well; after the app's timeout everything is over. */
  put(url, blob) {
    return new Promise((resolve) => {
      const inner = (this.inner = new XMLHttpRequest());
      nativeXhrOpen.call(inner, "PUT", url);
      inner.timeout = this.xhr.timeout;
      inner.upload.onprogress = ({ loaded }) => {
        const event = new ProgressEvent("progress", { lengthComputable: true, loaded, total: blob.size });
        if (!this.isOver) dispatchEvent.call(this.xhr.upload, event);
      };
      inner.onloadend = () => resolve(inner.status === 200);
      inner.ontimeout = () => { if (this.end()) this.tell("timeout"); };
      nativeXhrSend.call(inner, plain(blob));
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
    if (this.inner) nativeXhrAbort.call(this.inner);
    return true;
  }

  tell(what) {
    for (const target of [this.xhr.upload, this.xhr]) {
      dispatchEvent.call(target, new ProgressEvent(what));
      dispatchEvent.call(target, new ProgressEvent("loadend"));
    }
  }
}

onRealm((realm) => {
  if (!config.sockets) return;
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
});
