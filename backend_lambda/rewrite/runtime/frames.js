// Frames and windows without an address of their own (R20): `about:blank`, `srcdoc`, `blob:` and the like have a fresh
// realm, which gets the runtime before the app can reach it.

const INSERTING = {
  Node: "appendChild insertBefore replaceChild",
  Document: "append prepend replaceChildren",
  DocumentFragment: "append prepend replaceChildren",
  Element: "append prepend replaceChildren before after replaceWith insertAdjacentElement insertAdjacentHTML setHTMLUnsafe",
};

function adopt(realm) {
  try {
    // Pages with an address bring the runtime along, or belong to another tunnel.
    if (realm && !/^https?:$/.test(realm.location.protocol)) installRealm(realm);
  } catch {
    // Another origin's.
  }
  return realm;
}

const adoptDocument = (document) => {
  adopt(document?.defaultView);
  return document;
};

onRealm((realm) => {
  const proto = (name) => realm[name]?.prototype;
  const { document } = realm;
  if (!document) return;

  for (const name of ["HTMLIFrameElement", "HTMLFrameElement", "HTMLObjectElement"]) {
    wrapValue(proto(name), "contentWindow", adopt);
    wrapValue(proto(name), "contentDocument", adoptDocument);
  }
  for (const name of ["HTMLIFrameElement", "HTMLObjectElement", "HTMLEmbedElement"]) {
    wrapResult(proto(name), "getSVGDocument", adoptDocument);
  }
  wrapResult(realm, "open", adopt);

  const length = Object.getOwnPropertyDescriptor(realm, "length")?.get;
  let known = 0;
  const adoptNew = (result) => {
    const count = length.call(realm);
    if (count !== known) {
      known = count;
      for (let index = 0; index < count; index++) adopt(realm[index]);
    }
    return result;
  };
  if (length) {
    for (const name in INSERTING) {
      for (const method of INSERTING[name].split(" ")) wrapResult(proto(name), method, adoptNew);
    }
    for (const property of ["innerHTML", "outerHTML"]) {
      wrapAccessor(proto("Element"), property, {
        set(native, value) {
          native.call(this, value);
          adoptNew();
        },
      });
    }
  }

  // Browsers keep the realm of an empty window for the page that comes next, which may be none of ours.
  if (realm !== self) {
    onReopen(realm, () => realm.addEventListener("pagehide", () => {
      realm[MARK]?.undo();
      delete realm[MARK];
    }));
  }
  onReopen(realm, () => document.addEventListener("load", (event) => adopt(event.target.contentWindow), true));
  wrapResult(proto("Document"), "open", (result) => {
    const reopened = result?.defaultView ?? result;
    for (const listen of reopeners.get(reopened) ?? []) listen();
    return result;
  });
});
