// Properties that reflect references (R11), the pieces of a link's address, and animated references of SVG.

const REFLECTING = {
  HTMLAnchorElement: "href ping",
  HTMLAreaElement: "href ping",
  HTMLBaseElement: "href",
  HTMLBodyElement: "background",
  HTMLButtonElement: "formAction",
  HTMLEmbedElement: "src",
  HTMLFormElement: "action",
  HTMLFrameElement: "src longDesc",
  HTMLIFrameElement: "src srcdoc longDesc",
  HTMLImageElement: "src srcset lowsrc longDesc",
  HTMLInputElement: "src formAction",
  HTMLLinkElement: "href imageSrcset integrity",
  HTMLMediaElement: "src",
  HTMLMetaElement: "content",
  HTMLModElement: "cite",
  HTMLObjectElement: "data codeBase archive",
  HTMLQuoteElement: "cite",
  HTMLScriptElement: "src",
  HTMLSourceElement: "src srcset",
  HTMLTrackElement: "src",
  HTMLVideoElement: "poster",
};

// What of a link's address can move it to another origin or path: the whole is mapped again.
const MOVING = "protocol host hostname port pathname";

const animated = new WeakSet(); // SVGAnimatedString objects of `href`; those of `className` look the same

onRealm((realm) => {
  const proto = (name) => realm[name]?.prototype;
  const each = (table, visit) => {
    for (const name in table) if (proto(name)) for (const property of table[name].split(" ")) visit(proto(name), property);
  };

  each(REFLECTING, (owner, property) => {
    const attribute = property.toLowerCase();
    const { kind } = ATTRIBUTES[attribute];
    wrapValue(owner, property, function (value) {
      return kind === "url" ? unmapUrl(value) : kindOf(this, attribute) ? unmapAttribute(this, attribute, kind, value) : value;
    }, function (value) {
      return kind === "url" || kindOf(this, attribute) ? mapAttribute(this, attribute, kind, value) : value;
    });
  });

  for (const name of ["HTMLAnchorElement", "HTMLAreaElement"]) {
    const link = proto(name);
    if (!link) continue;
    wrapResult(link, "toString", unmapUrl);
    wrapValue(link, "pathname", function (path) { return this.origin === publicOrigin ? unmapUrl(path) : path; });
    for (const property of MOVING.split(" ")) {
      wrapAccessor(link, property, {
        set(native, value) {
          let url;
          try {
            url = new URL(this.href);
          } catch {
            native.call(this, value);
            return;
          }
          url[property] = value;
          this.href = url.href;
        },
      });
    }
  }

  for (const name of Object.getOwnPropertyNames(realm)) {
    if (!/^SVG.*Element$/.test(name)) continue;
    wrapValue(proto(name), "href", (value) => {
      animated.add(value);
      return value;
    });
  }
  const mapAnimated = (map) => function (value) { return animated.has(this) ? map(String(value)) : value; };
  wrapValue(proto("SVGAnimatedString"), "baseVal", mapAnimated(unmapUrl), mapAnimated(mapUrl));
  wrapValue(proto("SVGAnimatedString"), "animVal", mapAnimated(unmapUrl));

  wrapArguments(realm, "Audio", (args) => {
    if (args.length && args[0] !== undefined) args[0] = mapUrl(String(args[0]));
  });
});
