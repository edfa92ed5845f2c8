// Markup given as a string (R13) is mapped before the parser sees it, and un-mapped where it is read back.

const MARKUP_NAMES = Object.keys(ATTRIBUTES).join("|");
const MARKUP_CONCERNED = new RegExp(`[\\s"'/](?:${MARKUP_NAMES})\\s*=|<style`, "i");
const MARKUP_TAG = new RegExp(`([a-z][^\\s/>]*)(?:\\s+(?!(?:${MARKUP_NAMES})\\s*=)[\\w:@.-]+(?:="[^"]*")?)*`, "iy"); // with all plain attributes
const MARKUP_ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:(\s*=\s*)(?:"([^"]*)("?)|'([^']*)('?)|([^\s>]*)))?/y;
const RAW_TEXT = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes|plaintext)$/;
const SVG_TAGS = /^(?:svg|g|use|image|path|rect|circle|ellipse|line|poly\w+|text\w*|tspan|script|a|fe\w+|mpath|pattern|\w+gradient|filter|set|animate\w*)$/;
const ENTITY = /&(?:#x([0-9a-f]+)|#(\d+)|(amp|quot|apos|lt|gt|sol|colon|period|bsol|quest|num|Tab|NewLine));?/gi;
const ENTITIES = { amp: "&", quot: '"', apos: "'", lt: "<", gt: ">", sol: "/", colon: ":", period: ".", bsol: "\\", quest: "?", num: "#", tab: "\t", newline: "\n" };

const decodeEntities = (text) => text.replace(ENTITY, (_, hex, decimal, name) =>
  name ? ENTITIES[name.toLowerCase()] : String.fromCodePoint(Math.min(hex ? parseInt(hex, 16) : +decimal, 0x10ffff)));

const mapMarkup = (html) => (MARKUP_CONCERNED.test(html) ? scanMarkup(html, 0)[0] : html);
const unmapMarkup = (html) => (html.includes(config.prefix) ? scanMarkup(html, 1)[0] : html);

/** A whole page for a frame of its own: it gets the runtime as well, behind what decides its rendering mode. */
const mapPage = (html) =>
  mapMarkup(html).replace(/^\s*(?:<!--[^]*?-->\s*)*(?:<!doctype[^>]*>\s*)?(?:<html[^>]*>\s*)?(?:<head(?:\s[^>]*)?>)?/i, (start) => start + loaderTag);
const unmapPage = (html) => unmapMarkup(html.replace(loaderTag, ""));

/**
 * [the markup with its references mapped (direction 0) or un-mapped (1), where its unfinished last token begins]
 * Tolerant as the parser is; the text of scripts and the like is left alone.
 */
function scanMarkup(html, direction) {
  let out = "";
  let copied = 0;
  let at = 0;
  const put = (start, end, text) => {
    out += html.slice(copied, start) + text;
    copied = end;
  };
  let before = ["", 0]; // `out` and `copied` where the present token begins
  const rest = (unfinished) => [out + html.slice(copied), unfinished, before[0] + html.slice(before[1], unfinished)];

  while ((at = html.indexOf("<", at)) >= 0) {
    const start = at;
    before = [out, copied];
    if (html.startsWith("<!--", at)) {
      at = html.indexOf("-->", at + 2) + 3;
      if (at < 3) return rest(start);
      continue;
    }
    MARKUP_TAG.lastIndex = at + 1;
    const tag = MARKUP_TAG.exec(html)?.[1].toLowerCase();
    if (!tag) {
      if (start === html.length - 1) return rest(start);
      if (/[a-z/!?]/i.test(html[start + 1])) {
        at = html.indexOf(">", start);
        if (at < 0) return rest(start);
      }
      at++;
      continue;
    }
    at = MARKUP_TAG.lastIndex;
    for (;;) {
      MARKUP_ATTRIBUTE.lastIndex = at;
      const found = MARKUP_ATTRIBUTE.exec(html);
      if (!found) break;
      at = MARKUP_ATTRIBUTE.lastIndex;
      const [, name, equals, double, doubleEnd, single, singleEnd, bare] = found;
      if (doubleEnd === "" || singleEnd === "" || at === html.length) return rest(start);
      if (equals === undefined) continue;
      const rule = ATTRIBUTES[name.toLowerCase()];
      if (!rule || (rule.on && !rule.on.has(tag) && !(name === "href" && SVG_TAGS.test(tag)))) continue;
      const raw = double ?? single ?? bare;
      const value = raw.includes("&") ? decodeEntities(raw) : raw;
      const mapped = isMapped(rule.kind, html, start) ? KINDS[rule.kind][direction](value) : value;
      if (mapped === value) continue;
      put(at - raw.length - (bare === undefined ? 2 : 0), at,
        `"${(value === raw ? mapped : mapped.replace(/&/g, "&amp;")).replace(/"/g, "&quot;")}"`);
    }
    at = html.indexOf(">", at);
    if (at < 0) return rest(start);
    at++;
    if (!RAW_TEXT.test(tag)) continue;
    const end = new RegExp(`</${tag}(?=[\\s/>])`, "gi");
    end.lastIndex = at;
    const closing = end.exec(html);
    const text = html.slice(at, closing?.index);
    if (tag === "style") {
      const mapped = direction ? unmapCss(text) : mapCss(text);
      if (mapped !== text) put(at, at + text.length, mapped);
    }
    if (!closing) return rest(start);
    at = closing.index;
  }
  before = [out, copied];
  return rest(html.length);
}

/** Whether an attribute counts that depends on others of its tag. */
function isMapped(kind, html, start) {
  if (kind !== "refresh" && kind !== "integrity") return true;
  const tag = html.slice(start, html.indexOf(">", start) + 1);
  return kind === "refresh" ? /http-equiv\s*=\s*["']?\s*refresh/i.test(tag) : /rel\s*=\s*["']?[^"'>]*stylesheet/i.test(tag) && !/href\s*=\s*["']?\s*(?:https?:)?\/\//i.test(tag);
}

const writing = new WeakMap(); // document → {held: text of an unfinished token, opened: by a script}

function stateOf(document) {
  if (!writing.has(document)) writing.set(document, { held: "", opened: false });
  return writing.get(document);
}

onRealm((realm) => {
  const proto = (name) => realm[name]?.prototype;
  const mapValue = (value) => {
    if (value === null || value === undefined) return value;
    const html = String(value);
    const mapped = mapMarkup(html);
    return mapped === html ? value : trusted(value, mapped);
  };
  const mapFirst = (args) => { if (args.length) args[0] = mapValue(args[0]); };
  const mapSecond = (args) => { if (args.length > 1) args[1] = mapValue(args[1]); };

  for (const [owner, property] of [["Element", "innerHTML"], ["Element", "outerHTML"], ["ShadowRoot", "innerHTML"]]) {
    // What is inside a script and the like is text.
    const isText = (node) => property === "innerHTML" && RAW_TEXT.test(node.localName);
    wrapValue(proto(owner), property,
      function (html) { return isText(this) ? html : unmapMarkup(html); },
      function (html) { return isText(this) ? html : mapValue(html); });
  }
  for (const owner of [proto("Element"), proto("ShadowRoot")]) {
    wrapArguments(owner, "setHTMLUnsafe", mapFirst);
    wrapArguments(owner, "setHTML", mapFirst);
    wrapResult(owner, "getHTML", unmapMarkup);
  }
  wrapArguments(realm.Document, "parseHTMLUnsafe", mapFirst);
  wrapArguments(realm.Document, "parseHTML", mapFirst);
  wrapArguments(proto("Element"), "insertAdjacentHTML", mapSecond);
  wrapArguments(proto("Range"), "createContextualFragment", mapFirst);
  wrapArguments(proto("DOMParser"), "parseFromString", (args) => {
    // Other XML is data.
    if (/html|svg/.test(args[1])) mapFirst(args);
  });
  wrapResult(proto("XMLSerializer"), "serializeToString", unmapMarkup);

  const document = proto("Document");
  if (!document?.write) return;
  const nativeWrite = document.write;
  const flush = (page) => {
    const state = stateOf(page);
    if (!state.held) return;
    const { held } = state;
    state.held = "";
    nativeWrite.call(page, held);
  };
  for (const [name, ending] of [["write", ""], ["writeln", "\n"]]) {
    wrap(document, name, (native) => function (...parts) {
      const state = stateOf(this);
      // Written after loading, text opens the page anew.
      if (this.readyState !== "loading") state.opened = true;
      const text = state.held + parts.map(String).join("") + ending;
      const [, unfinished, done] = scanMarkup(text, 0);
      state.held = "";
      nativeWrite.call(this, parts.length === 1 && done === String(parts[0]) ? parts[0] : trusted(parts[0], done));
      flush(this); // of scripts in it that wrote too
      state.held = text.slice(unfinished);
      // What a script leaves unfinished is for the page's own text to go on with.
      if (state.held && !state.opened) queueMicrotask(() => flush(this));
    });
  }
  wrap(document, "open", (native) => function (...args) {
    const result = native.apply(this, args);
    if (args.length < 3) writing.set(this, { held: "", opened: true });
    return result;
  });
  wrap(document, "close", (native) => function () {
    flush(this);
    stateOf(this).opened = false;
    return native.call(this);
  });
});
