from __future__ import annotations

import pytest

from app.doctor.targets import KnownTunnel, foreign_page, parse_target, tunnel_page
from app.domain.problems import HatchwayError

SHOP = KnownTunnel("shop", "http://127.0.0.1:4780/shop/", "http://shop.localhost:4780/", "http://localhost:3000")
FAR = KnownTunnel("far", "https://t.example.com/far/", None, "http://localhost:3000")


@pytest.mark.parametrize(
    ("text", "origin", "path"),
    [
        ("3000", "http://localhost:3000", "/"),
        (":3000/", "http://localhost:3000", "/"),
        ("3000/a/b?c=/d#e", "http://localhost:3000", "/a/b?c=/d#e"),
        ("3000?q", "http://localhost:3000", "/?q"),
        ("localhost:3000#f", "http://localhost:3000", "/#f"),
        ("[::1]:3000/a", "http://[::1]:3000", "/a"),
        ("http://LocalHost:80/a//b%2F", "http://localhost", "/a//b%2F"),
        (" https://app.test/x ", "https://app.test", "/x"),
    ],
)
def test_targets(text: str, origin: str, path: str) -> None:
    target = parse_target(text)
    assert (target.service.origin, target.path) == (origin, path)


@pytest.mark.parametrize("text", ["", "/page", "ftp://x/y", "http://user@host/", "70000/x", "http:///x", "a b/c"])
def test_no_targets(text: str) -> None:
    with pytest.raises(HatchwayError) as caught:
        parse_target(text)
    assert caught.value.problem.code == "bad_upstream"


@pytest.mark.parametrize(
    ("text", "base", "path"),
    [
        ("http://127.0.0.1:4780/shop/a?b", "http://127.0.0.1:4780/shop", "/a?b"),
        ("http://127.0.0.1:4780/shop", "http://127.0.0.1:4780/shop", "/"),
        ("http://127.0.0.1:4780/shop?b/c", "http://127.0.0.1:4780/shop", "/?b/c"),
        ("localhost:4780/shop/a", "http://localhost:4780/shop", "/a"),
        ("http://shop.localhost:4780/a", "http://shop.localhost:4780", "/a"),
        ("https://t.example.com/far/", "https://t.example.com/far", "/"),
    ],
)
def test_pages_of_known_tunnels(text: str, base: str, path: str) -> None:
    page = tunnel_page(parse_target(text), [FAR, SHOP])
    assert page is not None
    assert (page.base, page.path) == (base, path)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:4780/shopping/a",
        "http://127.0.0.1:4780/",
        "https://127.0.0.1:4780/shop/",
        "http://127.0.0.1:4781/shop/",
        "http://other.localhost:4780/shop/",
        "3000/shop/",
    ],
)
def test_pages_of_no_known_tunnel(text: str) -> None:
    assert tunnel_page(parse_target(text), [FAR, SHOP]) is None


def test_a_tunnel_that_was_never_online_has_no_pages() -> None:
    assert tunnel_page(parse_target("3000/x"), [KnownTunnel("new", "", None, "http://localhost:3000")]) is None


@pytest.mark.parametrize(
    ("text", "layers", "base", "path"),
    [
        ("https://t.example/shop/a?b", ["L0", "L1"], "https://t.example/shop", "/a?b"),
        ("https://t.example/shop", ["L0", "L1"], "https://t.example/shop", "/"),
        ("https://t.example/Shop/a", ["L0", "L1"], "https://t.example", "/Shop/a"),
        ("https://shop.t.example/a", ["L0"], "https://shop.t.example", "/a"),
    ],
)
def test_pages_of_somebody_elses_tunnel(text: str, layers: list[str], base: str, path: str) -> None:
    page = foreign_page(parse_target(text), layers)
    assert (page.base, page.path, page.tunnel) == (base, path, None)
