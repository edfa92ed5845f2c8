// WebSockets (R3): nothing brings them back from the root, so none may miss the prefix.

/** Absolute, since older browsers take nothing else. */
function mapSocket(url) {
  const mapped = mapAddress(url);
  if (mapped === String(url)) return mapped;
  const target = new URL(mapped, realBase());
  target.protocol = target.protocol.replace("http", "ws");
  return target.href;
}

onRealm((realm) => {
  for (const name of ["WebSocket", "WebSocketStream"]) {
    wrapArgument(realm, name, 0, mapSocket);
    wrapValue(realm[name]?.prototype, "url", unmapUrl);
  }
});
