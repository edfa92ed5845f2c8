from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.urlmap import map_absolute, map_url, unmap_url

CASES = [
    ("U1", "/x", "/abc123/x"),
    ("U1", "/", "/abc123/"),
    ("U1", "/x?q#f", "/abc123/x?q#f"),
    ("U1", "/%2Fx", "/abc123/%2Fx"),
    ("U1", "/a//b", "/abc123/a//b"),
    ("U1", " /x\n", " /abc123/x\n"),
    ("U1", "\\x", "/abc123\\x"),
    ("U1", "/\tx", "/abc123/\tx"),
    ("U1", "https:/x", "https:/abc123/x"),
    ("U1", "http:/x", "/abc123/x"),
    ("U2", "/abc123", "/abc123"),
    ("U2", "/abc123/x", "/abc123/x"),
    ("U2", "/abc123?q", "/abc123?q"),
    ("U2", "/abc123#f", "/abc123#f"),
    ("U2", "/ab\tc123/x", "/ab\tc123/x"),
    ("U2", "\\abc123\\x", "\\abc123\\x"),
    ("U2", "/abc1234/x", "/abc123/abc1234/x"),
    ("U2", "/ABC123/x", "/abc123/ABC123/x"),
    ("U2", "https://t.example/abc123/x", "https://t.example/abc123/x"),
    ("U2", "//t.example/abc123/x", "//t.example/abc123/x"),
    ("U2", "http://localhost:3000/abc123/x", "/abc123/x"),
    ("U3", "http://localhost:3000/x", "/abc123/x"),
    ("U3", "HTTP://LocalHost:3000/x", "/abc123/x"),
    ("U3", "//localhost:3000/x", "/abc123/x"),
    ("U3", "/\\localhost:3000\\x", "/abc123\\x"),
    ("U3", "http://127.0.0.1:3000/x", "/abc123/x"),
    ("U3", "http://0.0.0.0:3000/x", "/abc123/x"),
    ("U3", "http://[::1]:3000/x", "/abc123/x"),
    ("U3", "https://localhost:3000/x", "/abc123/x"),
    ("U3", "http://localhost:3000", "/abc123/"),
    ("U3", "http://localhost:3000?q#f", "/abc123/?q#f"),
    ("U3", "http://localhost:3000//other/x", "/abc123//other/x"),
    ("U4", "ws://localhost:3000/s", "wss://t.example/abc123/s"),
    ("U4", "wss://t.example/s", "wss://t.example/abc123/s"),
    ("U4", "wss://t.example/abc123/s", "wss://t.example/abc123/s"),
    ("U4", "ws://t.example/s", "wss://t.example/abc123/s"),
    ("U5", "https://t.example/x", "/abc123/x"),
    ("U5", "https://T.example:443/x", "/abc123/x"),
    ("U5", "http://t.example/x", "/abc123/x"),
    ("U5", "http://t.example/abc123/x", "/abc123/x"),
    ("U5", "https://t.example", "/abc123/"),
    ("U6", "http://localhost:3001/x", "http://localhost:3001/x"),
    ("U6", "http://localhost/x", "http://localhost/x"),
    ("U6", "//cdn/x", "//cdn/x"),
    ("U6", "https://other/x", "https://other/x"),
    ("U6", "https://t.example.evil/x", "https://t.example.evil/x"),
    ("U6", "https://t.example:8443/x", "https://t.example:8443/x"),
    ("U6", "http://localhost:3000@evil/x", "http://localhost:3000@evil/x"),
    *(("U7", url, url) for url in ("x", "./x", "../x", "?q", "#f", "", "a/../b", "a:b/c/../d".replace(":", "%3A"))),
    ("U8", "../../../x", "/abc123/x"),
    ("U8", "../../x?q=../y#../z", "/abc123/x?q=../y#../z"),
    ("U8", "..\\.%2e\\%2E./x/..", "/abc123/"),
    ("U8", "/../x", "/abc123/x"),
    ("U8", "/x/../../y/.", "/abc123/y/"),
    ("U8", "/abc123/../x", "/abc123/x"),
    ("U8", "http://localhost:3000/../x", "/abc123/x"),
    ("U8", "https://t.example/abc123/../other/x", "/abc123/other/x"),
    ("U8", "https:../../x", "/abc123/x"),
    *(
        ("U9", url, url)
        for url in (
            "data:text/html,/x",
            "blob:https://t.example/1",
            "javascript:go('/x')",
            "mailto:a@b",
            "tel:1",
            "about:blank",
            "#",
            "{{tpl}}",
            "http:javascript:alert(1)",
        )
    ),
    ("U10", "/\\x", "/\\x"),
    ("U10", "\\/x", "\\/x"),
    ("U10", "/\t/evil", "/\t/evil"),
    ("U10", "///h/x", "///h/x"),
    ("U10", "http:\\\\h\\x", "http:\\\\h\\x"),
]


@pytest.mark.parametrize(("url", "expected"), [c[1:] for c in CASES], ids=[f"{c[0]}-{c[1]!r}" for c in CASES])
def test_reference_of_a_page_at_a_b(url: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_url(url, below_prefix, document_path="/a/b") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("/x", "/x", id="U1"),
        pytest.param("../../x", "../../x", id="U8"),
        pytest.param("http://localhost:3000/x", "/x", id="U3"),
        pytest.param("http://localhost:3000", "/", id="U3-alone"),
        pytest.param("http://localhost:3000//evil/x", "https://abc123.t.example//evil/x", id="U3-not-network-path"),
        pytest.param("http://localhost:3000/\\evil/x", "https://abc123.t.example/\\evil/x", id="U3-backslash"),
        pytest.param("ws://localhost:3000/s", "wss://abc123.t.example/s", id="U4"),
        pytest.param("https://abc123.t.example/x", "https://abc123.t.example/x", id="U5"),
        pytest.param("http://abc123.t.example/x", "/x", id="U5-other-scheme"),
        pytest.param("https://other/x", "https://other/x", id="U6"),
    ],
)
def test_reference_on_a_host_of_its_own(url: str, expected: str, on_own_host: RewriteContext) -> None:
    assert map_url(url, on_own_host) == expected


def test_only_the_loopback_names_of_a_local_upstream_are_its_own(below_prefix: RewriteContext) -> None:
    remote = replace(below_prefix, upstream_origin="http://nas.lan:3000")
    assert map_url("http://nas.lan:3000/x", remote) == "/abc123/x"
    assert map_url("http://localhost:3000/x", remote) == "http://localhost:3000/x"


def test_default_port_may_be_left_out_or_spelled(below_prefix: RewriteContext) -> None:
    port_80 = replace(below_prefix, upstream_origin="http://localhost")
    for url in ("http://localhost/x", "http://localhost:/x", "http://127.0.0.1:80/x"):
        assert map_url(url, port_80) == "/abc123/x"
    assert map_url("https://localhost/x", port_80) == "https://localhost/x"


def test_relative_reference_is_left_alone_where_the_document_is_not_known(below_prefix: RewriteContext) -> None:
    assert map_url("../../../x", below_prefix, document_path=None) == "../../../x"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("http://localhost:3000/x", "https://t.example/abc123/x", id="U3"),
        pytest.param("https://t.example/x", "https://t.example/abc123/x", id="U5"),
        pytest.param("http://t.example/abc123/x", "https://t.example/abc123/x", id="U5-other-scheme"),
        pytest.param("/x", "/abc123/x", id="U1"),
        pytest.param("https://other/x", "https://other/x", id="U6"),
    ],
)
def test_absolute_form_where_a_path_will_not_do(url: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_absolute(url, below_prefix) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://t.example/abc123/a?b", "http://localhost:3000/a?b"),
        ("https://t.example/abc123", "http://localhost:3000/"),
        ("https://t.example/abc123?b", "http://localhost:3000/?b"),
        ("https://t.example/abc1234/a", "http://localhost:3000/abc1234/a"),
        ("https://t.example/users", "http://localhost:3000/users"),
        ("https://t.example", "http://localhost:3000/"),
        ("wss://t.example/abc123/s", "ws://localhost:3000/s"),
        ("/abc123/a", "/a"),
        ("/abc123", "/"),
        ("/abc123//evil/a", "http://localhost:3000//evil/a"),
        ("/a", "/a"),
        ("a", "a"),
        ("", ""),
        ("https://other/abc123/a", "https://other/abc123/a"),
        ("http://localhost:3000/abc123/a", "http://localhost:3000/abc123/a"),
    ],
)
def test_way_back(url: str, expected: str, below_prefix: RewriteContext) -> None:
    assert unmap_url(url, below_prefix) == expected


_pieces = st.sampled_from(
    ["/", "\\", "//", "..", ".", "%2e", "%2E.", "?", "#", ":", "@", "http:", "https:", "ws:", "localhost:3000",
     "t.example", "/abc123", "abc123", "evil", "x", " ", "\t", "\n", "\x00", "é"]
)  # fmt: skip
_urls = st.lists(_pieces, max_size=9).map("".join) | st.text(max_size=20)
_contexts = st.builds(
    RewriteContext,
    st.just("abc123"),
    st.sampled_from(["/abc123", ""]),
    st.sampled_from(["https://t.example", "http://127.0.0.1:4780", "http://t.example"]),
    st.sampled_from(["http://localhost:3000", "https://localhost:8443", "http://nas.lan"]),
)


@given(_urls, _contexts, st.sampled_from(["/", "/a/b", "/a/b/", None]))
@example("http:/x", RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3000"), "/")
def test_mapping_twice_is_mapping_once(url: str, context: RewriteContext, document_path: str | None) -> None:
    for function in (map_url, map_absolute):
        once = function(url, context, document_path=document_path)
        assert function(once, context, document_path=document_path) == once


@given(st.lists(st.sampled_from(["a", "b.js", "%2F", "abc1234", "", "é", ".well-known"]), max_size=5), _contexts)
def test_own_urls_come_back(segments: list[str], context: RewriteContext) -> None:
    url = f"{context.upstream_origin}/{'/'.join(segments)}?q=1#f"
    assert unmap_url(map_absolute(url, context), context) == url
    if not url.startswith(f"{context.upstream_origin}//") and context.prefix:
        path = url.removeprefix(context.upstream_origin)
        assert unmap_url(map_url(path, context), context) == path


@given(st.text(max_size=30), st.text(max_size=10), st.text(max_size=20), st.text(max_size=20), st.text(max_size=10))
def test_no_text_raises(url: str, prefix: str, public: str, upstream: str, document_path: str) -> None:
    context = RewriteContext("abc123", prefix, public, upstream)
    assert isinstance(map_url(url, context, document_path=document_path), str)
    assert isinstance(unmap_url(url, context), str)
