"""The plan of a response: what is rewritten and what never is, under which head, and that nothing is lost."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.facts import RequestFacts, read_facts
from backend_lambda.rewrite.headers import Header
from backend_lambda.rewrite.html.rewriter import HtmlRewriter
from backend_lambda.rewrite.modes import layers_of
from backend_lambda.rewrite.policy import ResponsePlan, plan_response

CONTEXT = RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3000")
PAGE = b'<!doctype html><html><head><title>A page</title></head><body><p>Words.</p><a href="/x">x</a></body></html>'
PAGE_OUT = b'<a href="/abc123/x">'
HTML = ("Content-Type", "text/html; charset=utf-8")


def asked(
    destination: str = "document", *, method: str = "GET", target: str = "/a/b", encoding: str = "gzip", **fields: str
) -> RequestFacts:
    headers = [("Sec-Fetch-Dest", destination), ("Sec-Fetch-Mode", "navigate"), ("Accept-Encoding", encoding)]
    headers += [(name.replace("_", "-"), value) for name, value in fields.items()]
    return read_facts(method, target, headers)


def plan(
    *headers: Header, status: int = 200, facts: RequestFacts | None = None, mode: str = "app",
    context: RewriteContext = CONTEXT,
) -> ResponsePlan:  # fmt: skip
    return plan_response(status, list(headers), context, facts or asked(), layers_of(mode, is_spa=False))


def fields(of: ResponsePlan, name: str) -> list[str]:
    """The head is final when the body is complete at the latest."""
    if not of.is_decided:
        list(of.close())
    return [value for key, value in of.headers if key.lower() == name.lower()]


BODIES = {
    "J1": 'import x from "/a.js"; export * from \'/b.js\'; import("/c.js")',
    "J2": "import(`/a/${n}.js`); import.meta.resolve('/x')",
    "J3": 'new URL("/w.js", import.meta.url)',
    "J6": '/* import "/x" */ /import "\\/x"/ `import "/x"`',
    "J7": "if (location.pathname === '/docs') go(\"/api\"); switch (p) { case '/': }",
    "J8": 'const API = "http://localhost:3000/api"',
    "J9": "location = '/x'; location.href = '/x'; top.location = '/x'",
    "J10": "render(location.pathname)",
    "J11": 'eval("location=\'/x\'"); document.write("<script src=/x></scr" + "ipt>")',
    "J12": "a()\n//# sourceMappingURL=/x.map",
    "J13": '__webpack_public_path__ = "/"; require.config({baseUrl: "/js"})',
    "J15": '#!/usr/bin/env node\n"use strict"\n<!-- x\n',
    "C10": 'const css = "a{background:url(/x.png)}"; updateStyle("/src/a.css", css)',
}


@pytest.mark.parametrize("body", [pytest.param(text, id=f"{key}-script-of-a-page") for key, text in BODIES.items()])
@pytest.mark.parametrize("destination", ["script", "", "empty"])
def test_scripts_of_pages_are_never_touched(body: str, destination: str) -> None:
    one = plan(("Content-Type", "text/javascript"), ("Content-Length", "5"), ("ETag", '"1"'), facts=asked(destination))
    assert one.whole(body.encode()) == body.encode()
    assert one.headers == [
        ("Content-Type", "text/javascript"), ("Content-Length", "5"), ("ETag", '"1"'), ("Vary", "Sec-Fetch-Dest"),
        ("X-Hatchway-Rewrite", "L0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        pytest.param("worker", 'import "/abc123/__hw/worker-', id="J1-worker"),
        pytest.param("sharedworker", 'import "/abc123/__hw/worker-', id="J1-shared-worker"),
        pytest.param("serviceworker", 'import "/abc123/__hw/worker-', id="J1-service-worker"),
        pytest.param("audioworklet", 'import x from "/abc123/a.js"', id="J5-audio-worklet"),
    ],
)
def test_scripts_that_import_maps_do_not_reach(destination: str, expected: str) -> None:
    one = plan(("Content-Type", "text/javascript"), facts=asked(destination))
    out = one.whole(b'import x from "/a.js"').decode()
    assert out.startswith(expected)
    assert out.endswith('import x from "/abc123/a.js"')
    assert plan(("Content-Type", "text/javascript"), facts=asked(destination), mode="static").whole(b"x") == b"x"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("application/json", '{"next": "http://localhost:3000/x?page=2", "url": "/x"}', id="D1-json"),
        pytest.param("application/hal+json", '{"_links": {"self": {"href": "/x"}}}', id="D1-hal"),
        pytest.param("application/ld+json", '{"@id": "/x"}', id="D1-json-ld"),
        pytest.param("application/vnd.api+json", '{"links": {"next": "/x"}}', id="D1-json-api"),
        pytest.param("application/graphql-response+json", '{"data": {"url": "/x"}}', id="D1-graphql"),
        pytest.param("application/json", '{"servers": [{"url": "/"}], "paths": {"/api/x": {}}}', id="D2-openapi"),
        pytest.param(
            "application/json", '{"swagger": "2.0", "basePath": "/", "host": "localhost:3000"}', id="D2-swagger"
        ),
        pytest.param("application/yaml", "servers:\n- url: /\n", id="D2-yaml"),
        pytest.param("application/rss+xml", "<link>http://localhost:3000/x</link>", id="D5-rss"),
        pytest.param("application/atom+xml", '<link href="/x"/>', id="D5-atom"),
        pytest.param("text/xml", "<url><loc>http://localhost:3000/x</loc></url>", id="D5-sitemap"),
        pytest.param("text/event-stream", 'data: <a href="/x">\n\n', id="D6-events"),
        pytest.param("application/dash+xml", "<BaseURL>/x</BaseURL>", id="D7-dash"),
        pytest.param("text/vtt", "WEBVTT\n\n/x", id="D7-webvtt"),
        pytest.param("text/plain", '<a href="/x">', id="D8-plain"),
        pytest.param("text/markdown", "[x](/x)", id="D8-markdown"),
        pytest.param("application/octet-stream", "<html><a href=/x>", id="D8-bytes"),
        pytest.param("application/wasm", "\0asm /x", id="D8-wasm"),
        pytest.param("application/grpc-web", "/x", id="D8-grpc"),
        pytest.param("text/x-component", '1:["/x"]', id="D8-server-components"),
        pytest.param("application/x-ndjson", '{"a":"/x"}\n', id="D8-lines-of-json"),
        pytest.param("multipart/x-mixed-replace; boundary=b", "--b\r\n\r\n<a href=/x>", id="D9-replace"),
        pytest.param("multipart/byteranges; boundary=b", "--b\r\n\r\n<a href=/x>", id="D9-ranges"),
        pytest.param("application/json", '{"html": "<a href=\\"/x\\">"}', id="D10-html-in-json"),
        pytest.param("text/event-stream", "event: patch\ndata: <img src=/x>\n\n", id="D10-html-in-events"),
        pytest.param("text/plain", "<!doctype html><a href=/x>", id="H30-plain-text-is-never-html"),
    ],
)
@pytest.mark.parametrize("destination", ["empty", "", "document"])
def test_data_is_never_touched(content_type: str, body: str, destination: str) -> None:
    one = plan(("Content-Type", content_type), facts=asked(destination))
    assert b"".join([*one.feed(body.encode()), *one.close()]) == body.encode()
    if one.kind is not None:  # XML that is shown: looked at for its style sheet
        assert one.report.edits == {}


def test_a_download_is_never_touched_d8() -> None:
    assert plan(HTML, ("Content-Disposition", 'Attachment; filename="x.html"')).whole(PAGE) == PAGE


@pytest.mark.parametrize("status", [200, 201, 203, 400, 401, 403, 404, 418, 500, 503])
def test_pages_are_rewritten_whatever_their_status_h30(status: int) -> None:
    assert PAGE_OUT in plan(HTML, status=status).whole(PAGE)


@pytest.mark.parametrize(
    ("headers", "body", "rewritten"),
    [
        pytest.param([], PAGE, True, id="H30-no-content-type"),
        pytest.param([("X-Content-Type-Options", "nosniff")], PAGE, False, id="H30-nosniff"),
        pytest.param([("Content-Type", "")], PAGE, True, id="H30-empty-content-type"),
        pytest.param([], b'  {"a": "<a href=/x>"}', False, id="H30-sniffed-as-something-else"),
        pytest.param([HTML], b"\x89PNG\r\n\x1a\n\0\0<a href=/x>", False, id="H28-binary"),
        pytest.param([HTML], b'{"a": "</x>"}', False, id="H28-json"),
        pytest.param([HTML], b"", False, id="H28-empty"),
        pytest.param([("Content-Type", "TEXT/HTML;CHARSET=UTF-8")], PAGE, True, id="H25-spelling"),
        pytest.param([("Content-Type", "text/html; charset=iso-2022-jp")], PAGE, False, id="H25-opaque"),
    ],
)
def test_what_counts_as_a_page(headers: list[Header], body: bytes, rewritten: bool) -> None:
    # Whatever JSON calls itself, a navigation gets the runtime; here only its references matter.
    out = plan(*headers, mode="static").whole(body)
    assert (out != body) is rewritten
    assert (PAGE_OUT in out) is rewritten


@pytest.mark.parametrize(
    ("destination", "body", "loaded"),
    [
        pytest.param("document", b"<p>x", True, id="H28-navigation"),
        pytest.param("iframe", b"<p>x", True, id="H28-frame"),
        pytest.param("empty", b"<p>x", False, id="H28-fragment"),
        pytest.param("empty", PAGE, True, id="H28-whole-page-by-fetch"),
        pytest.param("", b"<p>x", False, id="H28-unknown-fragment"),
        pytest.param("", PAGE, True, id="H28-unknown-page"),
    ],
)
def test_who_gets_the_runtime(destination: str, body: bytes, loaded: bool) -> None:
    assert (b"/__hw/rt-" in plan(HTML, facts=asked(destination)).whole(body)) is loaded


@pytest.mark.parametrize(
    ("mode", "names", "touched"),
    [
        ("auto", "L0, L1, L2, L3, L4", True),
        ("app", "L0, L1, L2, L3, L4", True),
        ("spa", "L0, L1, L2, L3, L4, L5", True),
        ("static", "L0, L1", True),
        ("raw", "L0", False),
        ("host", "L0", False),
    ],
)
def test_each_mode_says_which_layers_ran(mode: str, names: str, touched: bool) -> None:
    one = plan(HTML, mode=mode)
    out = one.whole(PAGE)
    assert fields(one, "x-hatchway-rewrite") == [names]
    assert (PAGE_OUT in out, b"/__hw/" in out) == (touched, "L2" in names)
    assert touched or out == PAGE


def test_r24_without_the_runtime() -> None:
    one = plan(HTML, mode="spa", facts=asked(target="/a?__hw_off"))
    out = one.whole(PAGE)
    assert (PAGE_OUT in out, b"/__hw/" in out) == (True, False)
    assert fields(one, "x-hatchway-rewrite") == ["L0, L1"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=f"RH19-{name}")
        for name in ("Content-MD5", "Digest", "Repr-Digest", "Content-Digest", "Signature", "Signature-Input")
    ],
)
def test_fields_about_bytes_that_change_are_dropped(name: str) -> None:
    page, script = plan(HTML, (name, "x")), plan(("Content-Type", "text/javascript"), (name, "x"))
    page.whole(PAGE)
    assert (fields(page, name), fields(script, name)) == ([], ["x"])


def test_rh21_ranges() -> None:
    page, script = plan(HTML, ("Accept-Ranges", "bytes")), plan(("Content-Type", "a/b"), ("Accept-Ranges", "bytes"))
    page.whole(PAGE)
    assert (fields(page, "accept-ranges"), fields(script, "accept-ranges")) == (["none"], ["bytes"])
    part = plan(HTML, ("Content-Range", "bytes 0-9/100"), status=206)
    assert part.whole(PAGE[:10]) == PAGE[:10]


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        pytest.param(None, "private", id="RH30-none"),
        pytest.param("max-age=60", "max-age=60, private", id="RH30-kept"),
        pytest.param("Public, max-age=60", "Public, max-age=60", id="RH30-public"),
        pytest.param("private, no-store", "private, no-store", id="RH30-private"),
    ],
)
def test_caches(given_value: str | None, expected: str) -> None:
    one = plan(HTML, *([("Cache-Control", given_value)] if given_value else []))
    one.whole(PAGE)
    assert fields(one, "cache-control") == [expected]
    assert fields(one, "vary") == ["Accept-Encoding"]
    other = plan(HTML, ("Vary", "Cookie, accept-encoding"))
    other.whole(PAGE)
    assert fields(other, "vary") == ["Cookie, accept-encoding"]


def test_rh10_every_cookie_has_its_line() -> None:
    cookies = [("Set-Cookie", f"{name}=1; Path=/") for name in "abc"]
    assert fields(plan(*cookies), "set-cookie") == [f"{name}=1; Path=/abc123; Secure" for name in "abc"]


def test_rh17_a_head_request_says_what_get_would() -> None:
    one = plan(HTML, ("Content-Length", "100"), ("ETag", '"1"'), facts=asked(method="HEAD"))
    assert one.is_decided
    assert fields(one, "content-length") == []
    assert fields(one, "etag")[0].startswith('W/"1-hw')
    assert one.whole(b"") == b""
    assert fields(plan(("Content-Length", "5"), facts=asked(method="HEAD")), "content-length") == []
    script = plan(("Content-Type", "text/javascript"), ("Content-Length", "5"), facts=asked(method="HEAD"))
    assert fields(script, "content-length") == ["5"]


def test_rh18_a_rewritten_page_has_a_validator_of_its_own() -> None:
    one, spa, script = plan(HTML, ("ETag", '"v1"')), plan(HTML, ("ETag", '"v1"'), mode="spa"), plan(("ETag", '"v1"'))
    for each in (one, spa, script):
        each.whole(PAGE if each is not script else b"x")
    assert fields(one, "etag") != fields(spa, "etag")
    assert fields(script, "etag") == ['"v1"']
    confirmed = plan(("ETag", '"v1"'), status=304, facts=asked(If_None_Match=fields(one, "etag")[0]))
    assert fields(confirmed, "etag") == fields(one, "etag")
    foreign = plan(("ETag", '"v2"'), status=304, facts=asked(If_None_Match='"v2"'))
    assert fields(foreign, "etag") == ['"v2"']


def _deflate(data: bytes) -> bytes:
    return zlib.compress(data)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [pytest.param("gzip", gzip.compress, id="RH20-gzip"), pytest.param("deflate", _deflate, id="RH20-deflate")],
)
@pytest.mark.parametrize("size", [1, 11, 100_000])
def test_packed_pages(coding: str, pack, size: int) -> None:  # type: ignore[no-untyped-def]
    packed = pack(PAGE * 50)
    one = plan(HTML, ("Content-Encoding", coding))
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    out = b"".join([*(out for piece in pieces for out in one.feed(piece)), *one.close()])
    assert fields(one, "content-encoding") == ["gzip"]
    assert gzip.decompress(out).count(PAGE_OUT) == 50
    plain = plan(HTML, ("Content-Encoding", coding), facts=asked(encoding="br"))
    assert plain.whole(packed).count(PAGE_OUT) == 50
    assert fields(plain, "content-encoding") == []


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param("dcb", PAGE, id="RH20-dictionary"),
        pytest.param("gzip, br", gzip.compress(PAGE), id="RH20-stacked"),
        pytest.param("gzip", b"no gzip", id="RH20-corrupt"),
        pytest.param("gzip", gzip.compress(b"<p>" + b"a" * 50_000_000, 9), id="RH20-bomb"),
    ],
)
def test_codings_that_cannot_be_undone_pass(coding: str, body: bytes) -> None:
    one = plan(HTML, ("Content-Encoding", coding), ("Content-Length", str(len(body))))
    assert one.whole(body) == body
    assert fields(one, "content-encoding") == [coding]
    assert fields(one, "content-length") == [str(len(body))]
    assert one.report.notes == ["content-coding"]


def test_policies_make_room_for_the_runtime_rh11_rh12_rh13() -> None:
    own = plan(HTML, ("Content-Security-Policy", "script-src 'self'"))
    own.whole(PAGE)
    assert fields(own, "content-security-policy")[0].startswith("script-src 'self'")
    nonce = plan(HTML, ("Content-Security-Policy", "script-src 'nonce-abc' 'strict-dynamic'"))
    out = nonce.whole(PAGE)
    assert out.count(b'nonce="abc"') == 2
    assert fields(nonce, "content-security-policy") == ["script-src 'nonce-abc' 'strict-dynamic'"]
    hashed = plan(HTML, ("Content-Security-Policy", "script-src 'sha256-AAAA'"))
    hashed.whole(PAGE)
    assert "https://t.example/abc123/__hw/" in fields(hashed, "content-security-policy")[0]
    script = plan(("Content-Security-Policy", "script-src 'sha256-AAAA'"), ("Content-Type", "application/json"))
    assert fields(script, "content-security-policy") == ["script-src 'sha256-AAAA'"]


@pytest.mark.expect_log("rewriter failed")
def test_a_mistake_of_ours_costs_nobody_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: HtmlRewriter, text: str) -> str:
        if "second" in text:
            raise RuntimeError("a mistake")
        return feed(self, text)

    feed = HtmlRewriter.feed
    monkeypatch.setattr(HtmlRewriter, "feed", broken)
    one = plan(HTML, mode="static")
    pieces = [b"<p>first</p><a href=/x>", b"<a href", b"=/y>second", b"<a href=/z>"]
    out = b"".join([*(out for piece in pieces for out in one.feed(piece)), *one.close()])
    assert out == b"<p>first</p><a href=/abc123/x><a href=/y>second<a href=/z>"
    assert one.report.notes == ["failed"]


def test_on_a_host_of_its_own_nothing_but_the_head_changes(on_own_host: RewriteContext) -> None:
    one = plan_response(200, [HTML, ("Link", "</x>")], on_own_host, asked(), layers_of("host", is_spa=False))
    assert one.whole(PAGE) == PAGE
    assert fields(one, "link") == ["</x>"]


def test_rh2_sign_in_redirects_are_mapped_where_that_is_wanted() -> None:
    url = "https://idp/?redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb"
    assert fields(plan(("Location", url), status=302), "location") == [url]
    wanted = plan(("Location", url), status=302, context=replace(CONTEXT, rewrite_oauth=True))
    assert "t.example" in fields(wanted, "location")[0]


@given(st.lists(st.binary(max_size=40), max_size=8), st.sampled_from(["text/html", "text/css", "image/svg+xml", "a/b"]))
def test_any_bytes_in_any_pieces_come_out_as_the_same(pieces: list[bytes], content_type: str) -> None:
    whole = plan(("Content-Type", content_type)).whole(b"".join(pieces))
    one = plan(("Content-Type", content_type))
    assert b"".join([*(out for piece in pieces for out in one.feed(piece)), *one.close()]) == whole
    if content_type == "a/b":
        assert whole == b"".join(pieces)


def test_the_settings_of_the_runtime_are_those_of_the_tunnel() -> None:
    out = plan(HTML, mode="spa").whole(PAGE).decode()
    settings = json.loads(out.partition("data-hw='")[2].partition("'")[0])
    assert settings["prefix"] == "/abc123"
    assert settings["tunnel"] == "abc123"
    assert settings["public"] == "https://t.example"
    assert settings["strip"] is True
    assert settings["source"].startswith("/abc123/__hw/rt-")
