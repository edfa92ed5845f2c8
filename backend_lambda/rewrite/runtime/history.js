// The address that a page shows (R7, R8). By default it bears the prefix, and the app reads it without. Layer L5 takes it
// off before the app runs, so that routers find the path they expect; the page then lives at an address that the server
// does not know, and a note in the tab's own storage leads back from there (backend_lambda/core/recovery.py).

/** The public address of what the app calls `url`, absolute; the same address where that is right or leads elsewhere. */
const destinationOf = (url, base) => new URL(mapUrl(new URL(url, base).href), publicOrigin).href;

/** The address that the document has to show for it. */
function addressOf(url, realm) {
  const destination = destinationOf(url, realm.document.baseURI);
  return config.strip ? unmapUrl(destination) : destination;
}

// Of strip mode, each way between the address that the page shows and the one at which the server has it.
let showAddress = () => {};
let showDestination = () => {};

onRealm((realm) => {
  const { history, location, navigation, History } = realm;
  if (!History) return;
  const { replaceState } = History.prototype;

  for (const name of ["pushState", "replaceState"]) {
    wrapArguments(History.prototype, name, (args) => {
      if (args[2] !== undefined && args[2] !== null) args[2] = addressOf(args[2], realm);
    });
  }
  for (const name of ["oldURL", "newURL"]) wrapValue(realm.HashChangeEvent.prototype, name, unmapUrl);
  wrapValue(realm.NavigationHistoryEntry?.prototype, "url", (url) => url && unmapUrl(url));

  if (!config.strip || !/^http/.test(location.protocol)) return;
  const show = (map) => () => {
    const url = map(location.href);
    if (url !== location.href) replaceState.call(history, history.state, "", url);
  };
  showAddress = show(unmapUrl);
  showDestination = show(destinationOf);
  const { get: storageOf } = Object.getOwnPropertyDescriptor(realm, "sessionStorage");
  const { setItem } = realm.Storage.prototype;
  const leaveNote = () => {
    try {
      setItem.call(storageOf.call(realm), "__hw", JSON.stringify({ prefix: config.prefix }));
    } catch {
      // Sandboxed frames have no storage, and others may have no room in it.
    }
  };
  showAddress();
  leaveNote();
  navigation?.addEventListener("navigatesuccess", showAddress);
  // Other pages of the tab may have left notes of theirs in the meantime.
  onReopen(realm, () => {
    for (const name of ["pageshow", "pagehide"]) realm.addEventListener(name, leaveNote);
  });
});
