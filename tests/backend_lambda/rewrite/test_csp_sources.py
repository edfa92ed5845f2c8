"""Source lists of the app `http://localhost:3000`, shown below `https://t.example/abc123`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.csp_sources import Place, Source, allow, covers, map_sources, parse_source, public_place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("https:", Source("https", "", "", ""), id="RH14-scheme"),
        pytest.param("*", Source("", "*", "", ""), id="RH14-anything"),
        pytest.param("X.Example", Source("", "x.example", "", ""), id="RH14-host"),
        pytest.param("localhost:3000", Source("", "localhost", "3000", ""), id="RH14-host-and-port"),
        pytest.param("localhost:*", Source("", "localhost", "*", ""), id="RH14-any-port"),
        pytest.param("HTTP://*.x.example:80/a/?q", Source("http", "*.x.example", "80", "/a/"), id="RH14-all"),
        pytest.param("http://[::1]:3000", Source("http", "[::1]", "3000", ""), id="RH14-ipv6"),
        *(
            pytest.param(text, None, id=f"RH14-{text}")
            for text in (
                "'self'",
                "'nonce-a'",
                "/x",
                "http://",
                "//x.example",
                "a*b",
                "x:y",
                "x:123456",
                "u@x",
                "*.*.x",
                "",
            )
        ),
    ],
)
def test_source_expressions(text: str, expected: Source | None) -> None:
    assert parse_source(text) == expected


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("*", True),
        ("https:", True),
        ("http:", True),
        ("HTTPS:", True),
        ("ws:", False),
        ("t.example", True),
        ("T.Example", True),
        ("http://t.example", True),
        ("http://t.example:80", True),
        ("https://t.example:443", True),
        ("https://t.example:8443", False),
        ("t.example:*", True),
        ("*.example", True),
        ("*.t.example", False),
        ("https://*", True),
        ("http://*:3000", False),
        ("ws://t.example", False),
        ("t.example/", True),
        ("t.example/p/", True),
        ("t.example/p", False),
        ("t.example/p/a.js", True),
        ("t.example/%70/a.js", True),
        ("t.example/p/a.js/", False),
        ("t.example/p/a.js/b", False),
        ("t.example/P/", False),
        ("t.exampl", False),
    ],
    ids=lambda value: f"RH14-{value}" if isinstance(value, str) else None,
)
def test_what_covers_a_page_script(text: str, covered: bool) -> None:
    source = parse_source(text)
    assert source is not None
    assert covers(source, Place("https", "t.example", 443, "/p/a.js"), "https") is covered


@pytest.mark.parametrize(
    ("text", "covered"),
    [("wss:", True), ("ws://t.example", True), ("t.example", True), ("https:", False), ("*", True)],
    ids=lambda value: f"RH14-{value}" if isinstance(value, str) else None,
)
def test_what_covers_a_websocket(text: str, covered: bool) -> None:
    source = parse_source(text)
    assert source is not None
    assert covers(source, Place("wss", "t.example", 443), "https") is covered


def test_a_page_without_https_is_not_covered_by_it() -> None:
    place = Place("http", "192.168.1.5", 4780)
    for text, covered in (("https:", False), ("192.168.1.5:4780", True), ("https://192.168.1.5:4780", False)):
        assert allow([text], place, "http") is covered


def test_self_covers_what_is_public(below_prefix: RewriteContext, on_own_host: RewriteContext) -> None:
    assert public_place(below_prefix.site, "/x") == Place("https", "t.example", 443, "/x")
    assert public_place(on_own_host.site, None, websocket=True) == Place("wss", "abc123.t.example", 443)
    assert allow(["'SELF'"], public_place(below_prefix.site, None, websocket=True), "https")
    assert not allow(["'none'", "'nonce-a'", "other"], public_place(below_prefix.site, None), "https")


CASES = [
    # what names the app is replaced
    ("http://localhost:3000", "https://t.example"),
    ("http://localhost:3000/", "https://t.example/"),
    ("http://localhost:3000/js/", "https://t.example/abc123/js/"),
    ("http://localhost:3000/a.js", "https://t.example/abc123/a.js"),
    ("HTTP://LocalHost:3000/A.js", "https://t.example/abc123/A.js"),
    ("https://localhost:3000", "https://t.example"),
    ("localhost:3000", "t.example"),
    ("localhost:3000/js/", "t.example/abc123/js/"),
    ("127.0.0.1:3000", "t.example"),
    ("http://[::1]:3000/x", "https://t.example/abc123/x"),
    ("ws://localhost:3000", "wss://t.example"),
    ("wss://localhost:3000/s", "wss://t.example/abc123/s"),
    # the public origin is the app's own already, its paths are not
    ("https://t.example", "https://t.example"),
    ("http://t.example", "http://t.example"),
    ("ws://t.example", "ws://t.example"),
    ("t.example", "t.example"),
    ("https://t.example/js/", "https://t.example/abc123/js/"),
    ("t.example/js/", "t.example/abc123/js/"),
    ("https://t.example/abc123/js/", "https://t.example/abc123/js/"),
    ("wss://t.example/s", "wss://t.example/abc123/s"),
    # what covers the app among others stays
    ("http://localhost:*", "http://localhost:* https://t.example"),
    ("localhost:*", "localhost:* t.example"),
    ("http://*:3000", "http://*:3000 https://t.example"),
    ("*:3000", "*:3000 t.example"),
    ("ws://localhost:*", "ws://localhost:* wss://t.example"),
    ("ws://localhost:*/s", "ws://localhost:*/s wss://t.example/abc123/s"),
    ("http://127.0.0.1:*", "http://127.0.0.1:* https://t.example"),
    # and so does what has nothing to do with it, or covers the public origin as well
    *(
        (text, text)
        for text in (
            "'self'", "'none'", "'unsafe-inline'", "*", "http:", "https:", "ws:", "wss:", "data:", "blob:",
            "https://localhost:*", "https://*", "http://*:*", "http://localhost:3001", "localhost", "http://localhost",
            "*.localhost:3000", "https://t.example:8443/x", "https://t.example.evil/x", "ftp://localhost:3000",
            "https://cdn.example/x", "/x",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[f"RH14-{case[0]}" for case in CASES])
def test_source_of_the_app(text: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_sources([text], below_prefix) == [expected]
    assert " ".join(map_sources(expected.split(), below_prefix)) == expected


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param(["'self'", "http://localhost:*"], id="RH14-self"),
        pytest.param(["ws://localhost:*", "'self'"], id="RH14-self-covers-websockets"),
        pytest.param(["https:", "localhost:*"], id="RH14-scheme"),
        pytest.param(["localhost:*", "*"], id="RH14-anything"),
    ],
)
def test_nothing_is_added_that_the_list_covers(sources: list[str], below_prefix: RewriteContext) -> None:
    assert map_sources(sources, below_prefix) == sources


def test_the_public_origin_is_added_once(below_prefix: RewriteContext) -> None:
    mapped = map_sources(["http://localhost:*", "http://127.0.0.1:*"], below_prefix)
    assert mapped == ["http://localhost:* https://t.example", "http://127.0.0.1:*"]


def test_names_of_an_app_that_is_elsewhere(below_prefix: RewriteContext) -> None:
    elsewhere = replace(below_prefix, upstream_origin="http://app.lan:8000")
    sources = ["http://*.lan:8000", "localhost:8000", "app.lan:8000", "http://app.lan"]
    assert map_sources(sources, elsewhere) == [
        "http://*.lan:8000", "localhost:8000", "t.example", "http://app.lan"
    ]  # fmt: skip


def test_default_port_of_the_app(below_prefix: RewriteContext) -> None:
    port_80 = replace(below_prefix, upstream_origin="http://localhost")
    assert map_sources(["http://localhost/a", "localhost:80", "http://localhost:3000"], port_80) == [
        "https://t.example/abc123/a", "t.example", "http://localhost:3000"
    ]  # fmt: skip
