"""Which tunnel a URL names, and the target the service sees, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambda.core.routing import MissingSlash, Route, origin_form, route

BASES = ("localhost", "tunnel.example")


@pytest.mark.parametrize(
    ("target", "upstream"),
    [
        pytest.param("/shop/", "/", id="root"),
        pytest.param("/shop/a/b", "/a/b", id="path"),
        pytest.param("/shop/a%2Fb", "/a%2Fb", id="RQ1 encoded slash"),
        pytest.param("/shop/a%2fb", "/a%2fb", id="RQ1 lower-case escape"),
        pytest.param("/shop//", "//", id="RQ1 double slash"),
        pytest.param("/shop//evil.example/x", "//evil.example/x", id="network-path"),
        pytest.param("/shop/../other/", "/../other/", id="dots"),
        pytest.param("/shop/..%2f..%2fother", "/..%2f..%2fother", id="encoded dots"),
        pytest.param("/shop/@evil.example", "/@evil.example", id="userinfo"),
        pytest.param("/shop/:80/", "/:80/", id="port"),
        pytest.param("/shop/?", "/?", id="RQ1 empty query"),
        pytest.param("/shop/?a", "/?a", id="key without value"),
        pytest.param("/shop/?a=&a=%20+&&", "/?a=&a=%20+&&", id="odd query"),
        pytest.param("/shop/?u=/shop/x?y", "/?u=/shop/x?y", id="marks in query"),
        pytest.param("/shop/a;b=c", "/a;b=c", id="parameters"),
        pytest.param("/shop/\xe9", "/\xe9", id="raw byte"),
        pytest.param("/shop/#x", "/#x", id="fragment"),
        pytest.param("/shop/http://evil.example/", "/http://evil.example/", id="URL as path"),
    ],
)
def test_path_mode_is_byte_exact(target: str, upstream: str) -> None:
    assert route(target, "127.0.0.1:4780", BASES) == Route("shop", "/shop", upstream)
    assert route(upstream, "shop.localhost:4780", BASES) == Route("shop", "", upstream)


@pytest.mark.parametrize(
    ("target", "location"),
    [("/shop", "/shop/"), ("/shop?", "/shop/?"), ("/shop?a=/b", "/shop/?a=/b"), ("/shop?//evil.x", "/shop/?//evil.x")],
    ids=["plain", "empty query", "query", "query like a host"],
)  # fmt: skip
def test_missing_slash_rq2(target: str, location: str) -> None:
    assert route(target, "localhost:4780", BASES) == MissingSlash("shop", location)


@pytest.mark.parametrize(
    "target",
    ["/", "//", "//shop/", "/?shop", "/@host", "/Shop/", "/-shop/", "/shop-/", "/sh_op/", "/sh%6fp/", "/..%2f/", "/../",
     "/.", "/%2e/", "/__hw/agent", "/__hw/", "/shop#x", "/shop\\x/", "/shöp/", f"/{'a' * 64}/", "*", "", "/a.b/"],
)  # fmt: skip
def test_urls_that_name_no_tunnel(target: str) -> None:
    assert route(target, "127.0.0.1:4780", BASES) is None


def test_the_longest_name() -> None:
    assert route(f"/{'a' * 63}/x", "localhost", BASES) == Route("a" * 63, f"/{'a' * 63}", "/x")


@pytest.mark.parametrize(
    "host",
    ["shop.localhost", "shop.localhost:4780", "SHOP.LocalHost:4780", "shop.localhost.", "shop.localhost.:4780",
     "shop.localhost:", "shop.tunnel.example", "shop.tunnel.example:443"],
)  # fmt: skip
def test_host_mode(host: str) -> None:
    assert route("/a?b", host, BASES) == Route("shop", "", "/a?b")


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:4780", "127.0.0.1", "127.0.0.1:4780", "[::1]", "[::1]:4780", "[::ffff:127.0.0.1]:4780",
     "tunnel.example", "other.example", "a.shop.localhost", "shop.localhost.evil.example", "shop.localhost:80a",
     "shop.notlocalhost", "", ".", ".."],
)  # fmt: skip
def test_hosts_that_name_no_tunnel_leave_it_to_the_path(host: str) -> None:
    assert route("/blog/x", host, BASES) == Route("blog", "/blog", "/x")


@pytest.mark.parametrize(
    "host", ["sh_op.localhost", "-shop.localhost", ".localhost", "a@shop.localhost", f"{'a' * 64}.localhost"]
)
def test_a_host_below_the_base_that_is_no_name_is_unknown(host: str) -> None:
    assert route("/blog/x", host, BASES) is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_never_raises_and_never_changes_the_rest(target: str, host: str) -> None:
    found = route(target, host, BASES)
    if isinstance(found, Route):
        assert found.prefix + found.target == target


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a%2Fb?c", ("/a%2Fb?c", None)),
        ("//a", ("//a", None)),
        ("http://shop.localhost/a//b?c", ("/a//b?c", "shop.localhost")),
        ("HTTP://Shop.Localhost:4780/", ("/", "Shop.Localhost:4780")),
        ("https://[::1]:8443/x", ("/x", "[::1]:8443")),
        ("http://a.example", ("/", "a.example")),
        ("http://a.example?q=1", ("/?q=1", "a.example")),
        ("http:///x", None),
        ("*", None),
        ("a.example:443", None),
        ("ftp://a.example/", None),
        ("", None),
    ],
)  # fmt: skip
def test_absolute_form(target: str, expected: tuple[str, str | None] | None) -> None:
    assert origin_form(target) == expected
