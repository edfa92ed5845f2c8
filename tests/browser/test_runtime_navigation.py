"""Navigations by scripts, links and forms lead below the prefix, and the app's own listeners see none of the detours."""

from __future__ import annotations

import pytest

from tests.browser.runtime_walks import Step, Walk, run, step

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# How an app looks on with the Navigation API.
_WATCH = """
navigation.addEventListener("navigate", ({ navigationType, destination, userInitiated, sourceElement }) =>
  console.log(navigationType, destination.url.replace(E, "E"), userInitiated, sourceElement?.localName ?? "by script"));
navigation.onnavigateerror = () => console.log("navigateerror");
"""
# Attributes that nothing of ours has seen.
_UNSEEN = """
const frame = put("iframe", { src: "/raw?__hw_off" }); await event(frame, "load");
const setUnseen = (element, name, value) => frame.contentWindow.Element.prototype.setAttribute.call(element, name, value);
"""
_FRAME = 'const frame = put("iframe", { name: "target", src: "/inner" }); await event(frame, "load");'
_FORM = 'const form = put("form", { action: "/f" }); form.append(make("input", { name: "n", value: "v" }));'

WALKS = {
    "R9-location-href": step("location.href = '/x?q#f'", "P/x?q#f", "GET /x?q"),
    "R9-location-itself": step("window.location = '/x'", "P/x", "GET /x"),
    "R9-document-location": step("document.location = '/x'", "P/x", "GET /x"),
    "J9-location-assign": step("location.assign(E + '/x')", "P/x", "GET /x"),
    "R9-the-apps-own-origin": step("location.href = U + '/x'", "P/x", "GET /x"),
    "R9-location-pathname": step("location.pathname = '/x'", "P/x", "GET /x"),
    "R9-location-search": step("location.search = '?s'", "P/a/b?s", "GET /a/b?s"),
    "R9-location-hash": step("location.hash = 'h'", "P/a/b#h"),
    "R9-path-with-fragment-of-the-same-page": step("location.href = '/a/b#h'", "P/a/b#h"),
    "R9-relative": step("location.href = 'x?y'", "P/a/x?y", "GET /a/x?y"),
    "R9-prefixed": step("location.href = P + '/x'", "P/x", "GET /x"),
    "R9-two-slashes": step("location.href = E + '//x.example/y'", "P//x.example/y", "GET //x.example/y"),
    "J9-reload": step("location.reload()", "P/a/b", "GET /a/b"),
    "J9-a-push-can-be-taken-back": Walk(
        (Step("location.href = '/x'", "P/x", ("GET /x",)), Step("back", "P/a/b", ("GET /a/b",))),
        then="same(history.length, 3);",
    ),
    "J9-a-replacement-stays-one": Walk(
        (Step("location.replace('/x')", "P/x", ("GET /x",)),), then="same(history.length, 2);"
    ),
    "J9-the-same-page-again-is-no-new-entry": Walk(
        (Step("location.href = '/a/b'", "P/a/b", ("GET /a/b",)),), then="same(history.length, 2);"
    ),
    "R9-link": step("put('a', { href: '/x' }).click()", "P/x", "GET /x"),
    "R9-served-link": step("click: #served", "P/served", "GET /served"),
    "R9-unseen-link": step(_UNSEEN + "const a = put('a'); setUnseen(a, 'href', '/x'); a.click();", "P/x", "GET /raw", "GET /x"),
    "R9-other-origins-stay": Walk(
        (Step("navigation.onnavigate = (event) => { event.preventDefault(); console.log(event.destination.url); };"
              "location.href = 'http://other.example/x'", "P/a/b"),),
        told=("http://other.example/x",),
    ),
    "R9-javascript-URLs-run": Walk(
        (Step("location.href = 'javascript:void console.log(1)'; await later(50);", "P/a/b"),), told=("1",)
    ),
    "R9-window-open": step("popup: open('/x')", "P/x", "GET /x"),
    "R9-window-open-of-a-fragment": step("popup: open('#f')", "P/a/b#f", "GET /a/b"),
    "R9-window-open-into-a-frame": Walk(
        (Step(_FRAME + "open('/x', 'target'); await event(frame, 'load');", "P/a/b", ("GET /inner", "GET /x")),)
    ),
    "R9-opened-window-goes-on": Walk(
        (Step("popup: window.child = open('/x')", "P/x", ("GET /x",)),
         Step("opener.child.location = '/y'", "P/y", ("GET /y",)),
         Step("opener.child.location.replace('z')", "P/z", ("GET /z",))),
    ),
    # Windows that have never shown a page fire no event: the relay brings the request back (L4).
    "R9-empty-window-goes-on": Walk((Step("popup: open('').location = '/x'", "P/x", ("GET /x",)),), leaks=("/x",)),
    "R9-frame-goes-on": Walk(
        (Step(_FRAME + "frame.contentWindow.location = '/x'; await event(frame, 'load');"
              "frame.contentWindow.location.replace(U + '/y'); await event(frame, 'load');"
              "same(frame.contentWindow.location.pathname, P + '/y');", "P/a/b", ("GET /inner", "GET /x", "GET /y")),
         Step("frames[0].eval('top.location = \"/z\"')", "P/z", ("GET /z",))),
    ),
    "R9-frame-with-markup-of-its-own-goes-on": Walk(
        (Step("const frame = put('iframe', { srcdoc: '<p>' }); await event(frame, 'load');"
              "frame.contentWindow.location.href = '/x'; await event(frame, 'load');", "P/a/b", ("GET /x",)),)
    ),
    "R9-refresh-added-by-script": step(
        "document.head.append(make('meta', { httpEquiv: 'refresh', content: '0; url=/x' }))", "P/x", "GET /x"
    ),
    "R8-navigation-navigate": Walk(
        (Step("navigation.navigate('/x', { history: 'replace' })", "P/x", ("GET /x",)),), then="same(history.length, 2);"
    ),
    "R8-navigate-keeps-its-promises-open": Walk(
        (Step("const { committed, finished } = navigation.navigate(U + '/x');"
              "for (const promise of [committed, finished]) promise.catch(({ name }) => console.log(name));", "P/x", ("GET /x",)),)
    ),
    "R8-navigate-complains-as-ever": Walk(
        (Step("const { committed, finished } = navigation.navigate('http://['); finished.catch(() => {});"
              "await committed.catch(({ name }) => console.log(name));", "P/a/b"),), told=("SyntaxError",)
    ),
    "R8-app-sees-one-event": Walk(
        (Step(_WATCH + "location.href = '/x'", "P/x", ("GET /x",)),), told=("push E/x false by script",)
    ),
    "R8-app-sees-who-clicked": Walk(
        (Step(_WATCH, "P/a/b"), Step("click: #served", "P/served", ("GET /served",))),
        told=("push E/served true a",),
    ),
    "R8-app-sees-who-clicked-a-link-that-was-corrected": Walk(
        (Step(_UNSEEN + "setUnseen(served, 'href', '/x');" + _WATCH, "P/a/b", ("GET /raw",)),
         Step("click: #served", "P/x", ("GET /x",))),
        told=("push E/x true a",),
    ),
    "R8-app-handles-navigations-itself": Walk(
        (Step(_WATCH + "navigation.addEventListener('navigate', (event) => event.intercept());"
              "location.href = '/x'; await later(50); put('a', { href: '/y' }).click(); await later(50);", "P/y"),
         Step("back", "P/x"), Step("history.pushState(null, '', '/z')", "P/z")),
        then="same(navigation.entries().map(({ url }) => url.replace(E, '')), ['/a/b', '/x', '/z']);",
        told=("push E/x false by script", "push E/y false a", "traverse E/x true by script", "push E/z false by script"),
    ),
    "R8-app-forbids-a-navigation": Walk(
        (Step("navigation.onnavigate = (event) => event.preventDefault(); location.href = '/x'", "P/a/b"),)
    ),
    "R10-submit": step(_FORM + "form.submit()", "P/f?n=v", "GET /f?n=v"),
    "R10-requestSubmit": step(_FORM + "form.requestSubmit()", "P/f?n=v", "GET /f?n=v"),
    "R10-post": step(_FORM + "form.method = 'post'; form.submit()", "P/f", "POST /f (n=v)"),
    "R10-post-to-the-apps-own-origin": step(
        _FORM + "form.method = 'post'; form.action = U + '/g'; form.requestSubmit()", "P/g", "POST /g (n=v)"
    ),
    "R10-button-with-formaction": step(
        _FORM + "form.method = 'post'; const button = make('button', { formAction: '/b' }); form.append(button); button.click()",
        "P/b", "POST /b (n=v)",
    ),
    "R10-form-without-action": step(
        _FORM + "form.removeAttribute('action'); form.method = 'post'; form.submit()", "P/a/b", "POST /a/b (n=v)"
    ),
    "R10-action-that-nothing-saw": step(
        _UNSEEN + _FORM + "setUnseen(form, 'action', '/u'); form.method = 'post'; form.submit()",
        "P/u", "GET /raw", "POST /u (n=v)",
    ),
    "R10-button-that-nothing-saw": step(
        _UNSEEN + _FORM + "const button = make('button'); form.append(button); form.method = 'post';"
        "setUnseen(button, 'formaction', '/u'); form.requestSubmit(button)", "P/u", "GET /raw", "POST /u (n=v)",
    ),
    "R10-fields-that-hide-the-forms-properties": step(
        _UNSEEN + _FORM + "setUnseen(form, 'action', '/u'); form.method = 'post';"
        "for (const name of ['action', 'method', 'baseURI', 'submit', 'ownerDocument']) form.append(make('input', { name }));"
        "HTMLFormElement.prototype.submit.call(form)",
        "P/u", "GET /raw", "POST /u (n=v&action=&method=&baseURI=&submit=&ownerDocument=)",
    ),
    "R10-dialog": Walk(
        (Step(_UNSEEN + "const dialog = put('dialog'), form = make('form', { method: 'dialog' });"
              "setUnseen(form, 'action', '/u'); dialog.append(form); form.append(make('button', { value: 'chosen' }));"
              "dialog.showModal(); form.firstChild.click(); console.log(dialog.open, dialog.returnValue);", "P/a/b", ("GET /raw",)),),
        told=("false chosen",),
    ),
    "R10-into-a-frame": step(
        _FRAME + _FORM + "form.target = 'target'; form.requestSubmit(); await event(frame, 'load');"
        "same(frame.contentDocument.URL, E + '/f?n=v');", "P/a/b", "GET /inner", "GET /f?n=v",
    ),
    "R10-into-an-empty-frame": step(
        _UNSEEN + _FORM + "put('iframe', { name: 'empty' }); form.target = 'empty'; setUnseen(form, 'action', '/u'); form.requestSubmit();",
        "P/a/b", "GET /raw", "GET /u?n=v",
    ),
    "R10-in-a-shadow-tree": step(
        _UNSEEN + _FORM + "put('div').attachShadow({ mode: 'closed' }).append(form); setUnseen(form, 'action', '/u'); form.method = 'post';"
        "form.requestSubmit();", "P/u", "GET /raw", "POST /u (n=v)",
    ),
    "R10-app-submits-by-fetch": Walk(
        (Step(_FORM + "form.onsubmit = (event) => { event.preventDefault();"
              "console.log(form.action === E + '/f', form.getAttribute('action')); }; form.requestSubmit();", "P/a/b"),),
        told=("true /f",),
    ),
    "R10-app-sees-the-form-as-it-was": Walk(
        (Step(_UNSEEN + _FORM + "setUnseen(form, 'action', '/u'); form.onsubmit = (event) => { event.preventDefault();"
              "console.log(form.action === E + '/u', form.getAttribute('action')); }; form.requestSubmit(); await later(20);"
              "console.log(form.getAttribute('action'))", "P/a/b", ("GET /raw",)),),
        told=("true /u", "/u"),
    ),
    "R9-links-without-the-Navigation-API": Walk(
        (Step(_UNSEEN + "setUnseen(served, 'href', '/x')", "P/a/b", ("GET /raw",)),
         Step("click: #served", "P/x", ("GET /x",))),
        init="delete window.navigation",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def failures(chromium_path: str) -> dict[str, str]:
    return run(chromium_path, WALKS)


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in WALKS])
def test_leads_below_the_prefix(failures: dict[str, str], name: str) -> None:
    assert failures[name] == ""
