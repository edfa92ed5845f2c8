// Messages between windows (R19): an app that names its own origin as the target means the public one, under which its
// windows run here. The origin that a message comes from stays the real one.
//
// The browser takes the window whose script calls `postMessage` for the source of the message, so that the method can only
// be replaced by one of the caller. Who that is shows where it gets hold of the window: as `parent`, `opener`, the source
// of a message, the window of a frame.

const senders = new WeakMap(); // window → the method for its messages, made here

const mapTarget = (target) => {
  const { href } = new URL(target); // `*` and `/` are none
  return mapUrl(href) === href ? target : publicOrigin;
};

/** The method that sends messages of this realm to that window. */
function senderTo(target, native) {
  if (!senders.has(target)) {
    const holder = Object.defineProperty({}, "postMessage", { value: native, configurable: true });
    wrapArguments(holder, "postMessage", (args) => {
      const [, to] = args;
      if (typeof to !== "object" && args.length > 1) args[1] = mapTarget(String(to));
      else if (to?.targetOrigin !== undefined) args[1] = { ...to, targetOrigin: mapTarget(String(to.targetOrigin)) };
    });
    senders.set(target, holder.postMessage);
  }
  return senders.get(target);
}

onRealm((realm) => {
  const property = Object.getOwnPropertyDescriptor(realm, "postMessage");
  if (!realm.document || !property) return;
  const { value: native, ...flags } = property;
  const mark = realm[MARK];
  const isAlone = () => realm === self && realm.parent === realm && !realm.opener && !realm.length;
  change(realm, "postMessage", property, {
    get: () => mark.sender?.(realm, native) ?? (isAlone() ? senderTo(realm, native) : native),
    set(value) { Object.defineProperty(realm, "postMessage", { ...flags, value, writable: true }); },
    enumerable: flags.enumerable,
    configurable: true,
  });

  if (realm !== self) return;
  const taken = (target) => {
    try {
      const other = target !== self && target[MARK];
      if (other) {
        other.sender = senderTo;
        // Nobody else's script runs before that.
        queueMicrotask(() => { delete other.sender; });
      }
    } catch {
      // Another origin's.
    }
    return target;
  };
  for (const name of ["parent", "opener"]) wrapValue(realm, name, taken);
  wrapValue(realm.MessageEvent.prototype, "source", (source) => (source && source === source.window ? taken(source) : source));
  for (const name of ["HTMLIFrameElement", "HTMLFrameElement", "HTMLObjectElement"]) {
    wrapValue(realm[name]?.prototype, "contentWindow", taken);
  }
  wrapResult(realm, "open", taken);
});
