"""The address that a page shows: below the prefix while the app works with its own addresses (mode `app`)."""

from __future__ import annotations

import pytest

from tests.browser.runtime_checks import Outcome
from tests.browser.runtime_checks import run as run_checks
from tests.browser.runtime_walks import Step, Walk
from tests.browser.runtime_walks import run as run_walks

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CHECKS = {
    "R7-pushState": """
        history.pushState({ n: 1 }, "", "/x?q#f");
        same([location.pathname, location.search, location.hash, document.URL, history.state],
          [P + "/x", "?q", "#f", E + "/x?q#f", { n: 1 }]);""",
    "R7-replaceState": """
        const { length } = history; history.replaceState({ n: 2 }, "", "/y");
        same([location.pathname, document.URL, history.state, history.length], [P + "/y", E + "/y", { n: 2 }, length]);""",
    "R7-relative-addresses": """
        history.replaceState(null, "", "/one/two?x"); const seen = [];
        for (const url of ["three", "?q", "#f", "./", "../four/five", "../../../six", "//" + location.host + "/seven"]) {
          history.pushState(null, "", url); seen.push(location.href.slice((E + P).length));
        }
        same(seen, ["/one/three", "/one/three?q", "/one/three?q#f", "/one/", "/four/five", "/six", "/seven"]);""",
    "R7-absolute-addresses": """
        history.pushState(null, "", U + "/x"); same(location.pathname, P + "/x");
        history.pushState(null, "", E + "/y"); same(location.pathname, P + "/y");
        history.pushState(null, "", new URL("/z", E)); same(location.pathname, P + "/z");
        history.pushState(null, "", P + "/once"); same(location.pathname, P + "/once");
        history.pushState(null, "", E + "//host.example/x"); same(location.pathname, P + "//host.example/x");""",
    "R7-no-address": """
        history.replaceState(null, "", "/x?q#f"); const { href } = location;
        for (const url of [undefined, null]) { history.pushState(1, "", url); same(location.href, href); }
        history.pushState(2, ""); same([location.href, history.state], [href, 2]);""",
    "R7-other-origins-are-refused": """
        const refused = (url) => { try { history.pushState(null, "", url); } catch (error) { return error.name; } };
        same([refused("https://other.example/x"), refused("//other.example/x"), refused("http://["), refused("mailto:a@b")],
          ["SecurityError", "SecurityError", "SecurityError", "SecurityError"]);
        try { History.prototype.pushState.call({}, null, "", "/x"); } catch (error) { same(error.name, "TypeError"); }""",
    "R7-with-a-base-element": """
        const base = make("base", { href: "/app/" }); document.head.append(base);
        history.pushState(null, "", "x?y"); same([location.pathname, document.URL, document.baseURI],
          [P + "/app/x", E + "/app/x?y", E + "/app/"]);
        base.remove();""",
    "R8-hashchange": """
        history.replaceState(null, "", "/a/b"); const change = event(window, "hashchange"); location.hash = "h";
        const { oldURL, newURL } = await change; same([oldURL, newURL], [E + "/a/b", E + "/a/b#h"]);
        same(new HashChangeEvent("hashchange", { oldURL: "http://x.example/" }).oldURL, "http://x.example/");""",
    "R8-entries-of-the-navigation": """
        history.pushState(null, "", "/x"); history.pushState(null, "", "/y?z");
        same([navigation.currentEntry.url, navigation.entries().at(-2).url], [E + "/y?z", E + "/x"]);
        const back = event(window, "popstate"); history.back(); await back;
        same([navigation.currentEntry.url, document.URL], [E + "/x", E + "/x"]);""",
    "R8-destination-of-an-event": """
        const seen = []; const look = ({ destination, navigationType }) => seen.push(navigationType, destination.url);
        navigation.addEventListener("navigate", look);
        history.pushState(null, "", "/x"); location.hash = "h"; history.replaceState(null, "", U + "/y");
        await navigation.navigate("/y#there").finished;
        navigation.removeEventListener("navigate", look); history.pushState(null, "", "/z");
        same(seen, ["push", E + "/x", "push", E + "/x#h", "replace", E + "/y", "push", E + "/y#there"]);""",
    "R8-app-changes-pages-without-loading": """
        const handle = (event) => event.intercept({ handler: async () => { window.handled = document.URL; } });
        navigation.addEventListener("navigate", handle);
        const { committed, finished } = navigation.navigate("/routed?x", { state: { n: 1 }, info: 2 });
        same([(await committed).url, (await finished).getState(), window.handled, location.pathname],
          [E + "/routed?x", { n: 1 }, E + "/routed?x", P + "/routed"]);
        navigation.removeEventListener("navigate", handle); history.replaceState(null, "", "/a/b");""",
    "R22-history-looks-native": """
        for (const method of [history.pushState, history.replaceState, navigation.navigate, navigation.addEventListener, open]) {
          same(Function.prototype.toString.call(method), `function ${method.name}() { [native code] }`);
        }
        same([history.pushState.length, open.length, "prototype" in history.pushState, Object.keys(history)], [2, 0, false, []]);""",
}

WALKS = {
    "R8-popstate": Walk(
        (
            Step("history.pushState({ n: 1 }, '', '/x'); history.pushState({ n: 2 }, '', '/y');", "P/y"),
            Step(
                "addEventListener('popstate', ({ state }) => console.log(document.URL.replace(E, ''), state.n));", "P/y"
            ),
            Step("back", "P/x"),
            Step("forward", "P/y"),
            Step("reload", "P/y", ("GET /y",)),
        ),
        then="same([history.state, document.URL], [{ n: 2 }, E + '/y']);",
        told=("/x 1", "/y 2"),
    ),
    "R8-back-to-a-page": Walk(
        (
            Step("history.pushState({ n: 1 }, '', '/x')", "P/x"),
            Step("location.href = '/y'", "P/y", ("GET /y",)),
            Step("back", "P/x", ("GET /x",)),
            Step("back", "P/a/b"),
            Step("forward", "P/x"),
        ),
        then="same(navigation.entries().map(({ url }) => url.replace(E, '')), ['/a/b', '/x', '/y']);",
    ),
}


@pytest.fixture(scope="module")
def outcome(chromium_path: str) -> Outcome:
    return run_checks(chromium_path, CHECKS)


@pytest.fixture(scope="module")
def failures(chromium_path: str) -> dict[str, str]:
    return run_walks(chromium_path, WALKS)


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHECKS])
def test_page_sees_its_own_addresses(outcome: Outcome, name: str) -> None:
    assert outcome.failures[name] == ""


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in WALKS])
def test_entries_lead_back(failures: dict[str, str], name: str) -> None:
    assert failures[name] == ""


def test_nothing_is_asked(outcome: Outcome) -> None:
    assert [path for path in outcome.asked if not path.startswith(("/__hw/", "/a/b"))] == []
    assert outcome.leaks == []
    assert outcome.complaints == []
