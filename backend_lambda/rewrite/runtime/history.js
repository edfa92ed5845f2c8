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

const NOTE = "__hw";
let kept; // `history.state`, for the page that is about to be loaded anew: reloads keep it, navigations do not

const keepState = () => {
  kept = history.state;
};

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
  const strip = (state) => {
    const shown = unmapUrl(location.href);
    if (shown !== location.href || state !== history.state) replaceState.call(history, state, "", shown);
  };
  let storage = null;
  try {
    storage = realm.sessionStorage;
  } catch {
    // A sandboxed frame has none, and never comes back to its address either.
  }
  const { getItem, setItem } = realm.Storage.prototype;
  const readNote = () => {
    try {
      const { prefix, at, state } = JSON.parse(getItem.call(storage, NOTE));
      return prefix === config.prefix && at === unmapUrl(location.href) ? state : undefined;
    } catch {
      return undefined;
    }
  };
  const leaveNote = (state) => {
    try {
      setItem.call(storage, NOTE, JSON.stringify({ prefix: config.prefix, at: location.href, state }));
    } catch {
      // No storage, no room in it, or a state that is no JSON.
    }
  };
  strip(history.state ?? readNote() ?? null);
  leaveNote();
  navigation?.addEventListener("navigatesuccess", () => strip(history.state));
  // Other pages of the tab may have left notes of theirs in the meantime.
  onReopen(realm, () => {
    realm.addEventListener("pageshow", () => leaveNote());
    realm.addEventListener("pagehide", () => leaveNote(kept));
  });
});
