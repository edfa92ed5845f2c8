// Everything else that an origin shares by name (R17): databases, caches, locks, channels and the private file system.

const NAME_PREFIX = `${config.prefix}:`;
const mapName = (name) => NAME_PREFIX + name;
const isOwnName = (name) => name.startsWith(NAME_PREFIX);
const unmapName = (name) => (isOwnName(name) ? name.slice(NAME_PREFIX.length) : name);

onRealm((realm) => {
  const proto = (name) => realm[name]?.prototype;
  const mapFirst = (args) => { if (args.length) args[0] = mapName(args[0]); };
  const ownNamed = (list) => list.filter((one) => isOwnName(one.name)).map((one) => ({ ...one, name: unmapName(one.name) }));

  wrapArguments(proto("IDBFactory"), "open", mapFirst);
  wrapArguments(proto("IDBFactory"), "deleteDatabase", mapFirst);
  wrapResult(proto("IDBFactory"), "databases", (found) => found.then(ownNamed));
  wrapValue(proto("IDBDatabase"), "name", unmapName);

  wrapArguments(proto("LockManager"), "request", mapFirst);
  wrapResult(proto("LockManager"), "query", (found) => found.then((state) => ({ held: ownNamed(state.held), pending: ownNamed(state.pending) })));
  wrapValue(proto("Lock"), "name", unmapName);

  wrapArguments(realm, "BroadcastChannel", mapFirst);
  wrapValue(proto("BroadcastChannel"), "name", unmapName);

  const caches = proto("CacheStorage");
  const cache = proto("Cache");
  const mapRequest = (request) => (typeof request === "string" || request instanceof realm.URL ? mapUrl(String(request)) : request);
  const mapRequests = (args) => { if (args.length) args[0] = Array.isArray(args[0]) ? args[0].map(mapRequest) : mapRequest(args[0]); };
  for (const method of ["match", "matchAll", "keys", "put", "add", "addAll", "delete"]) wrapArguments(cache, method, mapRequests);
  if (caches) {
    const { open, keys } = caches;
    for (const method of ["open", "has", "delete"]) wrapArguments(caches, method, mapFirst);
    const ownCaches = async (self) => (await keys.call(self)).filter(isOwnName);
    wrap(caches, "keys", () => async function () { return (await ownCaches(this)).map(unmapName); });
    wrap(caches, "match", (native) => async function (request, options) {
      const mapped = mapRequest(request);
      const names = options?.cacheName === undefined ? await ownCaches(this) : [mapName(options.cacheName)];
      for (const cacheName of names) {
        const found = await native.call(this, mapped, { ...options, cacheName });
        if (found) return found;
      }
    });
  }

  const roots = new WeakSet();
  wrapResult(proto("StorageManager"), "getDirectory", async (found) => {
    const root = await (await found).getDirectoryHandle(`hw.${config.tunnel}`, { create: true });
    roots.add(root);
    return root;
  });
  wrapValue(proto("FileSystemHandle"), "name", function (name) { return roots.has(this) ? "" : name; });
});
