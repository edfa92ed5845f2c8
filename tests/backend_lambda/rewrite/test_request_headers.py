from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.headers import Header
from backend_lambda.rewrite.request_headers import map_request_headers

_ADDED = [("X-Forwarded-For", "203.0.113.7"), ("X-Real-IP", "203.0.113.7")]
_HOST = ("Host", "t.example")
_GONE: list[Header] = []


def _mapped(headers: list[Header], context: RewriteContext, *, websocket: bool = False) -> list[Header]:
    """Without Host and what the default policy adds."""
    out = map_request_headers([_HOST, *headers], context, websocket=websocket)
    assert out[0] == ("Host", "localhost:3000")
    assert out[-2:] == _ADDED
    return out[1:-2]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        pytest.param(("Origin", "https://t.example"), [("Origin", "http://localhost:3000")], id="RQ4"),
        pytest.param(("Origin", "null"), [("Origin", "null")], id="RQ4-null"),
        pytest.param(("origin", "https://other"), [("origin", "https://other")], id="RQ4-other"),
        pytest.param(("Referer", "https://t.example/abc123/a?b"), [("Referer", "http://localhost:3000/a?b")], id="RQ5"),
        pytest.param(
            ("Referer", "https://t.example/users"), [("Referer", "http://localhost:3000/users")], id="RQ5-stripped"
        ),
        pytest.param(("Referer", "https://other/a"), [("Referer", "https://other/a")], id="RQ5-external"),
        pytest.param(
            ("Destination", "https://t.example/abc123/f"), [("Destination", "http://localhost:3000/f")], id="webdav"
        ),
        *(
            pytest.param((f"Sec-Fetch-{name}", "x"), [(f"Sec-Fetch-{name}", "x")], id=f"RQ6-{name}")
            for name in ("Site", "Mode", "Dest", "User")
        ),
        *(
            pytest.param((name, "6.6.6.6"), _GONE, id=f"RQ7-{name}")
            for name in (
                "X-Forwarded-For",
                "x-forwarded-host",
                "X-Forwarded-Anything",
                "Forwarded",
                "X-Real-IP",
                "X-ProxyContextPath",
            )
        ),
        *(
            pytest.param((name, "6.6.6.6"), _GONE, id=f"RQ7-{name}")
            for name in ("X_Forwarded_For", "X-Forwarded_Proto", "X_Real_IP", "Transfer_Encoding", "X_Hatchway_Tunnel")
        ),
        pytest.param(("X_Custom", "1"), [("X_Custom", "1")], id="underscore"),
        pytest.param(("Cookie", "hw_pass=1; a=1"), [("Cookie", "a=1")], id="RQ13"),
        pytest.param(("Cookie", "hw_pass=1"), _GONE, id="RQ13-nothing-left"),
        pytest.param(("Cookie", "__Secure-hw.abc123.Host-x=1"), [("Cookie", "__Host-x=1")], id="RQ13-RH9"),
        pytest.param(("Service-Worker", "script"), [("Service-Worker", "script")], id="RQ14"),
        *(
            pytest.param((name, "x"), _GONE, id=f"RH28-{name}")
            for name in (
                "Keep-Alive",
                "TE",
                "Trailer",
                "Upgrade",
                "Transfer-Encoding",
                "Proxy-Authorization",
                "Proxy-Connection",
                "Proxy",
                "HTTP2-Settings",
                "Expect",
            )
        ),
        pytest.param(("Early-Data", "1"), [("Early-Data", "1")], id="RH28-early-data-stays-in-requests"),
        pytest.param(("X-Hatchway-Tunnel", "other"), _GONE, id="control"),
        pytest.param(("X-Amzn-Trace-Id", "Root=1"), _GONE, id="amazon-trace"),
        pytest.param(("X-Amz-Target", "DynamoDB"), [("X-Amz-Target", "DynamoDB")], id="amazon-api-kept"),
        pytest.param(("Content-Length", "12"), [("Content-Length", "12")], id="length"),
        pytest.param(("Content-Length", "-1"), _GONE, id="length-invalid"),
        pytest.param(("Content-Length", "1, 1"), _GONE, id="length-list"),
        pytest.param(("X-A", "1\r\nX-B: 2"), _GONE, id="CRLF"),
        pytest.param(("Referer", "/\n"), _GONE, id="LF-in-mapped"),
        pytest.param(("X-A", "1\0"), _GONE, id="NUL"),
        pytest.param(("X-A", "\u010a"), _GONE, id="not-latin-1"),
        pytest.param(("X-A", "é"), [("X-A", "é")], id="latin-1"),
        pytest.param(("X A", "1"), _GONE, id="bad-name"),
        pytest.param(("", "1"), _GONE, id="empty-name"),
        pytest.param(("Coo\u212aie", "a=1"), _GONE, id="kelvin-sign"),
    ],
)
def test_field(pair: Header, expected: list[Header], below_prefix: RewriteContext) -> None:
    assert _mapped([pair], below_prefix) == expected


def test_fields_named_by_connection_go_wherever_they_stand(below_prefix: RewriteContext) -> None:
    headers = [
        ("X-A", "1"),
        ("Connection", "close, X-a"),
        ("X-B", "2"),
        ("Connection", "x-b, content-length"),
        ("X-C", "3"),
    ]
    assert _mapped([*headers, ("Content-Length", "1")], below_prefix) == [("X-C", "3"), ("Content-Length", "1")]


def test_host_cannot_be_removed_by_connection_RQ3(below_prefix: RewriteContext) -> None:
    assert _mapped([("Connection", "host")], below_prefix) == []


def test_host_is_replaced_in_place_once_and_added_in_front_RQ3(below_prefix: RewriteContext) -> None:
    out = map_request_headers([("A", "1"), ("hOST", "t.example"), ("Host", "evil")], below_prefix)
    assert out == [("A", "1"), ("hOST", "localhost:3000"), *_ADDED]
    assert map_request_headers([("A", "1")], below_prefix)[0] == ("Host", "localhost:3000")


def test_app_told_the_public_host_keeps_the_public_origin_RQ3_RQ4_RQ5(below_prefix: RewriteContext) -> None:
    headers = [_HOST, ("Origin", "https://t.example"), ("Referer", "https://t.example/abc123/a")]
    out = map_request_headers(headers, replace(below_prefix, host_header="public"))
    assert out[:3] == [_HOST, ("Origin", "https://t.example"), ("Referer", "https://t.example/a")]


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Length", "3"), ("content-length", "3")],
        [("Content-Length", "3"), ("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "chunked"), ("Content-Length", "3")],
    ],
)
def test_doubtful_length_is_dropped(headers: list[Header], below_prefix: RewriteContext) -> None:
    assert _mapped(headers, below_prefix) == []


def test_localhost_policy_adds_only_the_address_RQ8(below_prefix: RewriteContext) -> None:
    assert map_request_headers([_HOST], below_prefix) == [("Host", "localhost:3000"), *_ADDED]
    assert map_request_headers([_HOST], replace(below_prefix, visitor_address="")) == [("Host", "localhost:3000")]


def test_aware_policy_tells_everything_RQ9(below_prefix: RewriteContext) -> None:
    aware = replace(below_prefix, forwarded="aware", visitor_address="2001:db8::1")
    headers = [
        _HOST,
        ("Origin", "https://t.example"),
        ("Referer", "https://t.example/abc123/a"),
        ("Forwarded", "for=6"),
    ]
    assert map_request_headers(headers, aware) == [
        ("Host", "localhost:3000"),
        ("Origin", "https://t.example"),
        ("Referer", "https://t.example/abc123/a"),
        ("X-Forwarded-For", "2001:db8::1"),
        ("X-Real-IP", "2001:db8::1"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "t.example"),
        ("X-Forwarded-Prefix", "/abc123"),
        ("X-Forwarded-Context", "/abc123"),
        ("X-ProxyContextPath", "/abc123"),
        ("Forwarded", 'for="[2001:db8::1]";host=t.example;proto=https'),
    ]


def test_aware_policy_on_a_host_of_its_own_has_no_prefix_RQ9(on_own_host: RewriteContext) -> None:
    aware = replace(on_own_host, forwarded="aware", public_origin="http://abc123.localhost:4780")
    out = map_request_headers([_HOST], aware)
    assert [name for name, _ in out if "refix" in name or "ontext" in name] == []
    assert out[-1] == ("Forwarded", 'for=203.0.113.7;host="abc123.localhost:4780";proto=http')


def test_raw_mode_tells_the_prefix_and_nothing_else_RQ8(
    below_prefix: RewriteContext, on_own_host: RewriteContext
) -> None:
    out = map_request_headers([_HOST], replace(below_prefix, tells_prefix=True))
    assert out == [("Host", "localhost:3000"), *_ADDED, ("X-Forwarded-Prefix", "/abc123")]
    assert map_request_headers([_HOST], replace(on_own_host, tells_prefix=True))[1:] == _ADDED


def test_a_visitors_host_cannot_add_elements_to_forwarded_RQ9(below_prefix: RewriteContext) -> None:
    aware = replace(below_prefix, forwarded="aware", public_origin='https://x";for=6.6.6.6;by="\\')
    out = map_request_headers([_HOST], aware)
    assert out[-1] == ("Forwarded", 'for=203.0.113.7;host="x\\";for=6.6.6.6;by=\\"\\\\";proto=https')


def test_websocket_handshake_RQ16(below_prefix: RewriteContext) -> None:
    headers = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Origin", "https://t.example"),
        ("Sec-WebSocket-Key", "x"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("sec-WebSocket-Protocol", "vite-hmr, b"),
    ]
    assert _mapped(headers, below_prefix, websocket=True) == [
        ("Origin", "http://localhost:3000"),
        ("sec-WebSocket-Protocol", "vite-hmr, b"),
    ]


def test_unchanged_pairs_keep_order_case_and_duplicates(below_prefix: RewriteContext) -> None:
    headers = [
        ("x-B", "1"),
        ("ACCEPT", "a"),
        ("X-b", "2"),
        ("accept", "b"),
        ("x-B", "1"),
        ("Cookie", "a=1"),
        ("cookie", "b=2"),
    ]
    assert _mapped(headers, below_prefix) == headers


_names = st.sampled_from(
    ["Host", "connection", "Cookie", "Origin", "Referer", "Content-Length", "X-A", "x-forwarded-for", "bad name"]
) | st.text(max_size=12)
_values = st.sampled_from(["https://t.example/abc123/x", "x-a, host", "5", "a\r\nb"]) | st.text(max_size=30)
_policies: st.SearchStrategy[Literal["localhost", "aware"]] = st.sampled_from(["localhost", "aware"])


@given(st.lists(st.tuples(_names, _values), max_size=8), st.booleans(), _policies, st.text(max_size=20))
def test_never_raises_and_never_splits(
    headers: list[Header], websocket: bool, policy: Literal["localhost", "aware"], odd: str
) -> None:
    for origin in ("https://t.example", odd):
        context = RewriteContext(
            "abc123",
            "/abc123",
            origin,
            "http://localhost:3000",
            forwarded=policy,
            visitor_address=odd,
        )
        out = map_request_headers(headers, context, websocket=websocket)
        text = "".join(name + value for name, value in out)
        assert not set(text) & set("\r\n\0")
        text.encode("latin-1")
        assert all(name for name, _ in out)


@given(st.lists(st.tuples(st.sampled_from(["X-A", "x-b", "Accept", "Range", "Via"]), st.text("ab ,;=", max_size=9))))
def test_order_is_kept(headers: list[Header]) -> None:
    context = RewriteContext("abc123", "/abc123", "https://t.example", "http://localhost:3000")
    assert map_request_headers(headers, context)[1:] == headers
