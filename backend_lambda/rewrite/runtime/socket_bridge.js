// WebSockets where the front door takes none (R3): they go to another API with a ticket, which the page writes at the front
// door, where its cookies count. That API carries text, in small frames and in no order. So the app holds a native WebSocket
// that speaks numbered messages (backend_lambda/core/visitor_messages.py), and hears and says nothing of them.

const {
  ArrayBuffer, CloseEvent, DOMException, Date, EventTarget, MessageChannel, MessageEvent, Number, TextDecoder, TextEncoder,
  Uint8Array, atob, btoa, clearInterval, crypto, fetch, setInterval,
} = self;

const MOST_PIECE = 24_000; // bytes: with base64 and a head less than the 32 KB of a frame
const WINDOW = 256 * 1024; // of credit, each way; backend_lambda/protocol/limits.py has the same
const LEAST = 8 * 1024;
const ALIVE_EVERY = 8 * 60_000; // milliseconds; the API closes what is silent for ten minutes
const CLOSE_PATIENCE = 10_000; // until a close that nobody answers counts
const MOST_REASON = 123; // bytes
const LOST_WITHIN = 6_000; // milliseconds after a message in which the gateway may complain that it is lost
const MOST_LOSSES = 4; // in a row
const [CLOSING, CLOSED] = [2, 3];

const bridges = new WeakMap(); // WebSocket → its bridge
const { addEventListener, dispatchEvent } = EventTarget.prototype;
const nativeSocket = self.WebSocket.prototype;
const { send: nativeSend, close: nativeClose } = nativeSocket;
const nativeReadyState = Object.getOwnPropertyDescriptor(nativeSocket, "readyState").get;
const encodeText = (text) => new TextEncoder().encode(text);
const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

// Events of the network come one by one, with all that their listeners have promised in between.
const turns = [];
const channel = new MessageChannel();
channel.port1.onmessage = () => turns.shift()();
function inTurn(act) {
  turns.push(act);
  channel.port2.postMessage(0);
}

/** Path and query at the front door if a WebSocket goes to this tunnel. */
function ticketTarget(address) {
  const { origin, pathname, search } = new URL(mapSocket(address), realBase());
  return origin.replace(/^http/, "ws") === socketOrigin && isBelow(pathname) ? pathname + search : undefined;
}

/** Numbers both ways, room, and the state that the app sees where the native one is another. */
class Bridge {
  constructor(socket, target) {
    this.socket = socket;
    this.url = socketOrigin + target;
    this.state = undefined; // CLOSING, CLOSED: the app's; else the native one
    this.outbox = []; // {bytes or a promise of them, isText, size}
    this.waiting = 0; // bytes in it
    this.room = WINDOW;
    this.sent = 0;
    this.early = new Map(); // number → message that came before its turn
    this.heard = 0;
    this.inbox = []; // messages in order, for the app
    this.parts = [];
    this.consumed = 0;
    this.recent = []; // [when, message]
    this.losses = 0;
    for (const name of ["message", "error", "close"]) {
      // The first listener there is, so that it can keep an event from all others.
      addEventListener.call(socket, name, (event) => { if (event.isTrusted) this[name](event); }, true);
    }
    this.alive = setInterval(() => { this.transmit({ type: "alive" }); }, ALIVE_EVERY);
  }

  get isOpen() {
    return nativeReadyState.call(this.socket) === 1;
  }

  say(message) {
    const now = Date.now();
    this.recent = this.recent.filter(([at]) => at > now - LOST_WITHIN);
    this.recent.push([now, message]);
    this.transmit(message);
  }

  transmit(message) {
    if (this.isOpen) nativeSend.call(this.socket, JSON.stringify(message));
  }

  /** The gateway has thrown a message away and does not say which: numbered ones may be sent twice, others may not. */
  sayAgain() {
    if (this.isSayingAgain) return;
    if (++this.losses > MOST_LOSSES || this.recent.some(([, { type }]) => type === "window")) {
      this.queue({ type: "end", code: 1011, reason: "a message was lost", wasClean: false });
      return;
    }
    this.isSayingAgain = true;
    setTimeout(() => {
      this.isSayingAgain = false;
      for (const [, message] of this.recent) this.transmit(message);
    }, 125 * 2 ** this.losses);
  }

  // What the browser tells of its own WebSocket.

  message(event) {
    event.stopImmediatePropagation();
    if (this.state === CLOSED) return;
    const message = JSON.parse(event.data);
    if (message.type === "data" || message.type === "end") {
      if (message.seq >= this.heard) this.early.set(message.seq, message);
      for (let next; (next = this.early.get(this.heard)); this.heard++) {
        this.early.delete(this.heard);
        this.queue(next);
      }
    } else if (message.type === "window") {
      this.room += message.bytes;
      this.losses = 0;
      this.pump();
    } else if (message.type === "error") {
      this.queue({ type: "end", code: 1014, reason: "the service behind the tunnel went away", wasClean: false });
    } else if (message.connectionId) {
      this.sayAgain();
    }
  }

  error(event) {
    if (this.state === CLOSED) event.stopImmediatePropagation();
  }

  close(event) {
    clearInterval(this.alive);
    event.stopImmediatePropagation();
    // Never clean: it is the gateway that closes. Clients of dev servers connect again only after what was not.
    if (this.state !== CLOSED) this.queue({ type: "end", code: event.code, reason: event.reason, wasClean: false });
  }

  // What the app hears.

  queue(message) {
    this.inbox.push(message);
    if (this.inbox.length === 1) inTurn(() => this.deliver());
  }

  deliver() {
    const message = this.inbox.shift();
    if (this.inbox.length) inTurn(() => this.deliver());
    if (this.state === CLOSED) return;
    if (message.type === "end") {
      this.end(message.code ?? 1005, message.reason ?? "", message.wasClean ?? true);
      return;
    }
    const bytes = Uint8Array.from(atob(message.body ?? ""), (char) => char.charCodeAt(0));
    this.parts.push(bytes);
    if ((this.consumed += Math.max(bytes.length, LEAST)) >= WINDOW / 2) {
      this.say({ type: "window", bytes: this.consumed });
      this.consumed = 0;
    }
    if (message.more) return;
    const joined = concatenated(this.parts.splice(0));
    if (this.state === CLOSING) return;
    const data = message.text ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(joined)
      : this.socket.binaryType === "blob" ? new Blob([joined]) : joined.buffer;
    dispatchEvent.call(this.socket, new MessageEvent("message", { data, origin: socketOrigin }));
  }

  end(code, reason, wasClean) {
    if (this.state === CLOSED) return;
    this.state = CLOSED;
    clearInterval(this.alive);
    nativeClose.call(this.socket);
    dispatchEvent.call(this.socket, new CloseEvent("close", { wasClean, code, reason }));
  }

  // What the app says.

  send(data) {
    const tag = tagOf(data);
    const isBlob = tag === "Blob" || tag === "File";
    const isText = !isBlob && !ArrayBuffer.isView(data) && !/^(Shared)?ArrayBuffer$/.test(tag);
    const bytes = isBlob ? Blob.prototype.arrayBuffer.call(data) : isText ? encodeText(String(data))
      : ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
      : new Uint8Array(data).slice();
    const size = isBlob ? data.size : bytes.length;
    this.waiting += size;
    if (this.state) return; // counted and gone, as ever
    const item = { bytes, isText, at: 0 };
    this.outbox.push(item);
    if (isBlob) {
      item.isPending = true;
      bytes.then((buffer) => {
        item.bytes = new Uint8Array(buffer);
        item.isPending = false;
        this.pump();
      }, () => this.end(1006, "", false));
    }
    this.pump();
  }

  pump() {
    while (this.outbox.length && !this.outbox[0].isPending && this.room > 0) {
      const [item] = this.outbox;
      const part = item.bytes.subarray(item.at, (item.at += MOST_PIECE));
      const more = item.at < item.bytes.length;
      this.room -= Math.max(part.length, LEAST);
      this.waiting -= part.length;
      this.say({ type: "data", seq: this.sent++, text: item.isText, more, body: btoa(String.fromCharCode(...part)) });
      if (!more) this.outbox.shift();
    }
    if (!this.closing || this.outbox.length) return;
    this.say({ type: "end", seq: this.sent, ...this.closing });
    this.closing = undefined;
    setTimeout(() => this.end(1006, "", false), CLOSE_PATIENCE);
  }

  leave(code, reason) {
    if (this.state) return;
    this.state = CLOSING;
    this.closing = code === undefined ? {} : { code, reason };
    this.pump();
  }
}

function concatenated(parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** As the browser judges what `close` is given; returns the code that is sent. */
function checkedClose(code, reason) {
  const number = code === undefined ? undefined : Math.min(Math.max(Math.round(Number(code)) || 0, 0), 65535);
  if (number !== undefined && number !== 1000 && !(number >= 3000 && number <= 4999)) {
    throw new DOMException(`The close code must be either 1000, or between 3000 and 4999. ${number} is neither.`, "InvalidAccessError");
  }
  if (encodeText(reason).length > MOST_REASON) {
    throw new DOMException(`The close reason must not be greater than ${MOST_REASON} UTF-8 bytes.`, "SyntaxError");
  }
  return number ?? (reason ? 1000 : undefined);
}

/** Below the very path that is asked for, so that the browser sends the cookies of that path. */
function writeTicket(id, target, socket) {
  const options = { method: "PUT", body: target, credentials: "same-origin", cache: "no-store", redirect: "error" };
  const failed = () => nativeClose.call(socket);
  const path = target.replace(/\/?(\?.*)?$/, "");
  fetch(`${publicOrigin}${path}/__hw/sockets/${id}`, { ...options, referrerPolicy: "same-origin" })
    .then((answer) => { if (!answer.ok) failed(); }, failed);
}

onRealm((realm) => {
  if (!config.sockets) return;
  wrap(realm, "WebSocket", (native) => function (...args) {
    const target = new.target && args.length ? attempt(() => ticketTarget(args[0])) : undefined;
    if (target === undefined) return call(native, this, args, new.target);
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const socket = Reflect.construct(native, [`${config.sockets}?hw=${id}`, ...args.slice(1)], new.target);
    bridges.set(socket, new Bridge(socket, target));
    writeTicket(id, target, socket);
    return socket;
  });
  const proto = realm.WebSocket.prototype;
  wrap(proto, "send", (native) => function (...args) {
    const bridge = bridges.get(this);
    // What is wrong, too early or nobody's, the browser judges itself.
    if (!bridge || !args.length || !nativeReadyState.call(this)) native.apply(this, args);
    else bridge.send(args[0]);
  });
  wrap(proto, "close", (native) => function (code, reason = "") {
    const bridge = bridges.get(this);
    if (!bridge || !nativeReadyState.call(this)) native.apply(this, arguments);
    else bridge.leave(checkedClose(code, String(reason)), String(reason));
  });
  wrapAccessor(proto, "readyState", { get(native) { return bridges.get(this)?.state ?? native.call(this); } });
  wrapAccessor(proto, "bufferedAmount", { get(native) { return (bridges.get(this)?.waiting ?? 0) + native.call(this); } });
  wrapAccessor(proto, "url", {
    get(native) {
      const bridge = bridges.get(this);
      return bridge ? unmapUrl(bridge.url) : native.call(this);
    },
  });
  // It cannot be told what to send, and those who use it know what to do without.
  const stream = Object.getOwnPropertyDescriptor(realm, "WebSocketStream");
  if (stream) {
    changes.push([realm, "WebSocketStream", stream]);
    delete realm.WebSocketStream;
  }
});

function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
