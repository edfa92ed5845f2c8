// Navigations (R8, R9, J9). `location` itself cannot be replaced, but each navigation fires an event first: what leads out
// of the prefix is stopped and sent again below it. Only windows that never showed a page (`open("")`) fire none; their
// requests are brought back at the root.

const sources = new WeakMap(); // event of a navigation that was sent again → the event that the app caused
const intercepted = new WeakSet(); // events that the app turned into changes of the page it is on
let repeats = 0; // how many navigations were sent again

const withoutFragment = (url) => url.split("#", 1)[0];

onRealm((realm) => {
  const { document, navigation, Navigation, NavigateEvent, NavigationDestination } = realm;
  if (!document) return;
  wrapArguments(realm, "open", (args) => {
    // Even `#f` names a page of its own there.
    if (args[0] !== undefined && String(args[0])) args[0] = destinationOf(args[0], realm.document.baseURI);
  });
  if (!navigation) {
    followLinks(realm);
    return;
  }

  const listen = (type, listener) => realm.EventTarget.prototype.addEventListener.call(navigation, type, listener);
  const { navigate, reload } = Navigation.prototype;
  const { get: urlOf } = Object.getOwnPropertyDescriptor(NavigationDestination.prototype, "url");
  let isRouted = false; // whether the app listens
  let isDispatching = false;
  let source = null; // the event that the app caused, while it is sent again
  let isFinal = false; // whether that happens for the last time, and not for the app to see
  let isStopping = false; // whether the next `navigateerror` is our doing
  let isStopped = false; // whether it has come

  /** A reload keeps what belongs to the entry, as navigations do not; it loads the address that the page shows then. */
  const reloadThere = (state, info) => {
    showDestination();
    const again = reload.call(navigation, { state, info });
    again.committed.catch(showAddress); // the visitor may want to stay
    return again;
  };
  const sendAgain = (event, url, type, final = false) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    repeats++;
    source = sources.get(event) ?? event;
    isFinal = final;
    isStopping = true;
    isStopped = false;
    const { info } = event;
    const state = event.destination.getState();
    const again = type === "reload" ? reloadThere(state, info)
      : navigate.call(navigation, url, { history: type === "push" ? "auto" : "replace", state, info });
    for (const promise of [again.committed, again.finished]) promise.catch(() => {});
    source = null;
    isFinal = false;
    isStopping = !isStopped;
    setTimeout(() => { isStopping = false; });
  };

  const onNavigate = (event) => {
    // A frame that was empty may keep this object for the page that it loads.
    if (realm.document !== document) return;
    if (isFinal) {
      event.stopImmediatePropagation();
      return;
    }
    if (source) sources.set(event, source);
    if (!canBeSentAgain(event)) return;
    const url = urlOf.call(event.destination);
    const destination = destinationOf(url);
    const { navigationType } = event;
    if (!config.strip) {
      if (destination !== url && !source) sendAgain(event, destination, navigationType);
      return;
    }
    const shown = unmapUrl(destination);
    if (shown === destination) return; // leads elsewhere
    const { href } = realm.location;
    const isFragment = shown.includes("#") && withoutFragment(shown) === withoutFragment(href);
    const type = navigationType === "push" && shown === href ? "replace" : navigationType;
    if (isFragment && url !== shown) sendAgain(event, shown, type);
    else if (!isRouted) {
      if (url !== destination || type !== navigationType) sendAgain(event, destination, type, true);
    } else if (url !== shown && !source) sendAgain(event, shown, type);
    else {
      isDispatching = true;
      setTimeout(() => { isDispatching = false; });
    }
  };
  // In strip mode apps see navigations as routers expect them; those that they leave alone go to the server from here.
  const afterApp = (event) => {
    if (!isDispatching) return;
    isDispatching = false;
    if (!event.defaultPrevented && !intercepted.has(event)) {
      sendAgain(event, destinationOf(urlOf.call(event.destination)), event.navigationType, true);
    }
  };
  /** Keeps us behind the app's listeners; those that come during an event are not called by it. */
  const comeLast = () => {
    isRouted = true;
    if (isDispatching) {
      setTimeout(comeLast);
      return;
    }
    navigation.removeEventListener("navigate", afterApp);
    listen("navigate", afterApp);
  };

  listen("navigate", onNavigate);
  listen("currententrychange", (event) => { if (isFinal) event.stopImmediatePropagation(); });
  listen("navigateerror", (event) => {
    if (isStopping) {
      event.stopImmediatePropagation();
      isStopped = true;
      isStopping = source !== null;
    }
  });
  inherit(Navigation.prototype, "addEventListener");
  wrapResult(Navigation.prototype, "addEventListener", (result, type) => {
    if (type === "navigate") comeLast();
  });
  wrapAccessor(Navigation.prototype, "onnavigate", {
    set(native, value) {
      native.call(this, value);
      comeLast();
    },
  });

  wrapArguments(Navigation.prototype, "navigate", (args) => {
    args[0] = isRouted ? addressOf(args[0], realm) : destinationOf(args[0], realm.document.baseURI);
  });
  for (const method of ["navigate", "reload"]) {
    wrap(Navigation.prototype, method, (native) => function () {
      const before = repeats;
      const result = native.apply(this, arguments);
      if (repeats === before) return result;
      // The page goes away, though not by this call: its promises stay open, as they do then.
      for (const promise of [result.committed, result.finished]) promise.catch(() => {});
      return { committed: new Promise(() => {}), finished: new Promise(() => {}) };
    });
  }
  wrapValue(NavigationDestination.prototype, "url", unmapUrl);
  wrap(NavigateEvent.prototype, "intercept", (native) => function () {
    native.apply(this, arguments);
    intercepted.add(this);
  });
  for (const property of ["userInitiated", "sourceElement"]) {
    wrapValue(NavigateEvent.prototype, property, function (value) { return sources.get(this)?.[property] ?? value; });
  }
});

/** Whether a navigation loads a page, and is no download and no form that posts (those are mapped in forms.js). */
function canBeSentAgain({ cancelable, destination, downloadRequest, formData, navigationType }) {
  return cancelable && navigationType !== "traverse" && !destination.sameDocument && !formData && typeof downloadRequest !== "string";
}

/** Browsers without the Navigation API: at least what links say. */
function followLinks(realm) {
  onReopen(realm, () => realm.addEventListener("click", (event) => {
    try {
      const link = event.composedPath().find((node) => node.localName === "a" || node.localName === "area");
      const href = link && getAttribute.call(link, "href");
      if (!href) return;
      const destination = destinationOf(href, link.baseURI);
      const shown = unmapUrl(destination);
      const isFragment = config.strip && shown.includes("#") && withoutFragment(shown) === withoutFragment(realm.location.href);
      const target = isFragment ? shown : destination;
      if (target !== new URL(href, nativeBase.call(link)).href) setTimeout(overrule(link, "href", target));
    } catch {
      // No URL: it leads nowhere.
    }
  }, true));
}
