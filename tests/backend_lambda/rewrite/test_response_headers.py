from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.headers import Header
from backend_lambda.rewrite.response_headers import map_response_headers

_U = "http://localhost:3000"
_E = "https://t.example"
_IDP = "https://idp/?redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb"


def _mapped(
    headers: list[Header],
    context: RewriteContext,
    status: int = 200,
    *,
    method: str = "GET",
    body_changed: bool = False,
    request_path: str | None = None,
) -> list[Header]:
    return map_response_headers(
        status, headers, context, method=method, body_changed=body_changed, request_path=request_path
    )


_CASES: list[tuple[str, str, str, str | None]] = [
    ("RH1", "Location", "/x", "/abc123/x"),
    ("RH1", "location", f"{_U}/x", "/abc123/x"),
    ("RH1", "Location", "//localhost:3000/x", "/abc123/x"),
    *(("RH1", "Location", url, url) for url in ("x", "?q", "../x", "https://other/", "")),
    ("RH2", "Location", _IDP, _IDP),
    ("RH3", "Content-Location", "/x", "/abc123/x"),
    ("RH3", "Content-Base", f"{_U}/x/", "/abc123/x/"),
    (
        "RH4",
        "Link",
        '</a.css>; rel=preload; as=style, </b>; rel=next; imagesrcset="/c 1x"',
        '</abc123/a.css>; rel=preload; as=style, </abc123/b>; rel=next; imagesrcset="/abc123/c 1x"',
    ),
    ("RH4", "Link", "<https://cdn/a.css>; rel=preload", "<https://cdn/a.css>; rel=preload"),
    ("RH5", "Refresh", "0;url=/n", "0;url=/abc123/n"),
    ("RH5", "Refresh", "0; URL='/n'", "0; URL='/abc123/n'"),
    ("RH5", "Refresh", "5", "5"),
    ("RH6", "Set-Cookie", "s=1; Path=/; Secure", "s=1; Path=/abc123; Secure"),
    ("RH7", "Set-Cookie", "s=1; Domain=localhost; Secure", "s=1; Secure"),
    ("RH8", "Set-Cookie", "s=1; SameSite=None", "s=1; SameSite=None; Secure"),
    ("RH9", "Set-Cookie", "__Host-x=1; Path=/; Secure", "__Secure-hw.abc123.Host-x=1; Path=/abc123; Secure"),
    ("RH22", "Access-Control-Allow-Origin", _U, _E),
    ("RH22", "Access-Control-Allow-Origin", "http://127.0.0.1:3000", _E),
    *(("RH22", "Access-Control-Allow-Origin", value, value) for value in ("*", "null", "https://other")),
    ("RH22", "Access-Control-Allow-Credentials", "true", "true"),
    ("RH22", "Vary", "Origin", "Origin"),
    ("RH22", "Timing-Allow-Origin", f"https://other, {_U}", f"https://other, {_E}"),
    ("RH23", "Service-Worker-Allowed", "/", "/abc123/"),
    ("RH23", "Service-Worker-Allowed", "/x", "/abc123/x"),
    ("RH23", "Service-Worker-Allowed", "/abc123", "/abc123/"),
    ("RH23", "Service-Worker-Allowed", f"{_E}/", "/abc123/"),
    ("RH23", "Service-Worker-Allowed", "../..", "/abc123/"),
    ("RH23", "Service-Worker-Allowed", ".\t./", "/abc123/"),
    ("RH23", "Service-Worker-Allowed", "%2e%2E/", "/abc123/"),
    ("RH23", "Service-Worker-Allowed", "/abc123/../", "/abc123/"),
    ("RH23", "Service-Worker-Allowed", "sub/", "sub/"),
    *(
        ("RH23", "Service-Worker-Allowed", value, None)
        for value in ("https://u@t.example/", "//u@t.example/", "\\\\t.example.\\", "https:\t//t.example./")
    ),
    ("RH24", "SourceMap", "/m.map", "/abc123/m.map"),
    ("RH24", "X-SourceMap", "/m.map", "/abc123/m.map"),
    *(("RH25", "Clear-Site-Data", value, None) for value in ('"storage"', '"cookies"', '"cache"', '"*"')),
    *(
        ("RH26", name, "x", None)
        for name in ("Strict-Transport-Security", "Alt-Svc", "Public-Key-Pins", "Expect-CT", "alt-svc")
    ),
    ("RH27", "X-Frame-Options", f"ALLOW-FROM {_U}", None),
    ("RH27", "X-Frame-Options", "SAMEORIGIN", "SAMEORIGIN"),
    ("RH27", "Cross-Origin-Opener-Policy", "same-origin", "same-origin"),
    *(
        ("RH28", name, "x", None)
        for name in (
            "Early-Data",
            "Connection",
            "Keep-Alive",
            "TE",
            "Trailer",
            "Upgrade",
            "Transfer-Encoding",
            "Proxy-Authenticate",
            "Proxy-X",
        )
    ),
    ("RH29", "Speculation-Rules", '"/s.json", "t.json"', '"/abc123/s.json", "t.json"'),
    ("RH29", "No-Vary-Search", 'params=("/a")', 'params=("/a")'),
    ("RH31", "Content-Disposition", 'attachment; filename="/x"', 'attachment; filename="/x"'),
    ("RH31", "WWW-Authenticate", 'Basic realm="/x"', 'Basic realm="/x"'),
    *(
        ("RH31", name, "/x", "/abc123/x")
        for name in (
            "X-Pjax-Url",
            "HX-Redirect",
            "HX-Location",
            "HX-Push-Url",
            "HX-Replace-Url",
            "Turbo-Location",
            "X-Inertia-Location",
            "X-Nextjs-Redirect",
        )
    ),
    ("RH31", "HX-Push-Url", "false", "false"),
    (
        "RH31",
        "HX-Location",
        '{"path":"\\/x", "target":"#t", "values":{"path":"/y"}}',
        '{"path": "/abc123/x", "target": "#t", "values": {"path": "/y"}}',
    ),
    ("RH31", "HX-Location", '{"path":"x",', '{"path":"x",'),
    ("RH31", "X-Nextjs-Matched-Path", "/[id]", "/[id]"),
    ("control", "X-Hatchway-Rewrite", "forged", None),
    ("unsafe", "X-A", "1\r\nSet-Cookie: a=1", None),
    ("unsafe", "Location", "/x\nSet-Cookie: a=1", None),
    ("unsafe", "Location", "/\u010a", None),
    ("unsafe", "X:A", "1", None),
]


@pytest.mark.parametrize(
    ("name", "value", "expected"), [c[1:] for c in _CASES], ids=[f"{c[0]}-{c[1]}-{c[2]!r:.30}" for c in _CASES]
)
def test_field_below_the_prefix(name: str, value: str, expected: str | None, below_prefix: RewriteContext) -> None:
    assert _mapped([(name, value)], below_prefix) == ([] if expected is None else [(name, expected)])


_ON_HOST: list[tuple[str, str, str, str | None]] = [
    ("RH1", "Location", "/x", "/x"),
    ("RH1", "Location", f"{_U}/x", "/x"),
    ("RH1", "Location", f"{_U}//evil/x", "https://abc123.t.example//evil/x"),
    ("RH4", "Link", f"<{_U}/a>; rel=next", "</a>; rel=next"),
    ("RH6", "Set-Cookie", "s=1; Path=/; Domain=localhost", "s=1; Path=/; Secure"),
    ("RH9", "Set-Cookie", "__Host-x=1; Path=/; Secure", "__Host-x=1; Path=/; Secure"),
    ("RH22", "Access-Control-Allow-Origin", _U, "https://abc123.t.example"),
    ("RH23", "Service-Worker-Allowed", "/", "/"),
    ("RH25", "Clear-Site-Data", '"storage"', '"storage"'),
    ("RH26", "Strict-Transport-Security", "max-age=9", None),
    ("RH26", "Alt-Svc", "clear", None),
    ("RH28", "Keep-Alive", "5", None),
]


@pytest.mark.parametrize(
    ("name", "value", "expected"), [c[1:] for c in _ON_HOST], ids=[f"{c[0]}-{c[1]}-{c[2]!r:.30}" for c in _ON_HOST]
)
def test_field_on_a_host_of_its_own(name: str, value: str, expected: str | None, on_own_host: RewriteContext) -> None:
    assert _mapped([(name, value)], on_own_host) == ([] if expected is None else [(name, expected)])


@pytest.mark.parametrize("status", [201, 301, 302, 303, 307, 308])
def test_location_of_every_status_RH1(status: int, below_prefix: RewriteContext) -> None:
    assert _mapped([("Location", "/x")], below_prefix, status) == [("Location", "/abc123/x")]


def test_relative_location_is_clamped_where_the_request_is_known_RH1_U8(below_prefix: RewriteContext) -> None:
    headers = [("Location", "../../x")]
    assert _mapped(headers, below_prefix, 302, request_path="/a/b") == [("Location", "/abc123/x")]
    assert _mapped(headers, below_prefix, 302, request_path="/a/b/c") == headers


def test_relative_worker_scope_is_kept_where_it_stays_inside_RH23(below_prefix: RewriteContext) -> None:
    headers = [("Service-Worker-Allowed", "../")]
    assert _mapped(headers, below_prefix, request_path="/a/b/sw.js") == headers
    assert _mapped(headers, below_prefix, request_path="/sw.js") == [("Service-Worker-Allowed", "/abc123/")]


def test_early_hints_RH4(below_prefix: RewriteContext) -> None:
    assert _mapped([("Link", "</a>; rel=preload")], below_prefix, 103) == [("Link", "</abc123/a>; rel=preload")]


def test_three_cookies_stay_three_lines_in_order_RH10(below_prefix: RewriteContext) -> None:
    headers = [("Set-Cookie", "a=1"), ("X-A", "1"), ("set-cookie", "b=2"), ("Set-Cookie", "a=3; Path=/")]
    assert _mapped(headers, below_prefix) == [
        ("Set-Cookie", "a=1; Secure"),
        ("X-A", "1"),
        ("set-cookie", "b=2; Secure"),
        ("Set-Cookie", "a=3; Path=/abc123; Secure"),
    ]


@pytest.mark.parametrize(
    ("status", "method", "body_changed", "values", "kept"),
    [
        pytest.param(200, "GET", False, ["5"], True, id="RH17-untouched"),
        pytest.param(200, "GET", True, ["5"], False, id="RH17-rewritten"),
        pytest.param(200, "HEAD", False, ["5"], True, id="RH17-head-untouched"),
        pytest.param(200, "HEAD", True, ["5"], False, id="RH17-head-rewritten"),
        pytest.param(304, "GET", False, ["5"], True, id="RH17-304"),
        pytest.param(204, "GET", False, ["0"], False, id="RH17-204"),
        pytest.param(200, "GET", False, ["5", "5"], False, id="RH17-twice"),
        pytest.param(200, "GET", False, ["+5"], False, id="RH17-invalid"),
    ],
)
def test_content_length(
    status: int, method: str, body_changed: bool, values: list[str], kept: bool, below_prefix: RewriteContext
) -> None:
    headers = [("Content-Length", value) for value in values]
    out = _mapped(headers, below_prefix, status, method=method, body_changed=body_changed)
    assert out == (headers if kept else [])


def test_length_beside_a_transfer_coding_is_dropped_RH17(below_prefix: RewriteContext) -> None:
    assert _mapped([("Content-Length", "5"), ("Transfer-Encoding", "chunked")], below_prefix) == []


def test_fields_named_by_connection_go_RH28(below_prefix: RewriteContext) -> None:
    headers = [("X-A", "1"), ("Connection", "keep-alive, x-a"), ("X-B", "2")]
    assert _mapped(headers, below_prefix) == [("X-B", "2")]


def test_answer_to_a_handshake_RQ16(below_prefix: RewriteContext) -> None:
    headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Accept", "x"), ("Sec-WebSocket-Protocol", "vite-hmr")]
    assert _mapped(headers, below_prefix, 101) == [("Sec-WebSocket-Protocol", "vite-hmr")]


_names = st.sampled_from(
    ["Location", "Link", "Refresh", "Set-Cookie", "Service-Worker-Allowed", "HX-Location", "Speculation-Rules",
     "Content-Length", "X-A", "Access-Control-Allow-Origin", "Timing-Allow-Origin", "Content-Base", "connection"]
) | st.text(max_size=12)  # fmt: skip
_pieces = st.sampled_from(
    ["/", "//", "\\", "..", "%2e", "http:", "localhost:3000", "t.example", "/abc123", "<", ">", '"', ";", ",", "url=",
     "0", " ", "\t", "\n", "\r", "\0", "x", "é", "\u010a", "Path=", "__Host-a=1", "{", "}", ':"', "path"]
)  # fmt: skip
_values = st.lists(_pieces, max_size=10).map("".join) | st.text(max_size=30)
_contexts = st.builds(
    RewriteContext,
    st.just("abc123"),
    st.sampled_from(["/abc123", ""]),
    st.sampled_from(["https://t.example", "http://127.0.0.1:4780"]) | st.text(max_size=20),
    st.just("http://localhost:3000"),
)
_paths = st.sampled_from([None, "/", "/a/b"])


@given(st.lists(st.tuples(_names, _values), max_size=8), _contexts, st.sampled_from([101, 200, 302]), _paths)
def test_never_raises_and_never_splits(
    headers: list[Header], context: RewriteContext, status: int, path: str | None
) -> None:
    out = _mapped(headers, context, status, request_path=path)
    text = "".join(name + value for name, value in out)
    assert not set(text) & set("\r\n\0")
    text.encode("latin-1")
    assert [name for name, _ in out] == _subsequence([name for name, _ in headers], [name for name, _ in out])


@given(st.lists(st.tuples(_names, _values), max_size=4), _contexts, _paths)
def test_mapping_twice_is_mapping_once(headers: list[Header], context: RewriteContext, path: str | None) -> None:
    if "://" not in context.public_origin:
        context = replace(context, public_origin="https://t.example")
    once = _mapped(headers, context, request_path=path)
    assert _mapped(once, context, request_path=path) == once


def _subsequence(names: list[str], wanted: list[str]) -> list[str]:
    """The wanted names that occur in `names` in this order."""
    rest = iter(names)
    return [name for name in wanted if any(name == candidate for candidate in rest)]
