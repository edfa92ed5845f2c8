from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.cookies import map_cookie, map_set_cookie, public_name, restore_name

_SET = [
    ("RH6", "s=1; Path=/; Secure", "s=1; Path=/abc123; Secure"),
    ("RH6", "s=1; Secure", "s=1; Secure"),
    ("RH6", "s=1; Path=/app; Secure", "s=1; Path=/abc123/app; Secure"),
    ("RH6", "s=1; path = /app ; Secure", "s=1; path = /abc123/app ; Secure"),
    ("RH6", "s=1; Path=/abc123/x; Secure", "s=1; Path=/abc123/x; Secure"),
    ("RH6", "s=1; Path=/abc1234; Secure", "s=1; Path=/abc123/abc1234; Secure"),
    ("RH6", "s=1; Path=; Secure; Path=x", "s=1; Path=; Secure; Path=x"),
    ("RH7", "s=1; Domain=localhost; Secure", "s=1; Secure"),
    ("RH7", "s=1; DOMAIN=.example.com; Secure", "s=1; Secure"),
    ("RH8", "s=1", "s=1; Secure"),
    ("RH8", "s=1; SameSite=None", "s=1; SameSite=None; Secure"),
    ("RH8", "s=1;", "s=1; Secure"),
    (
        "RH8",
        's="a=b, c/+%20"; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=9; Partitioned; Priority=High; secure',
        's="a=b, c/+%20"; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=9; Partitioned; Priority=High; secure',
    ),
    ("RH9", "__Host-x=1; Path=/; Secure", "__Secure-hw.abc123.Host-x=1; Path=/abc123; Secure"),
    ("RH9", "__host-x=1; Path=/; Secure", "__Secure-hw.abc123.host-x=1; Path=/abc123; Secure"),
    ("RH9", "__Secure-y=1; Secure", "__Secure-y=1; Secure"),
    ("RH9", "__Http-y=1; Secure; HttpOnly", "__Http-y=1; Secure; HttpOnly"),
    ("RQ13", "hw_pass=1; Secure", "__Secure-hw.abc123.Own-hw_pass=1; Secure"),
]


@pytest.mark.parametrize(("line", "expected"), [c[1:] for c in _SET], ids=[f"{c[0]}-{c[1][:40]}" for c in _SET])
def test_set_cookie_below_the_prefix(line: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_set_cookie(line, below_prefix) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("s=1; Path=/app; Domain=localhost", "s=1; Path=/app; Secure", id="RH6-RH7-RH8"),
        pytest.param("__Host-x=1; Path=/; Secure", "__Host-x=1; Path=/; Secure", id="RH9"),
    ],
)
def test_set_cookie_on_a_host_of_its_own(line: str, expected: str, on_own_host: RewriteContext) -> None:
    assert map_set_cookie(line, on_own_host) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("s=1; Secure; HttpOnly; SameSite=None", "s=1; HttpOnly", id="RH8-none"),
        pytest.param("s=1; Secure; SameSite=Strict; Partitioned", "s=1; SameSite=Strict", id="RH8-strict"),
        pytest.param("s=1; Path=/", "s=1; Path=/abc123", id="RH8-absent"),
        pytest.param("__Host-x=1; Path=/; Secure", "hw.abc123.Host-x=1; Path=/abc123", id="RH9-host"),
        pytest.param("__Secure-x=1; Secure", "hw.abc123.Secure-x=1", id="RH9-secure"),
        pytest.param("__Http-x=1; Secure; HttpOnly", "hw.abc123.Http-x=1; HttpOnly", id="RH9-http"),
    ],
)
def test_login_of_an_https_app_survives_plain_http(line: str, expected: str, over_plain_http: RewriteContext) -> None:
    assert map_set_cookie(line, over_plain_http) == expected


def test_host_cookie_on_a_host_of_its_own_over_plain_http(on_own_host: RewriteContext) -> None:
    plain = replace(on_own_host, public_origin="http://abc123.t.example")
    assert map_set_cookie("__Host-x=1; Path=/; Secure", plain) == "hw.abc123.Host-x=1; Path=/"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a=1; b=2;c", "a=1; b=2;c", id="RQ13-untouched"),
        pytest.param("a=hw_; b=2", "a=hw_; b=2", id="RQ13-value-only"),
        pytest.param("hw_pass=1; a=1; __Host-hw_s=2", "a=1", id="RQ13-service"),
        pytest.param("hw_pass=1", None, id="RQ13-service-only"),
        pytest.param("__Secure-hw.xyz789.Host-x=1; a=1", "a=1", id="RQ13-other-tunnel"),
        pytest.param("hw.theme.dark=1", "hw.theme.dark=1", id="RQ13-looks-alike"),
        pytest.param("a=1; __Secure-hw.abc123.Host-x=v=w", "a=1; __Host-x=v=w", id="RH9-restored"),
        pytest.param("hw.abc123.Secure-x=1", "__Secure-x=1", id="RH9-plain-http"),
        pytest.param("__Secure-hw.abc123.Own-hw_pass=1", "hw_pass=1", id="RQ13-own-look-alike"),
        pytest.param("__Host-x=planted; __Secure-hw.abc123.Host-x=1", "__Host-x=1", id="RQ13-planted"),
        pytest.param("__Host-x=1; __Secure-hw.abc123.Host-x=1; b=1", "__Host-x=1; b=1", id="RQ13-planted-same"),
        pytest.param("__Host-x=1; hw_pass=1", "__Host-x=1", id="RQ13-literal"),
    ],
)
def test_cookie(value: str, expected: str | None, below_prefix: RewriteContext) -> None:
    assert map_cookie(value, below_prefix) == expected


_contexts = st.builds(
    RewriteContext,
    st.just("abc123"),
    st.sampled_from(["/abc123", ""]),
    st.sampled_from(["https://t.example", "http://127.0.0.1:4780"]),
    st.just("http://localhost:3000"),
)
_names = st.builds(
    str.__add__,
    st.sampled_from(["", "__Host-", "__Secure-", "__Http-", "__host-", "hw_", "__Host-hw_", "__Secure-hw_"]),
    st.text(alphabet="abcXYZ0123-_.", min_size=1, max_size=8),
).filter(lambda name: not name.startswith("hw."))


@given(_names, st.text(alphabet="abc=/+ %", max_size=8).map(str.strip), _contexts)
def test_what_the_browser_was_handed_comes_back(name: str, value: str, context: RewriteContext) -> None:
    stored = map_set_cookie(f"{name}={value}; Path=/; Secure", context).partition(";")[0]
    assert stored == f"{public_name(name, context)}={value}"
    assert map_cookie(f"other=1; {stored}", context) == f"other=1; {name}={value}"
    assert restore_name(public_name(name, context), "abc123") == name


_attributes = st.sampled_from(
    [" Path=/", " path=/abc123", "Path=/a", " Domain=x", " Secure", " SameSite=None", " Partitioned", "", " x=y"]
)


@given(_names | st.text(max_size=10), st.lists(_attributes, max_size=6), _contexts)
def test_mapping_twice_is_mapping_once(name: str, attributes: list[str], context: RewriteContext) -> None:
    once = map_set_cookie(";".join([f"{name}=1", *attributes]), context)
    assert map_set_cookie(once, context) == once


@given(st.text(max_size=40) | st.text(alphabet="hw.abc123_HostSecure-; =", max_size=60), _contexts)
def test_no_text_raises(value: str, context: RewriteContext) -> None:
    assert isinstance(map_set_cookie(value, context), str)
    assert isinstance(map_cookie(value, context), str | None)
