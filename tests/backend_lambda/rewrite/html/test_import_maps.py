"""Import maps and speculation rules (H9-H11): the app's are mapped, ours joins the first map."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from backend_lambda.rewrite.report import Report

_MAP = re.compile(r'<script type="?importmap"?[^>]*>(.*?)</script>', re.DOTALL)
_OURS = {"/": "/abc123/", "/abc123/": "/abc123/"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("<script>a</script>", "<script type=module>import '/x'</script>", id="H10-before-a-module"),
        pytest.param("<script src=x></script>", "<script type=' MODULE ' src=x></script>", id="H10-module-with-src"),
        pytest.param("<link rel=preload href=x>", "<link rel='a modulepreload' href=x>", id="H10-before-a-preload"),
        pytest.param("<script>a</script><style></style>", "</head><body>", id="H10-before-the-end-of-the-head"),
        pytest.param("<script>a</script>", "<body>", id="H10-before-the-body"),
        pytest.param("<script>a</script>", "<div>", id="H10-before-the-first-content"),
        pytest.param("<script>a</script>\n", "text", id="H10-before-text"),
        pytest.param("<script>a</script>", "<frameset>", id="H10-before-frames"),
        pytest.param("<noscript><p><script type=module></script></noscript>", "<body>", id="H10-not-in-noscript"),
        pytest.param("<template><p><script type=module></script></template>", "<body>", id="H10-not-in-a-template"),
        pytest.param("<script>a</script>", "", id="H10-at-the-end"),
        pytest.param("<script type=importmap src=m.json></script>", "<body>", id="H10-maps-are-inline"),
    ],
)  # fmt: skip
def test_our_map_comes_before_modules(rewrite, loader, runtime, import_map, before, after):
    page = f"<head>{runtime}{before}{after}"
    assert rewrite(page, loader=loader) == f"<head>{runtime}{before}{import_map}{after}"


def test_our_map_carries_the_nonce(rewrite, loader):
    assert '<script type="importmap" nonce="N">' in rewrite("<html><body>", loader=replace(loader, nonce="N"))


def test_there_is_no_map_where_it_is_not_wanted(rewrite, loader, runtime):
    page = '<html><script type=importmap>{"imports":{"a":"/a"}}</script><script type=module></script>'
    forbidden = replace(loader, import_map=False)
    assert rewrite(page, loader=forbidden) == page.replace("<html>", "<html>" + runtime)


@pytest.mark.parametrize(
    ("app", "visitor"),
    [
        pytest.param({}, {"imports": _OURS}, id="H10-empty"),
        pytest.param(
            {"imports": {"a": "/a.js", "b": "https://cdn/b", "c": "./c", "d": None, "e/": "http://localhost:3000/e/"}},
            {"imports": {"a": "/abc123/a.js", "b": "https://cdn/b", "c": "./c", "d": None, "e/": "/abc123/e/"} | _OURS},
            id="H10-targets",
        ),
        pytest.param(
            {"imports": {"/x/": "/y/", "https://cdn/": "/z/"}},
            {"imports": {"/x/": "/abc123/y/", "https://cdn/": "/abc123/z/", "/abc123/x/": "/abc123/y/", **_OURS}},
            id="H10-url-keys",
        ),
        pytest.param(
            {"imports": {"./x.js": "/y.js", "http://localhost:3000/z?q": "/w"}},
            {
                "imports": {
                    "./x.js": "/abc123/y.js", "http://localhost:3000/z?q": "/abc123/w",
                    "/a/x.js": "/abc123/y.js", "/abc123/a/x.js": "/abc123/y.js",
                    "/z?q": "/abc123/w", "/abc123/z?q": "/abc123/w", **_OURS,
                }
            },
            id="H10-relative-and-own-keys",
        ),
        pytest.param(
            {"imports": {"/": "/app/"}},
            {"imports": {"/": "/abc123/app/", "/abc123/": "/abc123/app/"}},
            id="H10-root-of-the-app",
        ),
        pytest.param(
            {"scopes": {"/s/": {"a": "/b.js", "/c": "/d"}}},
            {
                "scopes": {
                    scope: {"a": "/abc123/b.js", "/c": "/abc123/d", "/abc123/c": "/abc123/d"}
                    for scope in ("/s/", "/abc123/s/")
                },
                "imports": _OURS,
            },
            id="H10-scopes",
        ),
        pytest.param(
            {"imports": {"a": "/a.js"}, "integrity": {"/a.js": "sha384-x", "https://cdn/b.js": "y"}},
            {
                "imports": {"a": "/abc123/a.js", **_OURS},
                "integrity": {"/abc123/a.js": "sha384-x", "https://cdn/b.js": "y"},
            },
            id="H10-integrity",
        ),
        pytest.param(
            {"imports": {"</script>": "/<!--"}, "x": [1]},
            {"imports": {"</script>": "/abc123/<!--", **_OURS}, "x": [1]},
            id="H10-markup",
        ),
    ],
)  # fmt: skip
def test_the_first_map_takes_up_ours(rewrite, loader, app, visitor):
    content = json.dumps(app).replace("<", "\\u003c")
    out = rewrite(f"<html><script type=importmap>{content}</script><script type=module></script>", loader=loader)
    maps = _MAP.findall(out)
    assert [json.loads(found) for found in maps] == [visitor]


def test_targets_do_not_rely_on_an_address_without_the_prefix(rewrite, loader):
    page = '<html><script type=importmap>{"imports":{"c":"./c.js"}}</script>'
    found = _MAP.search(rewrite(page, loader=loader, strip=True))
    assert json.loads(found[1])["imports"]["c"] == "/abc123/a/./c.js"


def test_the_base_counts_for_keys(rewrite, loader):
    page = '<html><base href="/app/"><script type=importmap>{"imports":{"./c":"/d"}}</script>'
    found = _MAP.search(rewrite(page, loader=loader))
    assert json.loads(found[1])["imports"]["/abc123/app/c"] == "/abc123/d"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="H10-no-json"),
        pytest.param("[]", id="H10-no-object"),
        pytest.param('{"imports":[]}', id="H10-no-imports"),
        pytest.param('{"imports":{"a":NaN}}', id="H10-no-number"),
        pytest.param("[" * 60_000, id="H10-deep"),
        pytest.param("1" * 60_000, id="H10-long-number"),
    ],
)
def test_a_broken_map_stays_and_ours_comes_later(rewrite, loader, runtime, import_map, content):
    report = Report()
    page = f"<html>{runtime}<script type=importmap>{content}</script>"
    assert rewrite(page + "<body>", loader=loader, report=report) == page + import_map + "<body>"
    assert report.notes == ["import map"]


def test_a_map_too_long_to_wait_for_stays(rewrite, loader, runtime, import_map):
    page = '<html>{}<script type=importmap>{{"imports":{{"a":"/{}"}}}}</script>'.format(runtime, "x" * 70_000)
    assert rewrite(page + "<body>", loader=loader) == page + import_map + "<body>"


def test_a_second_map_of_the_app_is_mapped_only(rewrite, loader):
    second = '<script type=importmap>{"imports":{"a":"/a"}}</script>'
    out = rewrite(f"<html><body>{second}", loader=loader)
    assert [json.loads(found)["imports"] for found in _MAP.findall(out)] == [_OURS, {"a": "/abc123/a"}]


def test_without_a_runtime_the_app_s_map_is_mapped_only(rewrite):
    page = '<html><script type=importmap>{"imports":{"a":"/a"}}</script><script type=module></script>'
    assert json.loads(_MAP.search(rewrite(page))[1]) == {"imports": {"a": "/abc123/a"}}


def test_characters_beyond_ascii_stay_what_they_are(rewrite):
    content = '{"imports":{"\u00c3\u00a9":"/\\u00e9\\ud83d\\ude00","\\\\u00e9":"\\"/\\n"}}'  # the first as in UTF-8
    out = rewrite(f"<script type=importmap>{content}</script>")
    assert out == f"<script type=importmap>{content.replace('/', '/abc123/', 1)}</script>"


@pytest.mark.parametrize(
    ("app", "visitor"),
    [
        pytest.param(
            {"prefetch": [{"urls": ["/a", "b", "https://o/"], "relative_to": "document", "eagerness": "eager"}]},
            {"prefetch": [{"urls": ["/abc123/a", "b", "https://o/"], "relative_to": "document", "eagerness": "eager"}]},
            id="H11-urls",
        ),
        pytest.param(
            {"prerender": [{"where": {"and": [
                {"href_matches": "/*\\?*"}, {"not": {"href_matches": ["/logout", {"pathname": "/x/:id"}]}},
                {"or": [{"selector_matches": "a[href='/x']"}, {"href_matches": {"hostname": "o", "pathname": "/x"}}]},
            ]}}]},
            {"prerender": [{"where": {"and": [
                {"href_matches": "/abc123/*\\?*"},
                {"not": {"href_matches": ["/abc123/logout", {"pathname": "/abc123/x/:id"}]}},
                {"or": [{"selector_matches": "a[href='/x']"}, {"href_matches": {"hostname": "o", "pathname": "/x"}}]},
            ]}}]},
            id="H11-where",
        ),
        pytest.param(
            {"tag": "x", "prefetch": [1, {"urls": 2, "where": 3}]},
            {"tag": "x", "prefetch": [1, {"urls": 2, "where": 3}]},
            id="H11-odd",
        ),
    ],
)  # fmt: skip
def test_speculation_rules(rewrite, app, visitor):
    out = rewrite(f"<script type=speculationrules>{json.dumps(app)}</script>")
    assert json.loads(re.search(r">(.*?)</script>", out)[1]) == visitor


def test_broken_speculation_rules_stay(rewrite):
    page = '<script type=speculationrules>{"prefetch":[{"urls":["/a"]}]</script>'
    assert rewrite(page) == page
