// localStorage and sessionStorage (R16): one origin serves many tunnels, so each app sees the keys `/prefix:…` as its own.

const storagePrefix = `${config.prefix}:`;
const storages = new WeakMap(); // view → native storage
const views = new WeakMap(); // native storage → view

const ownKeys = (storage) =>
  Object.keys(storage).filter((key) => key.startsWith(storagePrefix)).map((key) => key.slice(storagePrefix.length));

onRealm((realm) => {
  const proto = realm.Storage?.prototype;
  if (!proto) return;
  const { getItem, setItem, removeItem } = proto;
  const nativeOf = (storage) => storages.get(storage) ?? storage;

  const viewOf = (storage) => {
    if (!views.has(storage)) {
      const view = makeView(storage);
      views.set(storage, view);
      storages.set(view, storage);
    }
    return views.get(storage);
  };
  const read = (storage, key) => getItem.call(storage, storagePrefix + key);
  const isItem = (storage, key) => typeof key === "string" && !(key in proto) && read(storage, key) !== null;
  const makeView = (storage) => new Proxy(Object.create(proto), {
    get: (target, key, view) => {
      if (typeof key === "string" && !(key in proto)) return read(storage, key) ?? undefined;
      return Reflect.get(target, key, view);
    },
    set: (target, key, value) => {
      if (typeof key !== "string") return Reflect.set(target, key, value);
      setItem.call(storage, storagePrefix + key, value);
      return true;
    },
    has: (target, key) => key in target || isItem(storage, key),
    deleteProperty: (target, key) => {
      if (typeof key !== "string") return Reflect.deleteProperty(target, key);
      removeItem.call(storage, storagePrefix + key);
      return true;
    },
    ownKeys: (target) => [...new Set([...ownKeys(storage).filter((key) => !(key in proto)), ...Reflect.ownKeys(target)])],
    getOwnPropertyDescriptor: (target, key) =>
      isItem(storage, key)
        ? { value: read(storage, key), writable: true, enumerable: true, configurable: true }
        : Reflect.getOwnPropertyDescriptor(target, key),
    defineProperty: (target, key, descriptor) => {
      if (typeof key !== "string") return Reflect.defineProperty(target, key, descriptor);
      setItem.call(storage, storagePrefix + key, descriptor.value);
      return true;
    },
  });

  for (const name of ["getItem", "setItem", "removeItem"]) {
    wrap(proto, name, (native) => function (key, ...more) {
      return arguments.length ? native.call(nativeOf(this), storagePrefix + key, ...more) : native.call(nativeOf(this));
    });
  }
  wrap(proto, "key", (native) => function (index) {
    if (!arguments.length) return native.call(nativeOf(this));
    return ownKeys(nativeOf(this))[index >>> 0] ?? null;
  });
  wrap(proto, "clear", () => function () {
    const storage = nativeOf(this);
    for (const key of ownKeys(storage)) removeItem.call(storage, storagePrefix + key);
  });
  wrapAccessor(proto, "length", { get() { return ownKeys(nativeOf(this)).length; } });
  for (const name of ["localStorage", "sessionStorage"]) wrapValue(realm, name, viewOf);

  const event = realm.StorageEvent?.prototype;
  if (!event) return;
  const key = Object.getOwnPropertyDescriptor(event, "key").get;
  // What scripts make themselves bears the app's own names.
  wrapValue(event, "key", function (value) {
    return this.isTrusted && value?.startsWith(storagePrefix) ? value.slice(storagePrefix.length) : value;
  });
  wrapValue(event, "storageArea", (storage) => storage && viewOf(storage));
  wrapValue(event, "url", unmapUrl);
  wrapArguments(realm, "StorageEvent", (args) => {
    if (storages.has(args[1]?.storageArea)) args[1] = { ...args[1], storageArea: storages.get(args[1].storageArea) };
  });
  wrapArguments(event, "initStorageEvent", (args) => { args[7] = nativeOf(args[7]); });
  onReopen(realm, () => realm.addEventListener("storage", (change) => {
    const name = change.isTrusted ? key.call(change) : null;
    if (name !== null && !name.startsWith(storagePrefix)) change.stopImmediatePropagation();
  }, true));
});
