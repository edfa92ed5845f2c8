"""Markup and style sheets that scripts make: mapped before the browser sees them, read back as the app wrote them."""

from __future__ import annotations

import pytest

from tests.browser.runtime_checks import Outcome, run

pytestmark = [pytest.mark.browser]

CHECKS = {
    "R13-innerHTML": """
        const html = '<img src="/markup/inner.png"><b style="background:url(/markup/b.png)">b</b><i>a < b</i>';
        const box = put("div"); box.innerHTML = html;
        same([box.innerHTML, box.firstChild.getAttribute("src"), box.firstChild.src],
          [html.replace("a < b", "a &lt; b"), "/markup/inner.png", E + "/markup/inner.png"]);
        same(getComputedStyle(box.querySelector("b")).backgroundImage, `url("${E}/markup/b.png")`);
        box.innerHTML = null; same(box.innerHTML, ""); box.innerHTML = undefined; same(box.innerHTML, "undefined");
        box.innerHTML = '<a href="/x'; same(box.innerHTML, ""); box.innerHTML = "<"; same(box.innerHTML, "&lt;");""",
    "R13-all-ways-to-write-an-attribute": """
        const box = make("div", { innerHTML: `<a href="&sol;e">1</a><a href="/a?x=1&amp;y=2&copy=3">2</a><A HREF='/q'>3</A>
          <a/href=/x/>4</a><a href="/g"title=y>5</a><a title='"' href=/z>6</a><a title="<a href='/no'>" href = "/s">7</a>
          <a href="${U}/own">8</a><a href="//cdn.example/x">9</a><a href="{{tpl}}">0</a>` });
        same([...box.querySelectorAll("a")].map((a) => a.getAttribute("href")),
          ["/e", "/a?x=1&y=2&copy=3", "/q", "/x/", "/g", "/z", "/s", "/own", "//cdn.example/x", "{{tpl}}"]);
        same([...box.querySelectorAll("a")].slice(0, 8).every((a) => a.href.startsWith(E + "/")), true);
        same(box.querySelectorAll("a")[6].title, "<a href='/no'>");""",
    "R13-text-is-left-alone": """
        const html = `<!-- <img src="/no1"> --><script>"<img src='/no2'>"<\\/script><textarea><img src="/no3"></textarea>`;
        const box = make("div", { innerHTML: html });
        same([box.firstChild.data, box.querySelector("script").text, box.querySelector("textarea").value],
          [' <img src="/no1"> ', `"<img src='/no2'>"`, '<img src="/no3">']);
        box.textContent = '<img src="/no4">'; same(box.textContent, '<img src="/no4">');""",
    "R13-inside-of-scripts-is-text": """
        const code = `/* <img src="/no5"> */ window.markup = '<a href="/x">';`;
        const script = make("script"); script.innerHTML = code; same([script.text, script.innerHTML], [code, code]);
        document.head.append(script); same(window.markup, '<a href="/x">');
        const area = make("textarea"); area.innerHTML = '<img src="/no6">'; same([area.value, area.textContent], ['<img src="/no6">', '<img src="/no6">']);
        const template = make("script", { type: "text/template", innerHTML: '<img src="/no7">' });
        same([template.textContent, put("div", { innerHTML: template.innerHTML }).firstChild.getAttribute("src")], ['<img src="/no7">', "/no7"]);""",
    "R13-outerHTML-and-insertAdjacentHTML": """
        const box = put("div", { innerHTML: "<p></p>" });
        box.firstChild.outerHTML = '<img src="/markup/outer.png?a=1&amp;b=2">';
        box.insertAdjacentHTML("beforeend", "<img src=/markup/adjacent.png>");
        same([box.firstChild.outerHTML, box.lastChild.outerHTML],
          ['<img src="/markup/outer.png?a=1&amp;b=2">', '<img src="/markup/adjacent.png">']); await later(50);""",
    "R13-createContextualFragment-and-template": """
        add(document.createRange().createContextualFragment('<img src="/markup/fragment.png">'));
        const template = make("template", { innerHTML: '<img src="/markup/template.png">' });
        same([template.innerHTML, template.content.firstChild.getAttribute("src")],
          ['<img src="/markup/template.png">', "/markup/template.png"]);
        add(template.content.cloneNode(true)); await later(50);""",
    "R13-shadow-roots-and-setHTMLUnsafe": """
        const box = put("div"), shadow = box.attachShadow({ mode: "open", serializable: true });
        shadow.innerHTML = '<img src="/markup/shadow.png">';
        same([shadow.innerHTML, box.getHTML({ serializableShadowRoots: true }).includes(P)],
          ['<img src="/markup/shadow.png">', false]);
        const unsafe = put("div"); unsafe.setHTMLUnsafe('<img src="/markup/unsafe.png">');
        same(unsafe.getHTML(), '<img src="/markup/unsafe.png">');
        unsafe.setHTML?.('<a href="/x">x</a>'); await later(50);""",
    "R13-DOMParser-and-XMLSerializer": """
        const parsed = new DOMParser().parseFromString('<img src="/markup/parsed.png">', "text/html");
        same(parsed.images[0].getAttribute("src"), "/markup/parsed.png"); add(document.adoptNode(parsed.images[0]));
        const feed = '<feed><link href="/data"/></feed>';
        same(new XMLSerializer().serializeToString(new DOMParser().parseFromString(feed, "text/xml")), feed);
        const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="/markup/dp.svg"/></svg>';
        same(new XMLSerializer().serializeToString(add(document.adoptNode(
          new DOMParser().parseFromString(svg, "image/svg+xml").documentElement))), svg); await later(50);""",
    "R13-trusted-types-stay-trusted": """
        const policy = trustedTypes.createPolicy("app", { createHTML: (html) => html, createScriptURL: (url) => url });
        put("div").innerHTML = policy.createHTML('<img src="/markup/trusted.png">');
        const script = make("script"); script.src = policy.createScriptURL("/markup/trusted.js");
        const loaded = event(script, "load"); document.head.append(script); await loaded;
        same(script.getAttribute("src"), "/markup/trusted.js");""",
    "R13-svg-and-old-elements": """
        const box = put("div", { innerHTML: '<svg><image href="/markup/im.svg"/><use xlink:href="/markup/use.svg#a"/></svg>' +
          '<table background="/markup/table.png"><tr><td>x</table><img srcset="/markup/set.png 1x, /b 2x">' });
        same([box.querySelector("image").href.baseVal, box.querySelector("img").getAttribute("srcset")],
          ["/markup/im.svg", "/markup/set.png 1x, /b 2x"]); await later(50);""",
    "R14-text-of-style-elements": """
        const sheet = put("style"); sheet.textContent = "#s1{background:url(/markup/s1.png)}"; put("p", { id: "s1" });
        same([sheet.textContent, getComputedStyle(s1).backgroundImage, sheet.sheet.cssRules[0].cssText],
          ["#s1{background:url(/markup/s1.png)}", `url("${E}/markup/s1.png")`, '#s1 { background: url("/markup/s1.png"); }']);
        const second = make("style"); second.appendChild(document.createTextNode('#s2{background:url("/markup/no.png")}'));
        second.firstChild.data = '#s2{background:url("/markup/s2.png")}'; put("p", { id: "s2" }); add(second);
        same(second.firstChild.nodeValue, '#s2{background:url("/markup/s2.png")}');
        const third = put("style"); third.append("@import '/markup/import.css';", "#s3{background:url(/markup/s3.png)}");
        put("p", { id: "s3" });
        put("style", { innerHTML: '#s4{background:image-set("/markup/s4.png" 1x, url(/b) 2x)}' }); put("p", { id: "s4" });
        put("div", { innerHTML: "<style>#s5{background:url(/markup/s5.png)}</style><p id=s5>" });
        put("style", { innerText: "#s6{background:url(/markup/s6.png)}" }); put("p", { id: "s6" }); await later(200);""",
    "R14-rules": """
        const { sheet } = put("style"); sheet.insertRule("#r1{background:url(/markup/r1.png)}", 0); put("p", { id: "r1" });
        sheet.insertRule("@media all{#r2{color:red}}", 0);
        sheet.cssRules[0].insertRule("#r2{background:url(/markup/r2.png)}"); put("p", { id: "r2" });
        const made = new CSSStyleSheet(); made.replaceSync("#r3{background:url(/markup/r3.png)}"); put("p", { id: "r3" });
        const second = new CSSStyleSheet(); await second.replace("#r4{background:url(/markup/r4.png)}"); put("p", { id: "r4" });
        document.adoptedStyleSheets = [made, second];
        same(made.cssRules[0].cssText, '#r3 { background: url("/markup/r3.png"); }'); await later(100);""",
    "R14-declarations": """
        same([style((p) => { p.style.backgroundImage = "url(/markup/d1.png)"; }),
          style((p) => { p.style.background = 'url("/markup/d2.png") no-repeat'; }),
          style((p) => { p.style.setProperty("list-style-image", "url(/markup/d3.png)", "important"); }),
          style((p) => { p.style.cssText = "background:url(/markup/d4.png)"; }),
          style((p) => { p.style = "background:url(/markup/d5.png)"; }),
          style((p) => { p.style["background-image"] = "url(/markup/d6.png)"; }),
          style((p) => { Object.assign(p.style, { WebkitMaskImage: "url(/markup/d7.png)", width: "5px" }); }),
          style((p) => { p.attributeStyleMap.set("background-image", "url(/markup/d8.png)"); }),
          style((p) => { p.style.setProperty("--u", "url(/u)"); }),
          style((p) => { p.style.backgroundImage = "url(data:,x)"; p.style.backgroundImage = null; })],
          ['background-image: url("/markup/d1.png");', 'background: url("/markup/d2.png") no-repeat;',
            'list-style-image: url("/markup/d3.png") !important;', 'background: url("/markup/d4.png");',
            'background: url("/markup/d5.png");', 'background-image: url("/markup/d6.png");',
            'mask-image: url("/markup/d7.png"); width: 5px;', 'background-image: url("/markup/d8.png");', "--u: url(/u);", ""]);
        await later(100);""",
    "R14-declarations-read-back": """
        const { style } = put("p"); style.backgroundImage = "url(/markup/back.png)";
        same([style.backgroundImage, style.getPropertyValue("background-image"), style.cssText, style.length],
          ['url("/markup/back.png")', 'url("/markup/back.png")', 'background-image: url("/markup/back.png");', 1]);""",
    "R14-what-is-no-reference-stays": """
        const text = '/* url(/no) */ a::after{content:"url(/no)"} [href="/no"]{color:red} b{background:url(#g)}';
        const { sheet, textContent } = put("style", { textContent: text });
        same([textContent, [...sheet.cssRules].map((rule) => rule.cssText)], [text, ['a::after { content: "url(/no)"; }',
          '[href="/no"] { color: red; }', 'b { background: url("#g"); }']]);""",
    "R14-escaped-references": """
        put("style", { textContent: String.raw`#x1{background:URL( "\\2f markup/x1.png" )} #x2{background:url(/markup/x\\32.png)}` });
        put("p", { id: "x1" }); put("p", { id: "x2" }); await later(100);""",
    "R4-font-faces": """
        const face = new FontFace("f", "url(/markup/f.woff2)"); await face.load().catch(() => {});
        same(face instanceof FontFace, true);""",
}

WANTED = """inner.png b.png outer.png adjacent.png fragment.png template.png shadow.png unsafe.png parsed.png dp.svg
trusted.png trusted.js im.svg use.svg table.png set.png s1.png s2.png import.css s3.png s4.png s5.png s6.png r1.png r2.png
r3.png r4.png d1.png d2.png d3.png d4.png d5.png d6.png d7.png d8.png back.png x1.png x2.png f.woff2"""


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run(chromium_path, CHECKS)


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_page_sees_what_it_wrote(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


def test_all_is_asked_below_the_prefix(outcome: Outcome) -> None:
    assert outcome.leaks == []
    assert [name for name in WANTED.split() if f"/markup/{name}" not in outcome.asked] == []
    assert outcome.complaints == []
