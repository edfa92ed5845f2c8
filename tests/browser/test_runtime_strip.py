"""Pages that are shown without their prefix, so that routers find the path they expect (mode `spa`, layer L5)."""

from __future__ import annotations

import pytest

from tests.browser.runtime_checks import Outcome
from tests.browser.runtime_checks import run as run_checks
from tests.browser.runtime_walks import START, Step, Walk, step
from tests.browser.runtime_walks import run as run_walks

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_SHELL = """<!doctype html><html><head><script>
console.log(location.pathname + location.search + location.hash, history.state, sessionStorage.length);
</script></head><body><a id=served href=/served>x</a><a id=top href=#top>x</a><a id=here href=/a/b#here>x</a></body></html>"""

CHECKS = {
    "R7-address-without-prefix": """
        same([location.pathname, location.href, document.URL, document.baseURI, navigation.currentEntry.url],
          ["/a/b", E + "/a/b", E + "/a/b", E + "/a/b", E + "/a/b"]);""",
    "R7-pushState-in-strip-mode": """
        const seen = [];
        for (const url of ["/x?q#f", "y", "?s", "#t", "../../z", U + "/u", E + "/e", P + "/p", E + "//two.example/"]) {
          history.pushState(null, "", url); seen.push(location.href.replace(E, ""));
        }
        same(seen, ["/x?q#f", "/y", "/y?s", "/y?s#t", "/z", "/u", "/e", "/p", "//two.example/"]);
        history.pushState(null, "", null); same(location.pathname, "//two.example/"); history.pushState(null, "", E + "/a/b");""",
    "R7-other-origins-are-refused": """
        for (const url of ["https://other.example/", "//other.example/x", "http://["]) {
          try { history.pushState(null, "", url); same(url, "refused"); } catch (error) { same(error.name, "SecurityError"); }
        }""",
    "R7-base-element": """
        const base = make("base", { href: "/app/" }); document.head.append(base);
        history.pushState(null, "", "x"); same([location.pathname, document.baseURI], ["/app/x", E + "/app/"]);
        await fetch("strip/based"); base.remove(); history.pushState(null, "", "/a/b");""",
    "U7-relative-requests": """
        await fetch("strip/fetch"); await fetch("./strip/fetch-dot"); await fetch("../strip/fetch-up"); await fetch("?strip-query");
        await fetch("../../../strip/fetch-top"); await fetch("/strip/fetch-root"); await fetch("");
        const request = new XMLHttpRequest(); request.open("GET", "strip/xhr"); request.send(); await event(request, "load");
        same(request.responseURL, E + "/a/strip/xhr"); same((await fetch("strip/url")).url, E + "/a/strip/url");
        navigator.sendBeacon("strip/beacon"); await later(100);""",
    "U7-relative-requests-of-another-page": """
        history.pushState(null, "", "/other/page"); await fetch("strip/there"); history.pushState(null, "", "/a/b");""",
    "U7-relative-attributes": """
        const image = put("img", { src: "strip/image.png" }); await event(image, "load");
        same([image.getAttribute("src"), image.src], ["strip/image.png", E + "/a/strip/image.png"]);
        const link = make("a", { href: "x?y" });
        same([link.getAttribute("href"), link.href, link.pathname], ["x?y", E + "/a/x?y", "/a/x"]);
        const fragment = make("a", { href: "#f" });
        same([fragment.getAttribute("href"), fragment.href, fragment.hash], ["#f", E + "/a/b#f", "#f"]);
        const script = make("script", { src: "strip/script.js" }); document.head.append(script); await event(script, "load");
        put("img", { srcset: "strip/one.png 1x" }); await later(100);""",
    "U7-relative-markup-and-styles": """
        const box = put("div", { innerHTML: '<img src="strip/markup.png"><p style="background:url(strip/style.png)">x</p><a href="#f">' });
        same([box.innerHTML, box.querySelector("img").src, box.lastChild.getAttribute("href")],
          ['<img src="/a/strip/markup.png"><p style="background:url(/a/strip/style.png)">x</p><a href="#f"></a>',
            E + "/a/strip/markup.png", "#f"]);
        put("style", { textContent: ".strip { background: url(strip/sheet.png) }" }); put("p", { className: "strip" }); await later(100);""",
    "U7-relative-modules": """
        const script = make("script", { type: "module", textContent: 'import "./strip/module.js"; await import("./strip/lazy.js");' });
        document.head.append(script); await later(200);""",
    "U7-relative-workers": """
        new Worker("strip/worker.js"); await later(200);""",
    "R16-note-of-the-runtime-is-unseen": """
        same([sessionStorage.length, sessionStorage.getItem("__hw"), Object.keys(sessionStorage)], [0, null, []]);""",
}

# By which the app must have been asked for everything.
WANTED = """/app/strip/based /a/strip/fetch /a/strip/fetch-dot /strip/fetch-up /a/b?strip-query /strip/fetch-top /strip/fetch-root
/a/strip/xhr /a/strip/url /a/strip/beacon /other/strip/there /a/strip/image.png /a/strip/script.js /a/strip/one.png
/a/strip/markup.png /a/strip/style.png /a/strip/sheet.png /a/strip/module.js /a/strip/lazy.js /a/strip/worker.js"""

_ROUTER = """
navigation.addEventListener("navigate", (event) => {
  console.log(event.navigationType, event.destination.url.replace(E, ""), event.hashChange);
  if (event.destination.url.includes("/app/")) event.intercept({ handler: async () => console.log("at", location.pathname) });
});
navigation.addEventListener("navigateerror", () => console.log("navigateerror"));
"""
_FORM = 'const form = put("form", { method: "post" }); form.append(make("input", { name: "n", value: "v" }));'

WALKS = {
    "R9-location-href": step("location.href = '/x?q#f'", "/x?q#f", "GET /x?q"),
    "R9-location-relative": step("location.assign('x')", "/a/x", "GET /a/x"),
    "R9-location-search": step("location.search = '?s'", "/a/b?s", "GET /a/b?s"),
    "R9-the-apps-own-origin": step("location.href = U + '/x'", "/x", "GET /x"),
    "R9-link": step("click: #served", "/served", "GET /served"),
    "R9-relative-link": step("put('a', { href: 'x?y' }).click()", "/a/x?y", "GET /a/x?y"),
    "R9-fragment-link": Walk(
        (Step("onhashchange = ({ newURL }) => console.log(newURL.replace(E, ''))", START), Step("click: #top", "/a/b#top"),
         Step("click: #here", "/a/b#here"), Step("location.href = '/a/b#there'", "/a/b#there"), Step("back", "/a/b#here")),
        then="same(history.length, 5);", told=("/a/b#top", "/a/b#here", "/a/b#there", "/a/b#here"),
    ),
    "R9-fragment-link-without-the-Navigation-API": Walk(
        (Step("served.href = '/a/b#f'", START), Step("click: #served", "/a/b#f"),
         Step("console.log(served.getAttribute('href'))", "/a/b#f"),
         Step("served.href = 'x'", "/a/b#f"), Step("click: #served", "/a/x", ("GET /a/x",))),
        init="delete window.navigation", told=("/a/b#f",),
    ),
    "R9-the-same-page-again-is-no-new-entry": Walk(
        (Step("put('a', { href: '/a/b' }).click()", START, ("GET /a/b",)),
         Step("location.href = '/a/b'", START, ("GET /a/b",))), then="same(history.length, 2);",
    ),
    "R9-window-open": step("popup: open('/x')", "/x", "GET /x"),
    "R9-window-open-of-a-fragment": step("popup: open('#f')", "/a/b#f", "GET /a/b"),
    "R9-link-to-a-window": step("popup: put('a', { href: 'x', target: '_blank' }).click()", "/a/x", "GET /a/x"),
    "R9-empty-window-goes-on": Walk((Step("popup: open('').location = '/x'", "/x", ("GET /x",)),), leaks=("/x",)),
    "J9-reload": Walk(
        (Step("history.pushState({ n: 1 }, '', '/x#f')", "/x#f"), Step("location.reload()", "/x#f", ("GET /x",)),
         Step("navigation.reload()", "/x#f", ("GET /x",))),
        then="same([history.state, history.length, document.URL], [{ n: 1 }, 3, E + '/x#f']);",
    ),
    "J9-reload-that-the-visitor-refuses": Walk(
        (Step("onbeforeunload = (event) => event.preventDefault();"
              "put('button', { id: 'go', textContent: 'x', onclick: () => location.reload() })", START),
         Step("click: #go", START), Step("await later(100)", START)),
        then="same(location.pathname, '/a/b'); onbeforeunload = null;",
    ),
    # The browser asks for the address that it shows: the page at the root knows where that belongs (layer L4).
    "R7-reload-button": Walk(
        (Step("history.pushState({ n: [1] }, '', '/x?q#f')", "/x?q#f"), Step("reload", "/x?q#f", ("GET /x?q",)),
         Step("reload", "/x?q#f", ("GET /x?q",))),
        then="same([history.state, history.length, document.referrer], [{ n: [1] }, 3, '']);", leaks=("/x?q", "/x?q"),
    ),
    "R7-back-and-forward-over-pages": Walk(
        (Step("history.replaceState({ n: 1 }, '', '/a/b'); history.pushState({ n: 2 }, '', '/x')", "/x"),
         Step("location.href = '/y'", "/y", ("GET /y",)),
         Step("back", "/x", ("GET /x",)), Step("same(history.state, { n: 2 })", "/x"),
         Step("addEventListener('popstate', ({ state }) => console.log(state.n))", "/x"),
         Step("back", START), Step("forward", "/x"), Step("forward", "/y", ("GET /y",))),
        then="same([history.state, history.length], [null, 4]);", leaks=("/x", "/y"), told=("1", "2"),
    ),
    "R7-back-and-forward-over-a-reload": Walk(
        (Step("history.replaceState({ n: 1 }, '', '/a/b'); history.pushState({ n: 2 }, '', '/x')", "/x"),
         Step("reload", "/x", ("GET /x",)),
         Step("addEventListener('popstate', ({ state }) => console.log(state.n))", "/x"),
         Step("back", START), Step("forward", "/x"), Step("location.reload()", "/x", ("GET /x",)),
         Step("addEventListener('popstate', ({ state }) => console.log(state.n, 'again'))", "/x"),
         Step("back", START), Step("location.href = '/y'", "/y", ("GET /y",)), Step("back", START, ("GET /a/b",))),
        then="same(history.state, { n: 1 });", leaks=("/x", START), told=("1", "2", "1 again"),
    ),
    "R8-popstate": Walk(
        (Step("history.replaceState({ n: 1 }, '', '/x'); history.pushState({ n: 2 }, '', 'y');"
              "addEventListener('popstate', ({ state }) => console.log(location.pathname, state.n))", "/y"),
         Step("back", "/x"), Step("forward", "/y")),
        told=("/x 1", "/y 2"),
    ),
    "R7-state-that-is-no-JSON": Walk(
        (Step("history.pushState({ n: 1n }, '', '/x')", "/x"), Step("reload", "/x", ("GET /x",)),
         Step("location.reload()", "/x", ("GET /x",))),
        then="same(history.state.n === 1n, true);", leaks=("/x",),
    ),
    "R7-a-new-visit-has-no-state": Walk(
        (Step("history.replaceState({ n: 1 }, '', '/a/b'); location.reload();", START, ("GET /a/b",)),
         Step("same(history.state, { n: 1 }); location.href = '/x'", "/x", ("GET /x",)),
         Step("put('a', { href: '/a/b' }).click()", START, ("GET /a/b",))),
        then="same(history.state, null);",
    ),
    "R7-app-runs-behind": Walk(
        (Step("location.href = '/shell?q#f'", "/shell?q#f", ("GET /shell?q",)),), told=("/shell?q#f null 0",)
    ),
    "R8-router-of-the-Navigation-API": Walk(
        (Step(_ROUTER + "put('a', { href: '/app/1' }).click(); await later(50);", "/app/1"),
         Step("location.href = '/app/2'; await later(50);", "/app/2"),
         Step("put('a', { href: '/app/2#f' }).click(); await later(50);", "/app/2#f"),
         Step("await navigation.navigate('3', { state: { n: 3 } }).finished", "/app/3"),
         Step("back", "/app/2#f"), Step("put('a', { href: '/served' }).click()", "/served", ("GET /served",))),
        told=("push /app/1 false", "at /app/1", "push /app/2 false", "at /app/2", "push /app/2#f true", "at /app/2",
              "push /app/3 false", "at /app/3", "traverse /app/2#f false", "at /app/2", "push /served false"),
    ),
    "R8-router-that-comes-later": Walk(
        (Step("navigation.onnavigate = ({ navigationType, destination }) => {"
              "console.log(navigationType, destination.url.replace(E, ''));"
              "navigation.addEventListener('navigate', () => console.log('again')); };"
              "history.pushState(null, '', '/x'); location.href = '/y'", "/y", ("GET /y",)),),
        told=("push /x", "push /y", "again"),
    ),
    "R8-router-that-forbids": Walk(
        (Step("navigation.onnavigate = (event) => event.preventDefault(); location.href = '/x';"
              "put('a', { href: '/y' }).click();", START),)
    ),
    "R8-router-reloads": Walk(
        (Step(_ROUTER + "location.reload()", START, ("GET /a/b",)),), told=("reload /a/b false",),
    ),
    "R8-promises-of-navigate-stay-open": Walk(
        (Step(_ROUTER + "const { committed, finished } = navigation.navigate('/x');"
              "for (const promise of [committed, finished]) promise.catch(({ name }) => console.log(name));", "/x", ("GET /x",)),),
        told=("push /x false",),
    ),
    "R10-form-without-action": step(_FORM + "form.submit()", START, "POST /a/b (n=v)"),
    "R10-form-without-action-by-button": Walk(
        (Step(_FORM + "form.append(make('button', { id: 'go', textContent: 'x' }));"
              "form.onsubmit = () => console.log(form.getAttribute('action'), form.action.replace(E, ''))", START),
         Step("click: #go", START, ("POST /a/b (n=v)",))),
        told=("null /a/b",),
    ),
    "R10-form-that-searches": step(_FORM + "form.method = 'get'; form.requestSubmit()", "/a/b?n=v", "GET /a/b?n=v"),
    "R10-form-with-an-empty-action": step(
        _FORM + "form.setAttribute('action', ''); history.pushState(null, '', '/x'); form.requestSubmit()",
        "/x", "POST /x (n=v)",
    ),
    "R10-form-with-a-fragment": step(_FORM + "form.setAttribute('action', '#f'); form.submit()", "/a/b#f", "POST /a/b (n=v)"),
    "R10-form-with-a-relative-action": step(_FORM + "form.action = 'f'; form.submit()", "/a/f", "POST /a/f (n=v)"),
    "R10-button-with-an-empty-formaction": step(
        _FORM + "form.action = '/f'; const button = make('button'); button.setAttribute('formaction', '');"
        "form.append(button); button.click()", START, "POST /a/b (n=v)",
    ),
    "R10-form-in-a-shadow-tree": step(
        _FORM + "put('div').attachShadow({ mode: 'closed' }).append(form); form.requestSubmit()", START, "POST /a/b (n=v)"
    ),
    "R10-form-into-a-frame": Walk(
        (Step(_FORM + "const frame = put('iframe', { name: 't' }); form.target = 't'; form.submit(); await event(frame, 'load');"
        "same(frame.contentWindow.location.pathname, '/a/b')", START, ("POST /a/b (n=v)",), stays=True),)
    ),
    "R10-form-stays-as-it-was": Walk(
        (Step(_FORM + "form.onsubmit = (event) => event.preventDefault(); form.requestSubmit(); await later(20);"
              "same([form.outerHTML, form.hasAttribute('action')], ['<form method=\"post\"><input name=\"n\"></form>', false])", START),)
    ),
    "R20-frame-without-an-address": Walk(
        (Step("const frame = put('iframe', { srcdoc: '<a href=x>x</a>' }); await event(frame, 'load');"
              "const { contentDocument } = frame; same(contentDocument.baseURI, E + '/a/b');"
              "contentDocument.links[0].click(); await event(frame, 'load');"
              "same(frame.contentWindow.location.pathname, '/a/x')", START, ("GET /a/x",)),)
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run_checks(chromium_path, CHECKS, mode="spa")


@pytest.fixture(scope="module")
def failures(chromium_path: str) -> dict[str, str]:
    return run_walks(
        chromium_path, WALKS, mode="spa", pages={"/shell": _SHELL, START: _SHELL.replace("console.log", "void")}
    )


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_page_lives_without_its_prefix(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in WALKS])
def test_leads_to_the_app(failures: dict[str, str], name: str) -> None:
    assert failures[name] == ""


def test_all_is_asked_below_the_prefix(outcome: Outcome) -> None:
    assert outcome.leaks == []
    assert [path for path in WANTED.split() if path.partition("?")[0] not in outcome.asked] == []
    assert outcome.complaints == []
