"""Elements and their attributes: the app reads what it wrote, the browser asks below the prefix."""

from __future__ import annotations

import pytest

from tests.browser.runtime_checks import Outcome, run

pytestmark = [pytest.mark.browser]

CHECKS = {
    "R11-link-reads-as-the-app-knows-it": """
        const a = make("a", { href: "/x?q#f" });
        same([a.href, a.getAttribute("href"), a.pathname, a.search, a.hash, a.origin, a.host, String(a), a.outerHTML],
          [E + "/x?q#f", "/x?q#f", "/x", "?q", "#f", E, location.host, E + "/x?q#f", '<a href="/x?q#f"></a>']);""",
    "R11-parts-of-a-link-are-set": """
        const a = make("a", { href: "/x" });
        a.pathname = "/y"; same([a.href, a.pathname], [E + "/y", "/y"]);
        a.search = "?s"; a.hash = "h"; same(a.href, E + "/y?s#h");
        a.protocol = "https"; a.port = ""; a.host = "other.example"; same(a.href, "https://other.example/y?s#h");
        a.pathname = "/z"; same(a.href, "https://other.example/z?s#h");
        a.href = "https://other.example/1"; a.host = location.host; a.protocol = location.protocol;
        same([a.href, a.getAttribute("href")], [E + "/1", E + "/1"]);""",
    "R11-parts-of-links-that-lead-elsewhere": """
        const a = make("a", { href: "https://other.example" + P + "/x" }); same([a.pathname, a.href], [P + "/x", "https://other.example" + P + "/x"]);
        const none = make("a"); none.pathname = "/y"; none.host = "other.example"; same([none.href, none.pathname], ["", ""]);
        const broken = make("a", { href: "http://[" }); broken.pathname = "/y"; same(broken.getAttribute("href"), "http://[");""",
    "R11-served-link-reads-as-the-app-wrote-it": """
        const a = document.getElementById("served");
        same([a.href, a.getAttribute("href"), a.pathname], [E + "/served", "/served", "/served"]);""",
    "R11-the-apps-own-origin-reads-as-written": """
        const a = make("a", { href: U + "/z" });
        same([a.getAttribute("href"), a.href], [U + "/z", E + "/z"]);""",
    "R11-other-references-stay": """
        const a = make("a");
        for (const href of ["#frag", "x", "?q", "mailto:a@b", "https://other.example/x", "//cdn.example/x", "data:,x"]) {
          a.href = href; same(a.getAttribute("href"), href);
        }
        a.href = "#frag"; same(a.href, E + "/a/b#frag");
        a.removeAttribute("href"); same([a.getAttribute("href"), a.href], [null, ""]);
        a.href = P + "4/x"; same(a.href, E + P + "4/x");""",
    "R11-image": """
        const image = put("img"); image.src = "/dom/image.png"; await event(image, "load");
        same([image.src, image.currentSrc, image.getAttribute("src")],
          [E + "/dom/image.png", E + "/dom/image.png", "/dom/image.png"]);""",
    "R11-srcset": """
        const image = put("img", { srcset: "/dom/one.png 1x, /dom/b,c.png 2x,/dom/d.png 3x" });
        await event(image, "load");
        same([image.srcset, image.getAttribute("srcset"), image.currentSrc],
          ["/dom/one.png 1x, /dom/b,c.png 2x,/dom/d.png 3x", "/dom/one.png 1x, /dom/b,c.png 2x,/dom/d.png 3x",
            E + "/dom/one.png"]);""",
    "R11-script": """
        const script = make("script", { src: "/dom/script.js" });
        const loaded = event(script, "load"); document.head.append(script); await loaded;
        same([globalThis.ran, script.src, script.getAttribute("src")], [1, E + "/dom/script.js", "/dom/script.js"]);""",
    "R11-style-sheet-with-integrity": """
        const link = make("link", { rel: "stylesheet", integrity: "sha256-AAAA", href: "/dom/sheet.css" });
        const loaded = event(link, "load"); document.head.append(link); await loaded;
        same([link.href, link.integrity, link.sheet.href],
          [E + "/dom/sheet.css", "sha256-AAAA", E + "/dom/sheet.css"]);""",
    "R11-integrity-belongs-to-the-address": """
        const ours = "/dom/sheet.css?order", theirs = "https://other.example/x.css", integrity = "sha256-AAAA";
        const real = (link) => new XMLSerializer().serializeToString(link).includes(integrity);
        const first = make("link", { rel: "stylesheet", integrity, href: ours }), loaded = event(first, "load");
        document.head.append(first); await loaded; same([first.integrity, first.getAttribute("integrity")], [integrity, integrity]);
        const second = make("link", { rel: "stylesheet", href: theirs, integrity }), third = make("link", { integrity, href: theirs });
        const fourth = make("link", { integrity, href: ours }); fourth.href = theirs;
        same([second, third, fourth].map((link) => [link.integrity, real(link)]), [[integrity, true], [integrity, true], [integrity, true]]);
        same(real(first), false);""",
    "R11-forms": """
        const form = make("form", { action: "/f" }), button = make("button", { formAction: "/b" });
        same([form.action, form.getAttribute("action"), button.formAction, button.getAttribute("formaction")],
          [E + "/f", "/f", E + "/b", "/b"]);""",
    "R11-other-elements": """
        for (const [tag, property, value] of [["object", "data", "/dom/o.svg"], ["embed", "src", "/dom/e.svg"],
          ["video", "poster", "/dom/p.png"], ["video", "src", "/dom/v.svg"], ["source", "src", "/s"], ["track", "src", "/t"],
          ["input", "src", "/i"], ["blockquote", "cite", "/c"], ["ins", "cite", "/c"], ["area", "href", "/h"]]) {
          const element = put(tag, { [property]: value });
          same([tag, element[property], element.getAttribute(property)], [tag, E + value, value]);
        }
        same([make("a", { ping: "/1 /2" }).ping, make("body", { background: "/b" }).background], ["/1 /2", "/b"]);""",
    "R11-svg": """
        const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
        use.setAttributeNS("http://www.w3.org/1999/xlink", "xlink:href", "/dom/u.svg#a");
        same([use.href.baseVal, use.getAttribute("xlink:href"), use.getAttributeNS("http://www.w3.org/1999/xlink", "href")],
          ["/dom/u.svg#a", "/dom/u.svg#a", "/dom/u.svg#a"]);
        const image = document.createElementNS("http://www.w3.org/2000/svg", "image");
        image.href.baseVal = "/dom/svg.svg"; image.className.baseVal = "/class";
        same([image.href.baseVal, image.getAttribute("href"), image.className.baseVal, image.getAttribute("class")],
          ["/dom/svg.svg", "/dom/svg.svg", "/class", "/class"]);
        const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"); svg.append(image, use); add(svg);""",
    "R11-selectors-find-what-the-app-wrote": """
        const box = make("div", { innerHTML: '<a href="/x">1</a><a href="/y/z">2</a><a href="#/q">3</a><p title="/x">' });
        const texts = (selector) => [...box.querySelectorAll(selector)].map((one) => one.textContent).join();
        same([texts('a[href="/x"]'), texts("a[href^='/y']"), texts('a:not([href="/x"])'), texts('a[href="#/q"]'),
          texts('[title="/x"]'), box.firstChild.matches('[href="/x"]'), !!box.firstChild.closest('a[href="/X" i]')],
          ["1", "2", "2,3", "3", "", true, true]);""",
    "R12-setAttribute": """
        const image = put("img"); image.setAttribute("SRC", "/dom/set.png"); await event(image, "load");
        same([image.getAttribute("src"), image.getAttribute("SRC"), image.src], ["/dom/set.png", "/dom/set.png", E + "/dom/set.png"]);
        const a = make("a"); a.setAttribute("href", E + "/abs"); same([a.getAttribute("href"), a.href], [E + "/abs", E + "/abs"]);
        a.setAttributeNS(null, "href", "/ns"); same([a.href, a.getAttributeNS(null, "href")], [E + "/ns", "/ns"]);
        a.setAttribute("href", { toString: () => "/object" }); same(a.href, E + "/object");""",
    "R12-attribute-nodes": """
        const node = document.createAttribute("src"); node.value = "/dom/node.png";
        const image = put("img"); image.setAttributeNode(node); await event(image, "load");
        same([image.src, image.attributes.src.value, image.getAttributeNode("src").nodeValue], [E + "/dom/node.png",
          "/dom/node.png", "/dom/node.png"]);
        image.attributes.src.value = "/dom/node2.png"; await event(image, "load");
        same([image.getAttribute("src"), image.src], ["/dom/node2.png", E + "/dom/node2.png"]);
        const other = image.removeAttributeNode(image.attributes.src), second = make("img");
        second.attributes.setNamedItem(other); same(second.getAttribute("src"), "/dom/node2.png");""",
    "R12-other-attributes-are-nobodys-business": """
        const p = make("p"); p.dataset.src = "/x"; p.setAttribute("hx-get", "/y"); p.setAttribute("href", "/z");
        p.setAttribute("title", P + "/t"); p.toggleAttribute("src");
        same(p.outerHTML, `<p data-src="/x" hx-get="/y" href="/z" title="${P}/t" src=""></p>`);""",
    "R12-clones-are-not-mapped-twice": """
        const a = make("a", { href: "/x" }), clone = a.cloneNode(true), imported = document.importNode(clone, true);
        same([clone.href, clone.getAttribute("href"), imported.getAttribute("href")], [E + "/x", "/x", "/x"]);
        imported.setAttribute("href", imported.getAttribute("href")); imported.href = imported.href;
        same(imported.href, E + "/x");""",
    "R12-style-attribute": """
        const p = put("p"); p.setAttribute("style", "background:url(/dom/style.png)");
        same([p.getAttribute("style"), getComputedStyle(p).backgroundImage],
          ["background:url(/dom/style.png)", `url("${E}/dom/style.png")`]);
        await later(100);""",
    "R9-refresh-added-by-script": """
        const meta = make("meta", { httpEquiv: "refresh", content: "100; URL='/n'" }), other = make("meta", { name: "x", content: "/n" });
        same([meta.content, meta.getAttribute("content"), other.content], ["100; URL='/n'", "100; URL='/n'", "/n"]);""",
    "R4-audio-and-image-constructors": """
        const audio = new Audio("/dom/audio.svg"), image = new Image(); image.src = "/dom/new.png"; await event(image, "load");
        same([audio.src, audio instanceof HTMLAudioElement, image instanceof Image], [E + "/dom/audio.svg", true, true]);""",
    "R18-the-document-knows-its-own-address": """
        same([document.URL, document.documentURI, document.baseURI, document.referrer, window.origin],
          [E + "/a/b", E + "/a/b", E + "/a/b", "", E]);""",
    "R18-performance-entries": """
        const names = performance.getEntriesByType("resource").map((entry) => entry.name);
        same([names.includes(E + "/dom/image.png"), names.some((name) => name.includes(P + "/dom/")),
          performance.getEntriesByName(E + "/dom/image.png").length, performance.getEntriesByType("navigation")[0].toJSON().name],
          [true, false, 1, E + "/a/b"]);""",
    "R22-methods-look-native": """
        for (const method of [Element.prototype.setAttribute, Element.prototype.getAttribute, Node.prototype.appendChild]) {
          same(/^function \\w+\\(\\) \\{\\s*\\[native code\\]\\s*\\}$/.test(Function.prototype.toString.call(method)), true);
        }
        same([Element.prototype.setAttribute.length, Element.prototype.setAttribute.name], [2, "setAttribute"]);""",
    "R12-errors-are-the-browsers-own": """
        const caught = (act) => { try { act(); } catch (error) { return error.constructor.name; } };
        same([caught(() => make("p").setAttribute()), caught(() => make("p").setAttribute("", "/x")),
          caught(() => Element.prototype.setAttribute.call({}, "href", "/x")), caught(() => make("p").querySelector("a[/]"))],
          ["TypeError", "DOMException", "TypeError", "DOMException"]);""",
}

WANTED = """image.png one.png script.js sheet.css o.svg e.svg p.png u.svg svg.svg set.png node.png node2.png style.png
audio.svg new.png"""


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run(chromium_path, CHECKS)


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_page_sees_what_it_wrote(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


def test_all_is_asked_below_the_prefix(outcome: Outcome) -> None:
    assert outcome.leaks == []
    assert [name for name in WANTED.split() if f"/dom/{name}" not in outcome.asked] == []
    assert outcome.complaints == []
