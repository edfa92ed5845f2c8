// What the page is told about its own address (R18): un-prefixed; the origin stays the real one, as logins need it.

// Properties that only tell an address.
const TELLING = {
  Document: "URL documentURI referrer",
  Node: "baseURI",
  HTMLImageElement: "currentSrc",
  HTMLMediaElement: "currentSrc",
  StyleSheet: "href",
  CSSImportRule: "href",
  LargestContentfulPaint: "url",
  PerformanceElementTiming: "url",
  TaskAttributionTiming: "containerSrc",
  SecurityPolicyViolationEvent: "documentURI referrer blockedURI sourceFile",
  Report: "url",
};

onRealm((realm) => {
  const proto = (name) => realm[name]?.prototype;
  for (const name in TELLING) {
    for (const property of TELLING[name].split(" ")) {
      wrapValue(proto(name), property, (value) => (typeof value === "string" ? unmapUrl(value) : value));
    }
  }
  // Marks and measures bear names that the app gave.
  const isNamed = (entry) => /^(?:mark|measure)$/.test(entry.entryType);
  wrapValue(proto("PerformanceEntry"), "name", function (name) { return isNamed(this) ? name : unmapUrl(name); });
  for (const name of Object.getOwnPropertyNames(realm)) {
    if (!/^(?:Performance\w*(?:Entry|Timing)|LargestContentfulPaint|TaskAttributionTiming)$/.test(name)) continue;
    wrapResult(proto(name), "toJSON", function (entry) {
      const told = { ...entry };
      for (const key of ["name", "url", "containerSrc"]) if (told[key] && !isNamed(this)) told[key] = unmapUrl(told[key]);
      return told;
    });
  }
  for (const name of ["Performance", "PerformanceObserverEntryList"]) {
    wrap(proto(name), "getEntriesByName", (native) => function (name, ...more) {
      const found = native.call(this, name, ...more);
      const isOther = !found.length && /^https?:/i.test(name);
      return isOther ? native.call(this, destinationOf(name), ...more) : found;
    });
  }
});
