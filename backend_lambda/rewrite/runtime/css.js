// Style sheets and declarations made by scripts (R14): `url()` and its relatives are mapped before the browser sees them.

const CSS_CONCERNED = /url\(|image-set\(|src\(|@import|\\/i;
const CSS_TOKEN =
  /\/\*[^]*?(?:\*\/|$)|@namespace\b[^;]*|image-set\((?:[^()]|\([^()]*\))*\)|((?:url|src)\(\s*)(?:"((?:[^"\\\n]|\\[^])*)"?|'((?:[^'\\\n]|\\[^])*)'?|((?:[^\s"'()\\]|\\[^])*))(\s*(?:\)|$))|(@import\s*)?("(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?)/gi;
const CSS_LISTED = /((?:url|type)\([^()]*\))|("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')/gi;
const CSS_ESCAPE = /\\(?:([0-9a-f]{1,6})\s?|\n|([^]))/gi;

const mapCss = (text, map = mapUrl) => (CSS_CONCERNED.test(text) ? rewriteCss(text, map) : text);
const unmapCss = (text) => (text.includes(config.prefix) ? rewriteCss(text, unmapUrl) : text);

function rewriteCss(text, map) {
  const mapValue = (raw) => {
    const value = raw.replace(CSS_ESCAPE, (_, hex, character) =>
      hex ? String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff)) : character || "");
    const mapped = map(value);
    return mapped === value ? raw : mapped.replace(/["'()\\\s]/g, (character) => `\\${character.charCodeAt().toString(16)} `);
  };
  const mapString = (string) => {
    const end = string.length > 1 && string.endsWith(string[0]) ? string.length - 1 : string.length;
    return string[0] + mapValue(string.slice(1, end)) + string.slice(end);
  };
  return text.replace(CSS_TOKEN, (token, opening, double, single, bare, closing, rule, string) => {
    if (opening) {
      const raw = double ?? single ?? bare;
      return opening + token.slice(opening.length, token.length - closing.length).replace(raw, () => mapValue(raw)) + closing;
    }
    if (rule) return rule + mapString(string);
    if (/^image-set/i.test(token)) {
      return token.replace(CSS_LISTED, (part, nested, listed) =>
        (listed ? mapString(listed) : /^url/i.test(nested) ? rewriteCss(nested, map) : part));
    }
    return token;
  });
}

// CSS properties whose values may hold an image, a shape or an SVG reference.
const CSS_URL_PROPERTIES =
  "backdrop-filter background background-image border-image border-image-source clip-path content cursor fill filter list-style " +
  "list-style-image marker marker-end marker-mid marker-start mask mask-border mask-border-source mask-image offset offset-path " +
  "shape-outside stroke -webkit-border-image -webkit-box-reflect -webkit-clip-path -webkit-filter -webkit-mask " +
  "-webkit-mask-box-image -webkit-mask-box-image-source -webkit-mask-image -webkit-shape-outside";

const STYLE_METHODS = "appendChild insertBefore replaceChild append prepend replaceChildren insertAdjacentText";

const camelCase = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

onRealm((realm) => {
  const proto = (name) => realm[name]?.prototype;
  const mapFrom = (sheet) => (sheet?.href ? (url) => mapUrl(url, sheet.href) : mapUrl);

  for (const [owner, method] of [["CSSStyleSheet", "insertRule"], ["CSSStyleSheet", "replace"], ["CSSStyleSheet", "replaceSync"],
    ["CSSGroupingRule", "insertRule"], ["CSSKeyframesRule", "appendRule"]]) {
    wrapArguments(proto(owner), method, function (args) {
      args[0] = mapCss(String(args[0]), mapFrom(this.parentStyleSheet ?? this));
    });
  }
  wrapArguments(proto("CSSStyleSheet"), "addRule", (args) => {
    if (args.length > 1) args[1] = mapCss(String(args[1]));
  });

  const declaration = proto("CSSStyleDeclaration");
  const setProperty = declaration?.setProperty;
  const getPropertyValue = declaration?.getPropertyValue;
  wrapArguments(declaration, "setProperty", (args) => {
    if (typeof args[1] === "string") args[1] = mapCss(args[1]);
  });
  wrapResult(declaration, "getPropertyValue", unmapCss);
  wrapValue(declaration, "cssText", unmapCss, mapCss);
  wrapValue(proto("CSSRule"), "cssText", unmapCss);
  const mapDeclared = (value) => (typeof value === "string" ? mapCss(value) : value);
  const sample = realm.document?.createElement("p").style;
  const owner = sample && Object.getPrototypeOf(sample);
  for (const property of sample ? CSS_URL_PROPERTIES.split(" ") : []) {
    const camel = camelCase(property);
    for (const name of new Set([property, camel, camel[0].toLowerCase() + camel.slice(1)])) {
      // Chromium's declarations catch all names by themselves, yet an accessor on the prototype comes first.
      if (Object.hasOwn(owner, name)) wrapValue(owner, name, unmapCss, mapDeclared);
      else if (name in sample) {
        change(owner, name, undefined, {
          get() { return unmapCss(getPropertyValue.call(this, property)); },
          set(value) { setProperty.call(this, property, mapDeclared(value)); },
          configurable: true,
          enumerable: true,
        });
      }
    }
  }

  for (const method of ["set", "append"]) {
    wrapArguments(proto("StylePropertyMap"), method, (args) => {
      args.forEach((value, index) => { if (typeof value === "string") args[index] = mapCss(value); });
    });
  }
  for (const method of ["parse", "parseAll"]) {
    wrapArguments(realm.CSSStyleValue, method, (args) => { args[1] = mapCss(String(args[1])); });
  }
  wrapResult(proto("CSSStyleValue"), "toString", unmapCss);
  wrapArguments(realm, "FontFace", (args) => {
    if (typeof args[1] === "string") args[1] = mapCss(args[1]);
  });

  // A style element takes its sheet from its text, however that gets there.
  for (const style of [proto("HTMLStyleElement"), proto("SVGStyleElement")]) {
    for (const property of style ? ["textContent", "innerText", "innerHTML"] : []) {
      inherit(style, property);
      wrapValue(style, property, unmapCss, (value) => (value === null ? value : mapCss(String(value))));
    }
    for (const method of style ? STYLE_METHODS.split(" ") : []) {
      inherit(style, method);
      wrapArguments(style, method, (args) => {
        args.forEach((node, index) => {
          if (typeof node === "string") args[index] = mapCss(node);
          else if (node?.nodeType === 3) node.data = mapCss(node.data);
        });
      });
    }
  }
  const isSheet = (node) => /^style$/i.test(node.parentNode?.localName);
  for (const property of proto("Text") ? ["data", "nodeValue", "textContent"] : []) {
    inherit(proto("Text"), property);
    wrapValue(proto("Text"), property,
      function (value) { return value.includes(config.prefix) && isSheet(this) ? unmapCss(value) : value; },
      function (value) { return typeof value === "string" && CSS_CONCERNED.test(value) && isSheet(this) ? mapCss(value) : value; });
  }
  for (const [method, at] of [["appendData", 0], ["insertData", 1], ["replaceData", 2]]) {
    wrapArguments(proto("CharacterData"), method, function (args) {
      if (isSheet(this)) args[at] = mapCss(String(args[at]));
    });
  }
});
