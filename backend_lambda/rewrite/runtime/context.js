// What apps may know about the tunnel (the one global of ours), for those that want to build public addresses themselves.

onRealm((realm) => {
  const base = publicOrigin + config.prefix;
  const value = Object.freeze({
    tunnelId: config.tunnel,
    basePath: config.prefix,
    getBaseUrl: () => base,
    /** The public address of a path or URL of the app; without a leading slash it starts at the app's root. */
    url: (path) => destinationOf(path, `${base}/`),
  });
  change(realm, "__TUNNEL_CONTEXT__", undefined, { value, enumerable: false, configurable: true });
});
