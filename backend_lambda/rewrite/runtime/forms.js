// Forms on their way (R10). Their `action` is mapped like any reference; what is left are those that have none, which go to
// the address that the page shows, and those that nothing of ours has seen.

onRealm((realm) => {
  const proto = realm.HTMLFormElement?.prototype;
  if (!proto) return;

  /** Lets the form go below the prefix; returns what undoes it. */
  const direct = (form, submitter) => {
    const owner = (name) => (submitter && getAttribute.call(submitter, `form${name}`) !== null ? [submitter, `form${name}`] : [form, name]);
    if (/^dialog$/i.test(getAttribute.call(...owner("method")))) return () => {};
    const [element, name] = owner("action");
    const action = getAttribute.call(element, name)?.trim() || realm.location.href;
    // Not of the form itself: its fields hide its properties.
    const { document } = realm;
    const destination = destinationOf(action, document.baseURI);
    return destination === new URL(action, nativeBase.call(document)).href ? () => {} : overrule(element, name, destination);
  };
  const onSubmit = (event) => {
    try {
      // The browser looks at it after all listeners, and then at once.
      if (event.isTrusted) setTimeout(direct(event.target, event.submitter));
    } catch {
      // An action that is no URL leads nowhere.
    }
  };

  wrap(proto, "submit", (native) => function () {
    let restore = () => {};
    try {
      restore = direct(this);
    } catch {
      // As above.
    }
    try {
      return native.apply(this, arguments);
    } finally {
      restore();
    }
  });
  onReopen(realm, () => realm.addEventListener("submit", onSubmit, true));
  // The event does not leave a shadow tree.
  wrapResult(realm.Element.prototype, "attachShadow", (root) => {
    root.addEventListener("submit", onSubmit, true);
    return root;
  });
});
