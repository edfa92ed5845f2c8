// Messages between windows (R19): an app that names its own origin as the target means the public one, under which its
// windows run here. The origin that a message comes from stays the real one.

function mapTarget(target) {
  try {
    return config.upstream.includes(new URL(target).origin) ? publicOrigin : target;
  } catch {
    return target; // `*` and `/`
  }
}

onRealm((realm) => {
  if (!realm.document) return;
  wrapArguments(realm, "postMessage", (args) => {
    if (args.length < 2) return;
    const [, target] = args;
    if (typeof target !== "object" || target === null) args[1] = mapTarget(String(target));
    else if (target.targetOrigin !== undefined) args[1] = { ...target, targetOrigin: mapTarget(String(target.targetOrigin)) };
  });
});
